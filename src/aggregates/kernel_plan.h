// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <span>
#include <string>

#include "aggregates/aggregate.h"
#include "events/wire.h"

namespace outrider {

// How the kernel can gather the groups of a request, or why it cannot. It can if all fields are
// known at the exit of a system call without building a record; there are few of them.
std::expected<wire_aggregation, std::string> in_kernel(const AggregateRequest& request);

// Bytes of struct wire_group that its keys have.
std::size_t key_size_of(const wire_aggregation& aggregation);

// What the event of a group is, as far as the fields of the request can tell.
wire_file event_of(const wire_aggregation& aggregation, const wire_group& group);

// Its part, if these are the sums of the CPUs.
Portion portion_of(const wire_group& group, std::span<const wire_portion> by_cpu);

}  // namespace outrider
