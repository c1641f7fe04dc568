// SPDX-License-Identifier: Apache-2.0
#include "syscalls/event_fields.h"

#include <fmt/format.h>

#include <iterator>

#include "events/decode.h"
#include "events/event.h"
#include "syscalls/arguments.h"
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

bool is_call(const Event& event) { return is_file_kind(event) || event.header->kind == WIRE_EXEC; }

// "dirfd=AT_FDCWD path=/etc/hosts flags=O_RDONLY", without those that the call did not look at.
Value arguments_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr || !is_file_kind(event)) return Value::missing();
  fmt::memory_buffer text;
  for (std::size_t place = 0; place < call->arguments.size(); ++place) {
    // The upper half of the argument before it.
    if (call->arguments[place].type == ArgumentType::kSizeHigh) continue;
    const Value value = argument_text_at(event, place);
    if (value.kind == Value::Kind::kMissing) continue;
    if (text.size() != 0) text.push_back(' ');
    fmt::format_to(std::back_inserter(text), "{}={}", call->arguments[place].name,
                   value.kind == Value::Kind::kText ? value.text : "?");
    // What follows would be taken for the rest of it.
    if (value.cut) return Value::of_text(event.arena->copy({text.data(), text.size()}), true);
  }
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

template <Value (*read)(const Event&, std::size_t)>
Value argument_by(const Event& event, const FieldArgument& argument) {
  if (argument.text.empty()) return read(event, argument.index);
  const Call* call = call_of(event);
  if (call == nullptr) return Value::missing();
  const int place = place_of(*call, argument.text);
  return place < 0 ? Value::missing() : read(event, static_cast<std::size_t>(place));
}

constexpr NamedValue kAbis[] = {{"64"}, {"32"}};
constexpr NamedValue kWays[] = {{"io_uring"}};
constexpr NamedValue kDirections[] = {{"<"}, {">"}};
constexpr NamedValue kCategories[] = {{"file"}, {"process"}};

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
    },
    result_names};
constexpr FieldDescriptor kRawResult{
    "evt.rawres", FieldType::kSigned, "", "what the call returned", "RAWRES", 6,
    [](const Event& event) {
      if (call_of(event) == nullptr) return Value::missing();
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      return Value::of_signed(result_of(event));
    },
    error_names};
constexpr FieldDescriptor kAbi{
    "evt.abi", FieldType::kText, "", "word size of the call: 64 or 32 bits", "ABI", 3,
    [](const Event& event) {
      if (event.header->flags & WIRE_IO_URING) return Value::missing();
      if (!is_file_kind(event) && event.header->kind != WIRE_EXEC) return Value::missing();
      return Value::of_text(event.header->flags & WIRE_COMPAT ? "32" : "64");
    },
    [] { return std::span<const NamedValue>(kAbis); }};
constexpr FieldDescriptor kVia{
    "evt.via", FieldType::kText, "", "io_uring, if the request came that way", "VIA", 8,
    [](const Event& event) {
      return event.header->flags & WIRE_IO_URING ? Value::of_text("io_uring") : Value::missing();
    },
    [] { return std::span<const NamedValue>(kWays); }};
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
constexpr FieldDescriptor kUserStack{
    "evt.stack.user", FieldType::kTextList, "",
    "return addresses in the program, innermost first; --stack user", "USERSTACK", 20,
    [](const Event& event) {
      return stack_value(*event.header, WIRE_STACK_USER, *event.arena);
    }};
constexpr FieldDescriptor kKernelStack{
    "evt.stack.kernel", FieldType::kTextList, "",
    "return addresses in the kernel, innermost first; --stack kernel", "KERNELSTACK", 20,
    [](const Event& event) {
      return stack_value(*event.header, WIRE_STACK_KERNEL, *event.arena);
    }};

// Not of every event's JSON.
constexpr FieldDescriptor kDirection{
    "evt.dir", FieldType::kText, "", "<: events tell how calls ended", "DIR", 3,
    [](const Event&) { return Value::of_text("<"); },
    [] { return std::span<const NamedValue>(kDirections); }};
constexpr FieldDescriptor kCategory{
    "evt.category", FieldType::kText, "", "what it is about: file or process", "CATEGORY", 8,
    [](const Event& event) { return Value::of_text(is_file_kind(event) ? "file" : "process"); },
    [] { return std::span<const NamedValue>(kCategories); }};
constexpr FieldDescriptor kFailed{
    "evt.failed", FieldType::kText, "", "whether it is a call that failed", "FAILED", 6,
    [](const Event& event) {
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      return Value::of_truth(is_call(event) && result_of(event) < 0);
    },
    truth_names};
constexpr FieldDescriptor kSystemCall{
    "syscall.type", FieldType::kText, "", "the system call; not of events that are none", "SYSCALL",
    10, [](const Event& event) {
      const Call* call = call_of(event);
      return call != nullptr ? Value::of_text(call->name) : Value::missing();
    }};
constexpr FieldDescriptor kArguments{
    "evt.args", FieldType::kText, "", "arguments of the system call, by name", "ARGS", 40,
    arguments_of};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {
    &kTime, &kBootTime, &kKind, &kType, &kResult,    &kRawResult,  &kAbi,
    &kVia,  &kInfo,     &kLate, &kTorn, &kUserStack, &kKernelStack};

constexpr const FieldDescriptor* kDerivedFields[] = {&kDirection, &kCategory, &kFailed,
                                                     &kSystemCall, &kArguments};

}  // namespace

std::span<const FieldDescriptor* const> event_fields() { return kFields; }

std::span<const FieldDescriptor* const> derived_event_fields() { return kDerivedFields; }

std::span<const FieldWithArgument> argument_fields() {
  // clang-format off: a table
  static const FieldWithArgument kArgumentFields[] = {
      {{"evt.arg", FieldType::kText, "", "argument of the call, by name or place (0 is first)",
        "ARG", 20, nullptr},
       {.argument = ArgumentUse::kNameOrPlace,
        .read = argument_by<argument_text_at>,
        .argument_names = argument_names()}},
      {{"evt.rawarg", FieldType::kSigned, "", "the same as a number; not of paths", "RAWARG", 10,
        nullptr},
       {.argument = ArgumentUse::kNameOrPlace,
        .read = argument_by<argument_number_at>,
        .argument_names = argument_names()}},
  };
  // clang-format on
  return kArgumentFields;
}

bool has_stacks(const EventDescriptor& kind) {
  return kind.kind == WIRE_EXEC || (kind.kind >= WIRE_OPEN && kind.kind <= WIRE_TRUNCATE);
}

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
