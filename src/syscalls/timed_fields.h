// SPDX-License-Identifier: Apache-2.0
//
// The fields of kinds whose records begin with struct wire_timed: how long it took, and where.
#pragma once

#include "events/descriptor.h"

namespace outrider {

// evt.latency and evt.cpu.
extern const FieldDescriptor kLatencyField;
extern const FieldDescriptor kCpuField;

// Whether records of a kind begin with struct wire_timed: whether it has the first of these.
bool is_timed(const EventDescriptor& kind);

}  // namespace outrider
