// SPDX-License-Identifier: Apache-2.0
#include "streams/kernel_groups_plan.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "language/filter_tables.h"
#include "language/pushdown.h"

namespace outrider {

namespace {

// Whether the kernel knows at the exit of a call, before it has read any path, if the condition
// holds.
bool is_decided_at_once(const Condition& condition,
                        const std::vector<const EventDescriptor*>& kinds) {
  std::vector<std::uint16_t> wire_kinds;
  for (const EventDescriptor* kind : kinds) {
    // The others come as records in any case.
    if (can_be_added_up(std::span(&kind, 1)))
      wire_kinds.push_back(static_cast<std::uint16_t>(kind->kind));
  }
  const PushedCondition pushed = push_down(condition, wire_kinds);
  const PushedCondition* one[] = {&pushed};
  return pushed.certain && !make_filter_tables(one).widened &&
         std::ranges::all_of(pushed.clauses.clauses(), [](const Clause& clause) {
           return std::ranges::all_of(clause.constraints, [](const Constraint& constraint) {
             return constraint.dimension.kind == DimensionKind::kNumber ||
                    constraint.dimension == Dimension{DimensionKind::kPrefix, FILTER_COMM};
           });
         });
}

}  // namespace

std::expected<wire_aggregation, std::string> plan_groups(
    const AggregateRequest& groups, const std::vector<const EventDescriptor*>& kinds,
    const TraceRequest& request, const Condition* condition) {
  struct Reason {
    bool holds;
    std::string_view text;
  };
  const Reason reasons[] = {
      {!can_be_added_up(kinds), "these kinds of events always come as records"},
      {condition != nullptr && !is_decided_at_once(*condition, kinds),
       "the condition needs more than numbers and comm"},
      {request.max_events != 0, "--max-events counts there"},
  };
  for (const Reason& reason : reasons) {
    if (reason.holds) return std::unexpected(std::string(reason.text));
  }
  return in_kernel(groups);
}

}  // namespace outrider
