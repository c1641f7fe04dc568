// SPDX-License-Identifier: Apache-2.0
#include "syscalls/event_fields.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

#include "events/decode.h"
#include "events/event.h"
#include "syscalls/arguments.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

bool is_file_kind(const Event& event) {
  return event.header->kind >= WIRE_OPEN && event.header->kind <= WIRE_TRUNCATE;
}

// Whether it is any call, or one of a group of them.
bool is_traced(const EventDescriptor& kind) {
  return kind.kind == WIRE_SYSTEM_CALL || !kind.calls.empty();
}

// Whether the record is a struct wire_file: registers of a call, and its result.
bool has_registers(const Event& event) {
  return is_file_kind(event) || is_traced(*event.descriptor);
}

Value type_of(const Event& event) {
  if (const Call* call = call_of(event)) return Value::of_text(call->name);
  return Value::of_text(event.descriptor->name);
}

bool is_call(const Event& event) { return has_registers(event) || event.header->kind == WIRE_EXEC; }

// Of a kind that is no call and says itself how its events ended.
Value own_result(const Event& event) {
  const auto result = event.descriptor->result(event);
  return result ? Value::of_text(result_name(*result, *event.arena)) : Value::unknown();
}

Value own_failure(const Event& event) {
  const auto result = event.descriptor->result(event);
  return result ? Value::of_truth(*result < 0) : Value::unknown();
}

template <Value (*read)(const Event&, std::size_t)>
Value argument_by(const Event& event, const FieldArgument& argument) {
  if (argument.text.empty()) return read(event, argument.index);
  const int place = place_of(event, argument.text);
  return place < 0 ? Value::missing() : read(event, static_cast<std::size_t>(place));
}

using ReadArgument = Value (*)(const Event&, std::size_t);

// Readers of the arguments of each name, which have no more than the event to go by.
constexpr std::size_t kNamesMax = 512;

template <ReadArgument read, std::size_t name>
Value named_argument(const Event& event) {
  const int place = place_of(event, argument_names()[name]);
  return place < 0 ? Value::missing() : read(event, static_cast<std::size_t>(place));
}

template <ReadArgument read, std::size_t... names>
constexpr auto named_readers(std::index_sequence<names...>) {
  using Read = Value (*)(const Event&);
  return std::array<Read, sizeof...(names)>{&named_argument<read, names>...};
}

constexpr auto kNamedTexts = named_readers<argument_text_at>(std::make_index_sequence<kNamesMax>());
constexpr auto kNamedNumbers =
    named_readers<argument_number_at>(std::make_index_sequence<kNamesMax>());

template <ReadArgument read, std::size_t... places>
constexpr auto placed_readers(std::index_sequence<places...>) {
  return std::array{+[](const Event& event) { return read(event, places); }...};
}

constexpr auto kPlacedTexts = placed_readers<argument_text_at>(std::make_index_sequence<6>());
constexpr auto kPlacedNumbers = placed_readers<argument_number_at>(std::make_index_sequence<6>());

struct NamedFields {
  std::deque<std::string> texts;
  std::unordered_map<std::string_view, FieldDescriptor> by_name;
  // evt.arg.NAME as a number.
  std::unordered_map<std::string_view, FieldDescriptor> numbers;

  NamedFields() {
    const auto names = argument_names();
    for (std::size_t i = 0; i < std::min(names.size(), kNamesMax); ++i) {
      std::string heading(names[i]);
      std::ranges::transform(heading, heading.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
      });
      const std::string name = fmt::format("evt.arg.{}", names[i]);
      add(by_name, name, FieldType::kText, heading, kNamedTexts[i]);
      add(numbers, name, FieldType::kSigned, heading, kNamedNumbers[i]);
      add(by_name, fmt::format("evt.rawarg.{}", names[i]), FieldType::kSigned, heading,
          kNamedNumbers[i]);
    }
  }
  void add(std::unordered_map<std::string_view, FieldDescriptor>& to, std::string name,
           FieldType type, const std::string& heading, Value (*read)(const Event&)) {
    const std::string_view kept = texts.emplace_back(std::move(name));
    const std::string_view column = texts.emplace_back(heading);
    const auto width = static_cast<std::uint8_t>(std::max<std::size_t>(column.size(), 12));
    to.emplace(kept,
               FieldDescriptor{kept, type, "", "the argument of this name", column, width, read});
  }
};

const NamedFields& named_fields() {
  static const NamedFields fields;
  return fields;
}

constexpr NamedValue kAbis[] = {{"64"}, {"32"}};
constexpr NamedValue kWays[] = {{"io_uring"}};
constexpr NamedValue kDirections[] = {{"<"}, {">"}};
// Groups of kinds, and what has none.
constexpr NamedValue kCategories[] = {{"process"}, {"file"},   {"net"},    {"security"}, {"io"},
                                      {"sched"},   {"memory"}, {"kernel"}, {"other"}};

// Of the machine, as it is when somebody first asks.
std::string_view host_name() {
  static const std::string name = [] {
    utsname names{};
    return ::uname(&names) == 0 ? std::string(names.nodename) : std::string();
  }();
  return name;
}

