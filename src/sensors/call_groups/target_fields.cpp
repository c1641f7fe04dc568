// SPDX-License-Identifier: Apache-2.0
#include "sensors/call_groups/target_fields.h"

#include <optional>

#include "events/event.h"
#include "syscalls/arguments.h"
#include "workloads/process.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

// As the caller has it, in its pid namespace; 0 is the caller itself.
std::optional<std::uint32_t> pid_of(const Event& event) {
  const int place = place_of(event, "pid");
  if (place < 0) return std::nullopt;
  const Value value = argument_number_at(event, static_cast<std::size_t>(place));
  if (value.kind != Value::Kind::kSigned || value.signed_value < 0) return std::nullopt;
  return static_cast<std::uint32_t>(value.signed_value);
}

// nullptr if it is not known: one that the caller's namespace numbers in its own way, or a thread
// that is not its process's first.
const Process* target_of(const Event& event) {
  const auto pid = pid_of(event);
  if (!pid) return nullptr;
  if (*pid == 0 || *pid == event.header->vpid) return event.process;
  if (event.header->vpid != event.header->pid || event.processes == nullptr) return nullptr;
  return event.processes->find_parent(*pid, 0, event.header->time);
}

template <KnownText Process::* text>
Value text_of_target(const Event& event) {
  if (!pid_of(event)) return Value::missing();
  const Process* target = target_of(event);
  return target == nullptr ? Value::unknown() : (target->*text).value();
}

// clang-format off: a table
constexpr FieldDescriptor kPid{
    "target.pid", FieldType::kUnsigned, "", "the process that it is about, as its caller numbers it",
    "TARGET", 7, [](const Event& event) {
      const auto pid = pid_of(event);
      return pid ? Value::of_unsigned(*pid) : Value::missing();
    }};
constexpr FieldDescriptor kName{
    "target.name", FieldType::kText, "", "comm of that process", "TARGETCOMM", 15,
    text_of_target<&Process::name>};
constexpr FieldDescriptor kExe{
    "target.exepath", FieldType::kPath, "", "executable of that process", "TARGETEXE", 24,
    text_of_target<&Process::exe>};
constexpr FieldDescriptor kCommandLine{
    "target.cmdline", FieldType::kText, "", "arguments of that process", "TARGETLINE", 30,
    text_of_target<&Process::command_line>};
// clang-format on

}  // namespace

const FieldDescriptor* const kTargetFields[4] = {&kPid, &kName, &kExe, &kCommandLine};

}  // namespace outrider
