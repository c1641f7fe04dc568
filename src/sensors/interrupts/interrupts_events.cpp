// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstring>
#include <iterator>

#include "events/event.h"
#include "sensors/interrupts/interrupts_wire.h"
#include "sensors/registry.h"
#include "syscalls/timed_fields.h"

namespace outrider {

namespace {

const wire_hardirq& hardirq_of(const Event& event) { return event.as<wire_hardirq>(); }
const wire_softirq& softirq_of(const Event& event) { return event.as<wire_softirq>(); }

// By number: include/linux/interrupt.h.
constexpr NamedValue kSoftirqs[] = {{"HI"},       {"TIMER"},   {"NET_TX"}, {"NET_RX"},  {"BLOCK"},
                                    {"IRQ_POLL"}, {"TASKLET"}, {"SCHED"},  {"HRTIMER"}, {"RCU"}};

// By number: enum irqreturn, include/linux/irqreturn.h.
constexpr NamedValue kHandled[] = {{"none"}, {"handled"}, {"woke_thread"}};

Value name_of_hardirq(const Event& event) {
  const auto& name = hardirq_of(event).name;
  const std::size_t length = ::strnlen(name, sizeof(name));
  if (length == 0) return Value::unknown();
  return Value::of_text({name, length}, length == sizeof(name) - 1);
}

Value name_of_softirq(const Event& event) {
  const wire_u32 number = softirq_of(event).number;
  return number < std::size(kSoftirqs) ? Value::of_text(kSoftirqs[number].name) : Value::unknown();
}

// clang-format off: a table
constexpr FieldDescriptor kHardirqNumber{
    "evt.arg.irq", FieldType::kUnsigned, "", "its number", "IRQ", 4,
    [](const Event& event) { return Value::of_unsigned(hardirq_of(event).number); }};
constexpr FieldDescriptor kHardirqName{
    "evt.arg.name", FieldType::kText, "", "the name of what runs", "NAME", 16, name_of_hardirq};
constexpr FieldDescriptor kHardirqHandled{
    "evt.arg.handled", FieldType::kText, "",
    "whether it was for this handler: none, handled, woke_thread", "HANDLED", 11,
    [](const Event& event) {
      const wire_u32 handled = hardirq_of(event).handled;
      return handled < std::size(kHandled) ? Value::of_text(kHandled[handled].name)
                                           : Value::unknown();
    }, [] { return std::span<const NamedValue>(kHandled); }};
constexpr FieldDescriptor kSoftirqNumber{
    "evt.arg.irq", FieldType::kUnsigned, "", "its number", "IRQ", 4,
    [](const Event& event) { return Value::of_unsigned(softirq_of(event).number); }};
constexpr FieldDescriptor kSoftirqName{
    "evt.arg.name", FieldType::kText, "", "the name of what runs", "NAME", 16, name_of_softirq};
// clang-format on

std::string_view text_or_unknown(const Value& value) {
  return value.kind == Value::Kind::kText ? value.text : "?";
}

Value info_of(const Event& event, wire_u32 number, const Value& name) {
  const auto& timed = event.as<wire_timed>();
  const std::string took = timed.latency == WIRE_LATENCY_UNKNOWN
                               ? "?"
                               : fmt::format("{:.1f}", static_cast<double>(timed.latency) / 1000);
  return Value::of_text(event.arena->copy(
      fmt::format("{} ({}) for {} us on CPU {}", number, text_or_unknown(name), took, timed.cpu)));
}

Value hardirq_info(const Event& event) {
  return info_of(event, hardirq_of(event).number, name_of_hardirq(event));
}

Value softirq_info(const Event& event) {
  return info_of(event, softirq_of(event).number, name_of_softirq(event));
}

constexpr const FieldDescriptor* kHardirqFields[] = {&kLatencyField, &kHardirqNumber, &kHardirqName,
                                                     &kHardirqHandled, &kCpuField};
constexpr const FieldDescriptor* kSoftirqFields[] = {&kLatencyField, &kSoftirqNumber, &kSoftirqName,
                                                     &kCpuField};
constexpr std::string_view kHardirqColumns[] = {"evt.time",    "evt.cpu",         "evt.arg.irq",
                                                "evt.latency", "evt.arg.handled", "evt.arg.name"};
constexpr std::string_view kSoftirqColumns[] = {"evt.time", "evt.cpu", "evt.arg.irq", "evt.latency",
                                                "evt.arg.name"};
constexpr std::string_view kHardirqPrograms[] = {"hardirq__begin", "hardirq__end"};
constexpr std::string_view kSoftirqPrograms[] = {"softirq__begin", "softirq__end"};

constexpr EventDescriptor kKinds[] = {
    {WIRE_HARDIRQ, "hardirq", "kernel",
     "a handler of an interrupt is done; proc.* is only who was interrupted", kHardirqColumns,
     kHardirqFields, hardirq_info, kHardirqPrograms, shape_of<wire_hardirq>()},
    {WIRE_SOFTIRQ, "softirq", "kernel",
     "work put off by interrupts is done; proc.* is only who was interrupted", kSoftirqColumns,
     kSoftirqFields, softirq_info, kSoftirqPrograms, shape_of<wire_softirq>()},
};

}  // namespace

std::span<const EventDescriptor> interrupts_kinds() { return kKinds; }

}  // namespace outrider
