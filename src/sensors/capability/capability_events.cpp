// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "events/event.h"
#include "sensors/capability/capability_wire.h"
#include "sensors/registry.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

const wire_capability_check& check_of(const Event& event) {
  return event.as<wire_capability_check>();
}

std::string_view name_of(const Event& event) {
  const wire_u32 number = check_of(event).capability;
  const auto names = capability_names();
  return number < names.size() ? names[number].name
                               : event.arena->copy(fmt::format("CAP_{}", number));
}

bool is_granted(const Event& event) { return check_of(event).result == 0; }

// clang-format off: a table
constexpr FieldDescriptor kCapability{
    "evt.arg.cap", FieldType::kText, "", "the capability that is asked for", "CAPABILITY", 20,
    [](const Event& event) { return Value::of_text(name_of(event)); }};
constexpr FieldDescriptor kGranted{
    "evt.arg.granted", FieldType::kText, "", "whether the process has it there: true or false",
    "GRANTED", 7, [](const Event& event) { return Value::of_truth(is_granted(event)); },
    truth_names};
constexpr FieldDescriptor kEffective{
    "evt.arg.effective", FieldType::kText, "",
    "true if it is in the effective set, wherever that holds", "EFFECTIVE", 9,
    [](const Event& event) {
      const wire_capability_check& check = check_of(event);
      return Value::of_truth(check.capability < 64 && (check.effective >> check.capability & 1) != 0);
    }, truth_names};
constexpr FieldDescriptor kLevel{
    "evt.arg.userns_level", FieldType::kUnsigned, "",
    "how deep the user namespace is that it is asked for; 0: the host's", "LEVEL", 5,
    [](const Event& event) { return Value::of_unsigned(check_of(event).namespace_level); }};
constexpr FieldDescriptor kNamespace{
    "evt.arg.userns", FieldType::kUnsigned, "", "inode of that user namespace", "USERNS", 10,
    [](const Event& event) { return Value::of_unsigned(check_of(event).namespace_inode); }};
// clang-format on

Value info(const Event& event) {
  const wire_u32 level = check_of(event).namespace_level;
  const std::string where =
      level == 0 ? "" : fmt::format(" in a user namespace of level {}", level);
  return Value::of_text(event.arena->copy(
      fmt::format("{} {}{}", name_of(event), is_granted(event) ? "granted" : "refused", where)));
}

constexpr const FieldDescriptor* kFields[] = {&kCapability, &kGranted, &kEffective, &kLevel,
                                              &kNamespace};
constexpr std::string_view kColumns[] = {"evt.time",   "proc.pid",        "proc.name",
                                         "user.uid",   "evt.arg.granted", "evt.arg.userns_level",
                                         "evt.arg.cap"};
constexpr std::string_view kAsked[] = {"capable__traced", "capable__exit"};
constexpr ProgramChoice kChoices[] = {{.programs = kAsked}};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_CAPABILITY,
     .name = "capability",
     .group = "security",
     .doc = "the kernel asks whether a process has a capability",
     .columns = kColumns,
     .fields = kFields,
     .info = info,
     .record = shape_of<wire_capability_check>(),
     .choices = kChoices},
};

}  // namespace

std::span<const EventDescriptor> capability_kinds() { return kKinds; }

}  // namespace outrider
