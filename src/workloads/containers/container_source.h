// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "workloads/containers/container.h"

namespace outrider {

// Who knows containers by their ids: the socket of a runtime.
class ContainerSource {
 public:
  virtual ~ContainerSource() = default;
  // What it knows of the container with this (whole) id; nullopt if it has none, or has not
  // answered until `deadline`. Never about another one: what it says is taken for this id's.
  // Called by several threads at once. Sets the sources of its texts; the name is the one
  // that people gave, and what earlier sources said stays whatever it says.
  virtual std::optional<Container> describe(const std::string& id,
                                            std::chrono::steady_clock::time_point deadline) = 0;
};

}  // namespace outrider
