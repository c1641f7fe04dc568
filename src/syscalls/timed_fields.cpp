// SPDX-License-Identifier: Apache-2.0
#include "syscalls/timed_fields.h"

#include <algorithm>

#include "events/event.h"

namespace outrider {

// clang-format off: a table
constexpr FieldDescriptor kLatencyField{
    "evt.latency", FieldType::kDuration, "ns", "how long it took", "LATENCY", 9,
    [](const Event& event) {
      const wire_u64 latency = event.as<wire_timed>().latency;
      return latency == WIRE_LATENCY_UNKNOWN ? Value::unknown() : Value::of_unsigned(latency);
    }};
constexpr FieldDescriptor kCpuField{
    "evt.cpu", FieldType::kUnsigned, "", "the CPU where it happened", "CPU", 3,
    [](const Event& event) { return Value::of_unsigned(event.as<wire_timed>().cpu); }};
// clang-format on

bool is_timed(const EventDescriptor& kind) {
  return std::ranges::find(kind.fields, &kLatencyField) != kind.fields.end();
}

}  // namespace outrider
