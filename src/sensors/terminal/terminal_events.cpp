// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdint>
#include <iterator>

#include "events/decode.h"
#include "events/event.h"
#include "sensors/registry.h"
#include "syscalls/argument_fields.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

enum class Direction : std::uint8_t { kTyped, kShown, kInjected, kControl };

constexpr std::string_view kWords[] = {"typed", "shown", "injected", "control"};
constexpr NamedValue kDirections[] = {{"typed"}, {"shown"}, {"injected"}, {"control"}};

Direction direction_of(const Event& event) {
  const Call* call = call_of(event);
  if (call == nullptr || call->when != WIRE_WHEN_AT_TERMINAL) {
    constexpr std::uint64_t kInsert = 0x5412;  // TIOCSTI: include/uapi/asm-generic/ioctls.h
    const bool inserts = call != nullptr && call->when == WIRE_WHEN_TO_TERMINAL &&
                         (event.as<wire_file>().arguments[1] & 0xffffffff) == kInsert;
    return inserts ? Direction::kInjected : Direction::kControl;
  }
  const bool reads = call->name == "read" || call->name == "readv" || call->name == "preadv2";
  return reads ? Direction::kTyped : Direction::kShown;
}

std::string_view word_of(Direction direction) {
  return kWords[static_cast<std::size_t>(direction)];
}

// The kernel calls them pts3 where the directory of devices has pts/3.
Value terminal_of(const Event& event) {
  const Value name = text_of(event.as<wire_file>(), kTerminalCapture);
  constexpr std::string_view kPseudo = "pts";
  if (name.kind != Value::Kind::kText || !name.text.starts_with(kPseudo)) return name;
  return Value::of_text(
      event.arena->copy(fmt::format("{}/{}", kPseudo, name.text.substr(kPseudo.size()))));
}

// How many bytes were typed, shown or injected; missing of what is no text.
Value bytes_of(const Event& event) {
  const std::int64_t result = result_of(event);
  switch (direction_of(event)) {
    case Direction::kTyped:
    case Direction::kShown:
      return Value::of_unsigned(result < 0 ? 0 : static_cast<std::uint64_t>(result));
    case Direction::kInjected:
      return Value::of_unsigned(result < 0 ? 0 : 1);
    case Direction::kControl:
      return Value::missing();
  }
  return Value::missing();
}

Value data_of(const Event& event) {
  const Value bytes = bytes_of(event);
  if (bytes.kind != Value::Kind::kUnsigned || bytes.unsigned_value == 0) return Value::missing();
  const Value data = text_of(event.as<wire_file>(), kTerminalDataCapture);
  if (event.show_secrets && data.kind != Value::Kind::kMissing) return data;
  return Value::of_text(event.arena->copy(fmt::format("<{} bytes>", bytes.unsigned_value)));
}

// clang-format off: a table
constexpr FieldDescriptor kTerminal{
    "evt.arg.tty", FieldType::kText, "", "the terminal: pts/3, ttyS0", "TTY", 8, terminal_of};
constexpr FieldDescriptor kDirection{
    "evt.arg.direction", FieldType::kText, "",
    "typed (a program reads it), shown (a program writes it), injected (TIOCSTI: as if it had been "
    "typed), or control: TIOCSCTTY and its like, vhangup", "DIRECTION", 9,
    [](const Event& event) { return Value::of_text(word_of(direction_of(event))); },
    [] { return std::span<const NamedValue>(kDirections); }};
constexpr FieldDescriptor kBytes{
    "evt.arg.bytes", FieldType::kUnsigned, "bytes", "how much was typed, shown or injected",
    "BYTES", 6, bytes_of};
constexpr FieldDescriptor kData{
    "evt.arg.data", FieldType::kText, "",
    "what was: masked without --show-secrets; at most 4096 bytes", "DATA", 40, data_of};
constexpr FieldDescriptor kDescriptor{
    "fd.num", FieldType::kSigned, "", "the descriptor of the terminal", "FD", 4,
    [](const Event& event) {
      const Call* call = call_of(event);
      return call != nullptr && call->when == WIRE_WHEN_HUNG_UP ? Value::missing()
                                                                : argument_at(event, 0);
    }};
// clang-format on

// "typed 3 bytes at pts/3", "ioctl(fd=0, request=TIOCSCTTY, arg=0x0) = 0 at pts/3"
Value info(const Event& event) {
  const Value terminal = terminal_of(event);
  const std::string_view where = terminal.kind == Value::Kind::kText ? terminal.text : "?";
  const Direction direction = direction_of(event);
  fmt::memory_buffer text;
  if (direction == Direction::kControl) {
    fmt::format_to(std::back_inserter(text), "{} at {}", call_text(event), where);
  } else if (result_of(event) < 0) {
    fmt::format_to(std::back_inserter(text), "{} at {}: {}", word_of(direction), where,
                   result_name(result_of(event), *event.arena));
  } else {
    fmt::format_to(std::back_inserter(text), "{} {} bytes at {}", word_of(direction),
                   bytes_of(event).unsigned_value, where);
  }
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

constexpr const FieldDescriptor* kFields[] = {&kTerminal, &kDirection, &kBytes, &kData,
                                              &kDescriptor};
constexpr std::string_view kColumns[] = {"evt.time",    "proc.pid",          "proc.name",
                                         "evt.arg.tty", "evt.arg.direction", "evt.arg.bytes",
                                         "evt.arg.data"};
constexpr std::string_view kPrograms[] = {"syscalls__exit"};  // goes on with calls__traced
constexpr std::string_view kCalls[] = {"read",     "write",    "readv",      "writev", "preadv2",
                                       "pwritev2", "sendfile", "sendfile64", "ioctl",  "vhangup"};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_TTY,
     .name = "tty",
     .group = "io",
     .doc = "something is typed or shown at a terminal, or done to it",
     .columns = kColumns,
     .fields = kFields,
     .info = info,
     .programs = kPrograms,
     .record = shape_of<wire_file>(),
     .derived = kCommonArgumentFields,
     .calls = kCalls},
};

}  // namespace

std::span<const EventDescriptor> terminal_kinds() { return kKinds; }

}  // namespace outrider
