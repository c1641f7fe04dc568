// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/consumer.h"
#include "events/account.h"
#include "events/wire.h"
#include "language/pushdown.h"

namespace outrider {

// A consumer and what has become of its events.
struct ConsumerState {
  ConsumerId id = 0;
  Consumer consumer;
  PushedCondition pushed;
  // Events from this boot time on are its own.
  std::uint64_t since = 0;
  // Events of the kind fsslow that took less are not, ns.
  std::uint64_t slow_bound = 0;
  std::array<bool, WIRE_KIND_LIMIT> wanted{};
  // What user space adds to the kernel's accounts; by kind.
  std::array<KindAccount, WIRE_KIND_LIMIT> accounts{};
  // The kernel's accounts when it came.
  std::array<wire_account, WIRE_KIND_LIMIT> before{};
  std::uint64_t late = 0;
  std::uint64_t cpu = 0;  // ns, see Engine::cpu_of()
  // When it came, how long each kind had not been watched.
  std::array<std::uint64_t, WIRE_KIND_LIMIT> unwatched_before{};
};

using ConsumerStates = std::vector<std::unique_ptr<ConsumerState>>;

// By kind; nullptr: nobody wants it.
using WantedKinds = std::array<const EventDescriptor*, WIRE_KIND_LIMIT>;

}  // namespace outrider
