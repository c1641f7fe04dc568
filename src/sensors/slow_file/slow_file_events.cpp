// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "base/path.h"
#include "base/text.h"
#include "events/decode.h"
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "syscalls/slow_wire.h"

namespace outrider {

namespace {

const wire_slow_file& slow_of(const Event& event) { return event.as<wire_slow_file>(); }

std::optional<std::int64_t> result(const Event& event) { return slow_of(event).result; }

Value operation_of(const Event& event) {
  const wire_abi abi = event.header->flags & WIRE_COMPAT ? WIRE_ABI_32 : WIRE_ABI_64;
  const Call* call = find_call(abi, slow_of(event).call);
  return call != nullptr ? Value::of_text(call->name) : Value::unknown();
}

Value real_path_of(const Event& event) {
  return path_of(slow_of(event), WIRE_SLOW_OBJECT, *event.arena);
}

// The path as given, made absolute without looking at any file; by descriptor, the object's own.
Value name_of(const Event& event) {
  const wire_slow_file& slow = slow_of(event);
  const Value given = text_of(slow, WIRE_SLOW_PATH);
  if (given.kind == Value::Kind::kMissing) return real_path_of(event);
  if (given.kind != Value::Kind::kText || given.cut) return given;
  if (given.text.starts_with('/')) {
    return Value::of_text(join_lexically("", given.text, *event.arena));
  }
  const wire_string& start = slow.strings[WIRE_SLOW_BASE];
  if (start.state != WIRE_STRING_WHOLE || start.flags & WIRE_PATH_PSEUDO) return Value::unknown();
  const std::string_view directory = turn_round(string_of(slow, WIRE_SLOW_BASE), *event.arena);
  return Value::of_text(join_lexically(directory, given.text, *event.arena));
}

// clang-format off: a table
constexpr FieldDescriptor kFields[] = {
    {"evt.latency", FieldType::kDuration, "ns", "from the entry of the call to its exit", "LATENCY",
     8, [](const Event& event) { return Value::of_unsigned(slow_of(event).latency); }},
    {"evt.arg.op", FieldType::kText, "", "the system call", "OP", 10, operation_of},
    {"fd.name", FieldType::kPath, "", "the path made absolute, without following links", "PATH", 30,
     name_of},
    {"fd.realpath", FieldType::kPath, "",
     "the object's path as the kernel has it, if the call has a descriptor of it", "REALPATH", 30,
     real_path_of},
    {"fd.ino", FieldType::kUnsigned, "", "inode of the object", "INODE", 8,
     [](const Event& event) {
       if ((event.header->flags & WIRE_OBJECT_KNOWN) == 0) return Value::missing();
       return Value::of_unsigned(slow_of(event).inode); }},
    {"fd.dev", FieldType::kText, "", "device of the object, major:minor", "DEV", 7,
     [](const Event& event) {
       if ((event.header->flags & WIRE_OBJECT_KNOWN) == 0) return Value::missing();
       const std::uint32_t device = slow_of(event).device;
       constexpr unsigned kMinorBits = 20;
       return Value::of_text(event.arena->copy(fmt::format(
           "{}:{}", device >> kMinorBits, device & ((1u << kMinorBits) - 1)))); }},
};
// clang-format on

constexpr auto kFieldPointers = pointers_to(kFields);

Value info(const Event& event) {
  std::string text(operation_of(event).text);
  text += " took ";
  append_duration(text, slow_of(event).latency);
  if (const Value name = name_of(event); name.kind == Value::Kind::kText) {
    text += ' ';
    text += name.text;
  }
  return Value::of_text(event.arena->copy(text));
}

constexpr std::string_view kColumns[] = {"evt.time",    "proc.pid",   "proc.name", "evt.res",
                                         "evt.latency", "evt.arg.op", "fd.name"};
// What ends a call first: what was under way has no beginning.
constexpr std::string_view kPrograms[] = {"slow__exited", "slow__ended", "slow__entered"};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_FSSLOW,
     .name = "fsslow",
     .group = "file",
     .doc = "a call about a file took longer than 10 ms, or than 'evt.latency > 1ms' says",
     .columns = kColumns,
     .fields = kFieldPointers,
     .info = info,
     .programs = kPrograms,
     .record = shape_of<wire_slow_file>(),
     .result = result},
};

}  // namespace

std::span<const EventDescriptor> slow_file_kinds() { return kKinds; }

}  // namespace outrider