Value category_of(const Event& event) {
  const std::string_view group = event.descriptor->group;
  if (event.header->kind != WIRE_SYSTEM_CALL) return Value::of_text(group);
  const Call* call = call_of(event);
  if (call == nullptr || call->kind == WIRE_NONE) return Value::of_text("other");
  return Value::of_text(call->kind == WIRE_EXEC ? "process" : "file");
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
      if (event.descriptor->result != nullptr) return own_result(event);
      if (!is_call(event)) return Value::missing();
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
      if (!is_call(event)) return Value::missing();
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
    "evt.category", FieldType::kText, "", "what it is about: the group of its kind", "CATEGORY", 8,
    category_of,
    [] { return std::span<const NamedValue>(kCategories); }};
constexpr FieldDescriptor kFailed{
    "evt.failed", FieldType::kText, "", "whether it failed: a call, or what its kind is of", "FAILED", 6,
    [](const Event& event) {
      if (event.header->flags & WIRE_RESULT_UNKNOWN) return Value::unknown();
      if (event.descriptor->result != nullptr) return own_failure(event);
      return Value::of_truth(is_call(event) && result_of(event) < 0);
    },
    truth_names};
constexpr FieldDescriptor kNumber{
    "evt.num", FieldType::kUnsigned, "", "number of the event, from 1 in the order of the stream",
    "NUM", 10, [](const Event& event) {
      return event.number != 0 ? Value::of_unsigned(event.number) : Value::missing();
    }};
constexpr FieldDescriptor kHostName{
    "evt.hostname", FieldType::kText, "", "name of the machine", "HOST", 15,
    [](const Event&) { return Value::of_text(host_name()); }};
constexpr FieldDescriptor kBuffer{
    "evt.buffer", FieldType::kText, "",
    "what the call reads or writes, its beginning; with --show-secrets only", "BUFFER", 24,
    [](const Event& event) {
      return is_traced(*event.descriptor) ? argument_bytes(event) : Value::missing();
    }};
constexpr FieldDescriptor kSystemCall{
    "syscall.type", FieldType::kText, "", "the system call; not of events that are none", "SYSCALL",
    10, [](const Event& event) {
      const Call* call = call_of(event);
      return call != nullptr ? Value::of_text(call->name) : Value::missing();
    }};
// clang-format on

constexpr const FieldDescriptor* kFields[] = {
    &kTime, &kBootTime, &kKind, &kType, &kResult,    &kRawResult,  &kAbi,
    &kVia,  &kInfo,     &kLate, &kTorn, &kUserStack, &kKernelStack};

constexpr FieldDescriptor kArguments{
    "evt.args", FieldType::kText, "", "arguments of the system call, by name", "ARGS",
    40,         arguments_text};
constexpr const FieldDescriptor* kDerivedFields[] = {
    &kDirection, &kCategory, &kFailed, &kNumber, &kHostName, &kSystemCall, &kArguments, &kBuffer};

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
        .argument_names = argument_names()},
       kPlacedTexts},
      {{"evt.rawarg", FieldType::kSigned, "", "the same as a number; not of paths", "RAWARG", 10,
        nullptr},
       {.argument = ArgumentUse::kNameOrPlace,
        .read = argument_by<argument_number_at>,
        .argument_names = argument_names()},
       kPlacedNumbers},
  };
  // clang-format on
  return kArgumentFields;
}

const FieldDescriptor* argument_field(std::string_view name) {
  const NamedFields& fields = named_fields();
  const auto found = fields.by_name.find(name);
  return found == fields.by_name.end() ? nullptr : &found->second;
}

const FieldDescriptor* number_argument_field(std::string_view name) {
  const NamedFields& fields = named_fields();
  const auto found = fields.numbers.find(name);
  return found == fields.numbers.end() ? nullptr : &found->second;
}

bool has_arguments(const EventDescriptor& kind) {
  return is_traced(kind) || (kind.kind >= WIRE_OPEN && kind.kind <= WIRE_TRUNCATE);
}

bool has_stacks(const EventDescriptor& kind) {
  const bool is_probe = kind.kind >= WIRE_PROBE && kind.kind < WIRE_PROBE_LIMIT;
  return kind.kind == WIRE_EXEC || is_probe || has_arguments(kind);
}

std::int64_t result_of(const Event& event) {
  if (has_registers(event)) return event.as<wire_file>().result;
  if (event.header->kind == WIRE_EXEC) return event.as<wire_exec>().result;
  return 0;
}

const Call* call_of(const Event& event) {
  const wire_abi abi = event.header->flags & WIRE_COMPAT ? WIRE_ABI_32 : WIRE_ABI_64;
  if (has_registers(event)) {
    const Call* call = find_call(abi, event.as<wire_file>().call);
    // A file event is of a call that makes its kind.
    const wire_u16 kind = event.header->kind;
    if (call == nullptr || is_traced(*event.descriptor)) return call;
    return call->kind == kind || call->other_kind == kind ? call : nullptr;
  }
  if (event.header->kind != WIRE_EXEC) return nullptr;
  const auto& exec = event.as<wire_exec>();
  if (exec.result < 0) return find_call(abi, exec.call);
  static const Call* const kByPath = find_call("execve");
  static const Call* const kByDescriptor = find_call("execveat");
  return exec.call == 0 ? kByPath : kByDescriptor;
}

}  // namespace outrider
