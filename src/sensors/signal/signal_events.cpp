// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <csignal>
#include <iterator>

#include "events/event.h"
#include "sensors/registry.h"
#include "sensors/signal/signal_wire.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

const wire_signal& signal_of(const Event& event) { return event.as<wire_signal>(); }

std::string_view name_of(const Event& event) {
  return signal_name(static_cast<int>(signal_of(event).signal), *event.arena);
}

// In the order of the kernel's enum, include/trace/events/signal.h.
constexpr std::string_view kResults[] = {"delivered", "ignored", "already_pending", "queue_full",
                                         "info_lost"};

// clang-format off: a table
constexpr FieldDescriptor kSignal{
    "evt.arg.sig", FieldType::kText, "", "the signal", "SIGNAL", 9,
    [](const Event& event) { return Value::of_text(name_of(event)); }};
constexpr FieldDescriptor kTarget{
    "evt.arg.pid", FieldType::kUnsigned, "", "the process that it is for", "TARGET", 7,
    [](const Event& event) { return Value::of_unsigned(signal_of(event).pid); }};
constexpr FieldDescriptor kThread{
    "evt.arg.tid", FieldType::kUnsigned, "", "the thread that it is for", "THREAD", 7,
    [](const Event& event) { return Value::of_unsigned(signal_of(event).tid); }};
constexpr FieldDescriptor kResult{
    "evt.arg.result", FieldType::kText, "",
    "what the kernel did with it: delivered, ignored, already_pending, queue_full, info_lost",
    "RESULT", 15, [](const Event& event) {
      const wire_u32 result = signal_of(event).result;
      return result < std::size(kResults) ? Value::of_text(kResults[result]) : Value::unknown();
    }};
constexpr FieldDescriptor kFrom{
    "evt.arg.from", FieldType::kText, "",
    "process: sent by a call of proc.*; kernel: proc.* is only who was running", "FROM", 7,
    [](const Event& event) {
      const int code = static_cast<int>(signal_of(event).code);
      const bool called = code == SI_USER || code == SI_TKILL || code == SI_QUEUE;
      return Value::of_text(called ? "process" : "kernel");
    }};
// clang-format on

Value info(const Event& event) {
  return Value::of_text(
      event.arena->copy(fmt::format("{} to {}", name_of(event), signal_of(event).pid)));
}

constexpr const FieldDescriptor* kFields[] = {&kSignal, &kTarget, &kThread, &kResult, &kFrom};
constexpr std::string_view kColumns[] = {"evt.time",      "proc.pid",    "proc.name",
                                         "evt.arg.from",  "evt.arg.sig", "evt.arg.pid",
                                         "evt.arg.result"};
constexpr std::string_view kPrograms[] = {"signal__generate"};

constexpr EventDescriptor kKinds[] = {
    {WIRE_SIGNAL, "signal", "process", "a signal is sent", kColumns, kFields, info, kPrograms,
     shape_of<wire_signal>()},
};

}  // namespace

std::span<const EventDescriptor> signal_kinds() { return kKinds; }

}  // namespace outrider
