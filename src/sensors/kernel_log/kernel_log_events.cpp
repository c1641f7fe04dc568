// SPDX-License-Identifier: Apache-2.0
#include "events/event.h"
#include "sensors/kernel_log/kernel_log_wire.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

// A line without its end.
Value text_of_line(const Event& event) {
  Value value = text_of(event.as<wire_kernel_log>(), 0);
  while (value.kind == Value::Kind::kText && value.text.ends_with('\n')) {
    value.text.remove_suffix(1);
  }
  return value;
}

// clang-format off: a table
constexpr FieldDescriptor kText{
    "evt.arg.text", FieldType::kText, "", "what the kernel logs", "TEXT", 60, text_of_line};
constexpr FieldDescriptor kCpu{
    "evt.cpu", FieldType::kUnsigned, "", "the CPU where it happened", "CPU", 3,
    [](const Event& event) { return Value::of_unsigned(event.as<wire_kernel_log>().cpu); }};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kText, &kCpu};
constexpr std::string_view kColumns[] = {"evt.time", "evt.cpu", "proc.pid", "proc.name",
                                         "evt.arg.text"};
constexpr std::string_view kLines[] = {"kernel_log__line"};
constexpr ProgramChoice kChoices[] = {{.programs = kLines}};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_KERNEL_LOG,
     .name = "kernel_log",
     .group = "kernel",
     .doc = "the kernel logs a line; proc.* is only who was running",
     .columns = kColumns,
     .fields = kFields,
     .info = text_of_line,
     .record = shape_of<wire_kernel_log>(),
     .choices = kChoices},
};

}  // namespace

std::span<const EventDescriptor> kernel_log_kinds() { return kKinds; }

}  // namespace outrider
