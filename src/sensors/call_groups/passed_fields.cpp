// SPDX-License-Identifier: Apache-2.0
#include "sensors/call_groups/passed_fields.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>

#include "events/decode.h"
#include "sensors/call_groups/socket_fields.h"
#include "syscalls/event_fields.h"
#include "workloads/process.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

std::optional<Passed> passed_of(const Event& event) {
  const auto& file = event.as<wire_file>();
  if (file.strings[kPassedCapture].state != WIRE_STRING_WHOLE) return std::nullopt;
  return read_passed(string_of(file, kPassedCapture));
}

bool is_incomplete(const wire_passed& told) {
  return (told.flags & (WIRE_PASSED_CUT | WIRE_PASSED_FAULTED)) != 0;
}

// How a descriptor went, by its call.
std::string_view direction_of(const Event& event) {
  const Call* call = call_of(event);
  switch (call != nullptr ? call->when : WIRE_WHEN_CALLED) {
    case WIRE_WHEN_SENT:
    case WIRE_WHEN_SENT_MANY:
      return "sent";
    case WIRE_WHEN_RECEIVED:
    case WIRE_WHEN_RECEIVED_MANY:
      return "received";
    case WIRE_WHEN_TAKEN:
      return "taken";
    default:
      return "?";
  }
}
constexpr NamedValue kDirections[] = {{"sent"}, {"received"}, {"taken"}};

Value list_of(const std::string& items, bool cut, Arena& arena) {
  Value value = Value::of_text(arena.copy(items), cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

Value numbers_of(const Event& event) {
  const auto passed = passed_of(event);
  if (!passed) return Value::unknown();
  std::string items;
  for (std::size_t i = 0; i < passed->told.kept; ++i) {
    fmt::format_to(std::back_inserter(items), "{}",
                   static_cast<std::int32_t>(passed->told.descriptors[i]));
    items.push_back('\0');
  }
  return list_of(items, is_incomplete(passed->told) || passed->told.kept < passed->told.count,
                 *event.arena);
}

Value names_of(const Event& event) {
  const auto passed = passed_of(event);
  if (!passed) return Value::unknown();
  const auto named = std::min<std::size_t>(passed->told.kept, WIRE_PASSED_OBJECTS);
  std::string items;
  for (std::size_t i = 0; i < named; ++i) {
    const Value name = passed_name(*passed, i, *event.arena);
    items.append(name.kind == Value::Kind::kText ? name.text : "?");
    items.push_back('\0');
  }
  return list_of(items, is_incomplete(passed->told) || named < passed->told.count, *event.arena);
}

const Process* peer_of(const Event& event, std::uint32_t pid) {
  if (pid == event.header->pid) return event.process;
  return event.processes == nullptr ? nullptr
                                    : event.processes->find_parent(pid, 0, event.header->time);
}

template <KnownText Process::* text>
Value text_of_peer(const Event& event) {
  const auto passed = passed_of(event);
  if (!passed || passed->told.peer == 0) return Value::unknown();
  const Process* peer = peer_of(event, passed->told.peer);
  return peer == nullptr ? Value::unknown() : (peer->*text).value();
}

// clang-format off: a table
constexpr FieldDescriptor kDirection{
    "evt.arg.direction", FieldType::kText, "",
    "sent, received, or taken (pidfd_getfd)", "DIRECTION", 9,
    [](const Event& event) { return Value::of_text(direction_of(event)); },
    [] { return std::span<const NamedValue>(kDirections); }};
constexpr FieldDescriptor kCount{
    "evt.arg.count", FieldType::kUnsigned, "", "how many descriptors the messages of the call have",
    "COUNT", 5, [](const Event& event) {
      const auto passed = passed_of(event);
      if (!passed || is_incomplete(passed->told)) return Value::unknown();
      return Value::of_unsigned(passed->told.count);
    }};
constexpr FieldDescriptor kNumbers{
    "evt.arg.fds", FieldType::kTextList, "",
    "their numbers in this process: of those sent as well as received; at most 64", "FDS", 12,
    numbers_of};
constexpr FieldDescriptor kNames{
    "evt.arg.names", FieldType::kTextList, "",
    "what they stand for, in the same order: paths, socket:[inode], pipe:[inode]; at most 8",
    "NAMES", 40, names_of};
constexpr FieldDescriptor kPeerPid{
    "evt.arg.peer.pid", FieldType::kUnsigned, "",
    "the process that made the other end of the socket, or that it was taken from", "PEER", 7,
    [](const Event& event) {
      const auto passed = passed_of(event);
      if (!passed || passed->told.peer == 0) return Value::unknown();
      return Value::of_unsigned(passed->told.peer);
    }};
constexpr FieldDescriptor kPeerName{
    "evt.arg.peer.name", FieldType::kText, "", "comm of that process", "PEERCOMM", 15,
    text_of_peer<&Process::name>};
// clang-format on

}  // namespace

std::optional<Passed> read_passed(std::string_view bytes) {
  Passed passed;
  if (bytes.size() < sizeof(passed.told)) return std::nullopt;
  std::memcpy(&passed.told, bytes.data(), sizeof(passed.told));
  passed.paths = bytes.substr(sizeof(passed.told));
  std::size_t length = 0;
  for (const wire_passed_object& object : passed.told.objects) {
    if (object.path.state > WIRE_STRING_FAULTED) return std::nullopt;
    length += object.path.length;
  }
  if (length != passed.paths.size() || passed.told.kept > WIRE_PASSED_NUMBERS) return std::nullopt;
  return passed;
}

Value passed_name(const Passed& passed, std::size_t place, Arena& arena) {
  if (place >= WIRE_PASSED_OBJECTS || place >= passed.told.kept) return Value::unknown();
  std::size_t offset = 0;
  for (std::size_t i = 0; i < place; ++i) offset += passed.told.objects[i].path.length;
  const wire_passed_object& object = passed.told.objects[place];
  // Their only name is their inode, as /proc/PID/fd has it.
  const bool is_pseudo = (object.path.flags & WIRE_PATH_PSEUDO) != 0;
  if (is_pseudo && (S_ISSOCK(object.mode) || S_ISFIFO(object.mode))) {
    return Value::of_text(arena.copy(fmt::format(
        "{}:[{}]", S_ISSOCK(object.mode) ? "socket" : "pipe", std::uint64_t{object.inode})));
  }
  return path_value(object.path, passed.paths.substr(offset, object.path.length), arena);
}

const FieldDescriptor* const kPassedFields[9] = {
    &kDirection,         &kCount,           &kNumbers,          &kNames, &kPeerPid, &kPeerName,
    &kSocketNumberField, &kSocketTypeField, &kSocketCookieField};

Value passed_info(const Event& event) {
  const auto passed = passed_of(event);
  if (!passed) return Value::of_text(direction_of(event));
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} {}", direction_of(event),
                 is_incomplete(passed->told) ? "?" : std::to_string(passed->told.count));
  const auto named = std::min<std::size_t>(passed->told.kept, WIRE_PASSED_OBJECTS);
  for (std::size_t i = 0; i < named; ++i) {
    const Value name = passed_name(*passed, i, *event.arena);
    fmt::format_to(std::back_inserter(text), "{} {} {}", i == 0 ? ":" : ",",
                   static_cast<std::int32_t>(passed->told.descriptors[i]),
                   name.kind == Value::Kind::kText ? name.text : "?");
  }
  if (named < passed->told.count) fmt::format_to(std::back_inserter(text), ", ...");
  return Value::of_text(event.arena->copy({text.data(), text.size()}));
}

}  // namespace outrider
