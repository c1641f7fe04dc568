// SPDX-License-Identifier: Apache-2.0
#include "engine/delivery.h"

#include <algorithm>

#include "language/evaluator.h"
#include "syscalls/event_fields.h"
#include "syscalls/slow_wire.h"

namespace outrider {

namespace {

// Whether a call is one of those that the consumer has named, or slow enough for it.
bool is_selected(const ConsumerState& state, const Event& event) {
  if (event.header->kind == WIRE_FSSLOW) {
    return event.as<wire_slow_file>().latency >= state.slow_bound;
  }
  const auto& calls = state.consumer.calls;
  if (calls.empty() || event.header->kind != WIRE_SYSTEM_CALL) return true;
  return std::ranges::find(calls, call_of(event)) != calls.end();
}

}  // namespace

void hand_on(ConsumerState& state, const Event& event) {
  KindAccount& account = state.accounts[event.header->kind];
  const Condition* condition = state.consumer.condition;
  if (!is_selected(state, event) || (condition != nullptr && !evaluate(*condition, event))) {
    ++account.filtered_agent;
    return;
  }
  switch (state.consumer.deliver(event)) {
    case Outcome::kDelivered:
      ++account.delivered;
      break;
    case Outcome::kUnwanted:
      ++account.filtered_agent;
      break;
    case Outcome::kUnwritten:
      ++account.lost[static_cast<std::size_t>(Loss::kUnwritten)];
      break;
  }
}

}  // namespace outrider
