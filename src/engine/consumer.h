// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "events/event.h"
#include "language/condition.h"
#include "syscalls/calls.h"

namespace outrider {

// What became of an event at its consumer. An unwritten one counts as lost.
enum class Outcome : std::uint8_t { kDelivered, kUnwritten, kUnwanted };

// Who reads events, and which.
struct Consumer {
  std::vector<const EventDescriptor*> kinds;
  // Of the kind syscall only these; empty: all, or those that the condition names.
  std::vector<const Call*> calls = {};
  // Only events for which it holds; nullptr: all. Outlives the consumer.
  const Condition* condition = nullptr;
  // A bit for each of enum wire_stack that its events are to have; those of others may have them
  // too.
  std::uint32_t stacks = 0;
  std::function<Outcome(const Event&)> deliver;
};
using ConsumerId = std::uint32_t;

}  // namespace outrider
