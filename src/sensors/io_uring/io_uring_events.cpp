// SPDX-License-Identifier: Apache-2.0
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/argument_fields.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"

namespace outrider {

namespace {

Value argument_named(const Event& event, std::string_view name) {
  const int place = place_of(event, name);
  return place < 0 ? Value::missing() : argument_at(event, static_cast<std::size_t>(place));
}

// clang-format off: a table
constexpr FieldDescriptor kOpcode{
    "evt.arg.opcode", FieldType::kText, "",
    "what the request is to do, or what is registered", "OPCODE", 24,
    [](const Event& event) { return argument_named(event, "opcode"); }};
constexpr FieldDescriptor kDescriptor{
    "fd.num", FieldType::kSigned, "",
    "of a call the descriptor of the ring; of a request the file that it is about, a slot of the "
    "ring's own table with IOSQE_FIXED_FILE", "FD", 4,
    [](const Event& event) { return argument_named(event, "fd"); }};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kOpcode, &kDescriptor};
constexpr std::string_view kColumns[] = {"evt.time", "proc.pid", "proc.name", "evt.info"};
// The ends before the beginnings: what is remembered will be seen to end.
constexpr std::string_view kPrograms[] = {"syscalls__exit", "uring__overflow", "uring__complete",
                                          "uring__submit", "uring__submit_6_0"};
constexpr std::string_view kEnd[] = {"uring__complete"};
// Before 6.0 the hooks do not have the request.
constexpr ProgramChoice kChoices[] = {{.programs = kEnd,
                                       .without = "requests are not seen, only calls about rings",
                                       .type = "io_cmd_data"}};
constexpr std::string_view kCalls[] = {"io_uring_setup", "io_uring_enter", "io_uring_register"};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_URING,
     .name = "io_uring",
     .group = "io",
     .doc = "a ring is made, entered or changed, or a request of one is done",
     .columns = kColumns,
     .fields = kFields,
     .info = [](const Event& event) { return Value::of_text(call_text(event)); },
     .programs = kPrograms,
     .record = shape_of<wire_file>(),
     .derived = kCommonArgumentFields,
     .calls = kCalls,
     .choices = kChoices},
};

}  // namespace

std::span<const EventDescriptor> io_uring_kinds() { return kKinds; }

}  // namespace outrider
