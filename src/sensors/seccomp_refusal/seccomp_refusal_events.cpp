// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iterator>

#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "syscalls/names.h"
#include "syscalls/refusal_wire.h"

namespace outrider {

namespace {

const wire_refusal& refusal_of(const Event& event) { return event.as<wire_refusal>(); }

// By enum wire_refusal_action; the names are those of seccomp(2).
constexpr NamedValue kActions[] = {{"errno"}, {"trap"}, {"kill_thread"}, {"kill_process"}, {"log"}};

std::string_view call_name(const Event& event) {
  const wire_refusal& refusal = refusal_of(event);
  const wire_abi abi = (refusal.header.flags & WIRE_COMPAT) != 0 ? WIRE_ABI_32 : WIRE_ABI_64;
  const Call* call = refusal.call < WIRE_SYSTEM_CALLS
                         ? find_call(abi, static_cast<std::uint16_t>(refusal.call))
                         : nullptr;
  if (call != nullptr) return call->name;
  return event.arena->copy(fmt::format("syscall_{}", refusal.call));
}

Value action_of(const Event& event) {
  const wire_u32 action = refusal_of(event).action;
  return action < std::size(kActions) ? Value::of_text(kActions[action].name) : Value::unknown();
}

Value errno_of(const Event& event) {
  const wire_refusal& refusal = refusal_of(event);
  if (refusal.action != WIRE_REFUSAL_ERRNO) return Value::missing();
  return Value::of_text(result_name(-static_cast<std::int64_t>(refusal.error), *event.arena));
}

// clang-format off: a table
constexpr FieldDescriptor kCall{
    "evt.arg.call", FieldType::kText, "", "the system call", "CALL", 16,
    [](const Event& event) { return Value::of_text(call_name(event)); }};
constexpr FieldDescriptor kAction{
    "evt.arg.action", FieldType::kText, "",
    "what the filter did: errno, trap, kill_thread, kill_process; or only log", "ACTION", 12,
    action_of, [] { return std::span<const NamedValue>(kActions); }};
constexpr FieldDescriptor kErrno{
    "evt.arg.errno", FieldType::kText, "", "the errno that the caller got from it", "ERRNO", 7,
    errno_of};
// clang-format on

Value info(const Event& event) {
  const Value action = action_of(event), error = errno_of(event);
  return Value::of_text(
      event.arena->copy(fmt::format("{}: {}", call_name(event),
                                    error.kind == Value::Kind::kText    ? error.text
                                    : action.kind == Value::Kind::kText ? action.text
                                                                        : "?")));
}

constexpr const FieldDescriptor* kFields[] = {&kCall, &kAction, &kErrno};
constexpr std::string_view kColumns[] = {"evt.time",    "proc.pid",       "proc.name",
                                         "user.uid",    "evt.arg.action", "evt.arg.errno",
                                         "evt.arg.call"};
constexpr std::string_view kPrograms[] = {"refusal__signal"};
constexpr std::string_view kEnter[] = {"refusal__filter", "refusal__enter"};
constexpr std::string_view kExit[] = {"refusal__filter", "refusal__exit"};
constexpr std::string_view kAudit[] = {"refusal__audit"};
// Either the one of both, or the other two.
constexpr ProgramChoice kChoices[] = {
    {.programs = kEnter},
    {.programs = kExit},
    {.programs = kAudit,
     .without = "calls that a filter only logs are not seen, nor single threads that it kills"}};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_SECCOMP_REFUSAL,
     .name = "seccomp_refusal",
     .group = "security",
     .doc = "a seccomp filter refuses a system call",
     .columns = kColumns,
     .fields = kFields,
     .info = info,
     .programs = kPrograms,
     .record = shape_of<wire_refusal>(),
     .choices = kChoices},
};

}  // namespace

std::span<const EventDescriptor> seccomp_refusal_kinds() { return kKinds; }

}  // namespace outrider
