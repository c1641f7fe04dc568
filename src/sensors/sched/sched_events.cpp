// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "events/event.h"
#include "sensors/registry.h"
#include "sensors/sched/sched_wire.h"
#include "syscalls/timed_fields.h"

namespace outrider {

namespace {

const wire_sched& sched_of(const Event& event) { return event.as<wire_sched>(); }

// By enum wire_sched_reason.
constexpr NamedValue kReasons[] = {{"?"},       {"new"}, {"preempted"}, {"sleeping"},
                                   {"blocked"}, {"io"},  {"stopped"},   {"idle"}};

std::span<const NamedValue> reason_names() { return std::span(kReasons).subspan(1); }

Value reason_of(const Event& event) {
  const wire_u32 reason = sched_of(event).reason;
  if (reason == WIRE_SCHED_UNKNOWN || reason >= std::size(kReasons)) return Value::unknown();
  return Value::of_text(kReasons[reason].name);
}

// clang-format off: a table
constexpr FieldDescriptor kOffCpu{
    "evt.arg.offcpu", FieldType::kDuration, "ns", "how long it did not run, with its waiting",
    "OFFCPU", 9, [](const Event& event) {
      const wire_u64 off_cpu = sched_of(event).off_cpu;
      if (sched_of(event).reason == WIRE_SCHED_NEW) return Value::missing();
      return off_cpu == WIRE_LATENCY_UNKNOWN ? Value::unknown() : Value::of_unsigned(off_cpu);
    }};
constexpr FieldDescriptor kReason{
    "evt.arg.reason", FieldType::kText, "",
    "why it had left its CPU: preempted, sleeping, blocked, io, stopped, idle; or it is new",
    "REASON", 9, reason_of, reason_names};
constexpr FieldDescriptor kPrevious{
    "evt.arg.previous", FieldType::kUnsigned, "",
    "the thread that ran on this CPU before; 0: it was idle", "PREVIOUS", 8,
    [](const Event& event) { return Value::of_unsigned(sched_of(event).previous_tid); }};
// clang-format on

std::string text_of_time(wire_u64 time) {
  return time == WIRE_LATENCY_UNKNOWN ? "?"
                                      : fmt::format("{:.1f} us", static_cast<double>(time) / 1000);
}

Value info(const Event& event) {
  const wire_sched& sched = sched_of(event);
  const Value reason = reason_of(event);
  const std::string_view why = reason.kind == Value::Kind::kText ? reason.text : "?";
  return Value::of_text(event.arena->copy(
      fmt::format("runs after {} in the queue, {} off the CPU ({})",
                  text_of_time(sched.timed.latency), text_of_time(sched.off_cpu), why)));
}

constexpr const FieldDescriptor* kFields[] = {&kLatencyField, &kOffCpu, &kReason, &kPrevious,
                                              &kCpuField};
constexpr std::string_view kColumns[] = {"evt.time",       "evt.cpu",       "proc.pid",
                                         "thread.tid",     "proc.name",     "evt.latency",
                                         "evt.arg.offcpu", "evt.arg.reason"};
constexpr std::string_view kPrograms[] = {"sched__wakeup", "sched__new", "sched__switch"};

constexpr EventDescriptor kKinds[] = {
    {WIRE_SCHED, "sched", "sched",
     "a thread begins to run; evt.latency is how long it waited for a CPU", kColumns, kFields, info,
     kPrograms, shape_of<wire_sched>()},
};

}  // namespace

std::span<const EventDescriptor> sched_kinds() { return kKinds; }

}  // namespace outrider
