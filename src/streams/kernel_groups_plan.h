// SPDX-License-Identifier: Apache-2.0
//
// Whether the kernel can add up what `trace --by` asks for.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "aggregates/kernel_plan.h"
#include "events/descriptor.h"
#include "language/condition.h"
#include "streams/trace_request.h"

namespace outrider {

// How the kernel can add the events up, or why it cannot.
std::expected<wire_aggregation, std::string> plan_groups(
    const AggregateRequest& groups, const std::vector<const EventDescriptor*>& kinds,
    const TraceRequest& request, const Condition* condition);

}  // namespace outrider
