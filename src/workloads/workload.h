// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "workloads/containers/container.h"

namespace outrider {

// What a cgroup is: a container, or something of the host itself.
struct Workload {
  enum class State : std::uint8_t {
    kUnknown,  // not found out yet, or for ever
    kHost,
    kContainer,
  };
  State state = State::kUnknown;
  // Nothing more will be learnt.
  bool complete = false;
  // Raised whenever something has been learnt.
  std::uint32_t version = 0;
  Container container;  // of kContainer
  std::string unit;     // of systemd; empty: none
};

}  // namespace outrider
