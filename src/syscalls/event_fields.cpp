// SPDX-License-Identifier: Apache-2.0
#include "syscalls/event_fields.h"

#include "events/event.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

bool is_file_kind(const Event& event) {
  return event.header->kind >= WIRE_OPEN && event.header->kind <= WIRE_TRUNCATE;
}

Value type_of(const Event& event) {
  if (const Call* call = call_of(event)) return Value::of_text(call->name);
  return Value::of_text(event.descriptor->name);
}

// clang-format off: a table
constexpr FieldDescriptor kTime{
    "evt.time", FieldType::kTime, "ns", "wall clock time of the event", "TIME", 12,
    [](const Event& event) {
      return Value::of_unsigned(static_cast<std::uint64_t>(
          static_cast<std::int64_t>(event.header->time) + event.wall_offset));
    }};
constexpr FieldDescriptor kBootTime{
    "evt.boottime", FieldType::kUnsigned, "ns", "time since boot, which orders events",
    "BOOTTIME", 16, [](const Event& event) { return Value::of_unsigned(event.header->time); }};
constexpr FieldDescriptor kKind{
    "evt.kind", FieldType::kText, "", "kind of the event, as given to trace", "KIND", 8,
    [](const Event& event) { return Value::of_text(event.descriptor->name); }};
constexpr FieldDescriptor kType{
    "evt.type", FieldType::kText, "", "the system call, or the one that does the same", "TYPE", 10,
    type_of};
constexpr FieldDescriptor kResult{
    "evt.res", FieldType::kText, "", "SUCCESS, or the name of the errno", "RES", 7,
    [](const Event& event) {
      if (!is_file_kind(event) && event.header->kind != WIRE_EXEC) return Value::missing();
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      return Value::of_text(result_name(result_of(event), *event.arena));
    }};
constexpr FieldDescriptor kRawResult{
    "evt.rawres", FieldType::kSigned, "", "what the call returned", "RAWRES", 6,
    [](const Event& event) {
      if (call_of(event) == nullptr) return Value::missing();
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      return Value::of_signed(result_of(event));
    }};
constexpr FieldDescriptor kAbi{
    "evt.abi", FieldType::kText, "", "word size of the call: 64 or 32 bits", "ABI", 3,
    [](const Event& event) {
      if (event.header->flags & WIRE_IO_URING) return Value::missing();
      if (!is_file_kind(event) && event.header->kind != WIRE_EXEC) return Value::missing();
      return Value::of_text(event.header->flags & WIRE_COMPAT ? "32" : "64");
    }};
constexpr FieldDescriptor kVia{
    "evt.via", FieldType::kText, "", "io_uring, if the request came that way", "VIA", 8,
    [](const Event& event) {
      return event.header->flags & WIRE_IO_URING ? Value::of_text("io_uring") : Value::missing();
    }};
constexpr FieldDescriptor kInfo{
    "evt.info", FieldType::kText, "", "the event in a few words", "INFO", 30,
    [](const Event& event) { return event.descriptor->info(event); }};
constexpr FieldDescriptor kLate{
    "evt.late", FieldType::kUnsigned, "", "1 if it came too late for its place in the order",
    "LATE", 4, [](const Event& event) {
      return event.late ? Value::of_unsigned(1) : Value::missing();
    }};
constexpr FieldDescriptor kTorn{
    "evt.torn", FieldType::kUnsigned, "",
    "1 if something was renamed while a path of it was read", "TORN", 4,
    [](const Event& event) {
      std::span<const wire_string> strings;
      if (is_file_kind(event)) strings = event.as<wire_file>().strings;
      if (event.header->kind == WIRE_EXEC) strings = event.as<wire_exec>().strings;
      wire_u8 flags = 0;
      for (const wire_string& string : strings) flags |= string.flags;
      return flags & WIRE_PATH_TORN ? Value::of_unsigned(1) : Value::missing();
    }};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {&kTime,   &kBootTime,  &kKind, &kType,
                                              &kResult, &kRawResult, &kAbi,  &kVia,
                                              &kInfo,   &kLate,      &kTorn};

}  // namespace

std::span<const FieldDescriptor* const> event_fields() { return kFields; }

std::int64_t result_of(const Event& event) {
  if (is_file_kind(event)) return event.as<wire_file>().result;
  if (event.header->kind == WIRE_EXEC) return event.as<wire_exec>().result;
  return 0;
}

const Call* call_of(const Event& event) {
  const wire_abi abi = event.header->flags & WIRE_COMPAT ? WIRE_ABI_32 : WIRE_ABI_64;
  if (is_file_kind(event)) return find_call(abi, event.as<wire_file>().call);
  if (event.header->kind == WIRE_EXEC && event.as<wire_exec>().result < 0) {
    return find_call(abi, event.as<wire_exec>().call);
  }
  return nullptr;
}

}  // namespace outrider
