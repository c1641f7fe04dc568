// SPDX-License-Identifier: Apache-2.0
#include "syscalls/arguments.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "events/decode.h"
#include "syscalls/event_fields.h"
#include "syscalls/names.h"

namespace outrider {

namespace {

using enum ArgumentType;

// The lower half of a register, which is all that the kernel takes of an int.
std::uint64_t low(std::uint64_t value) { return value & 0xffffffff; }

Value of_int(std::uint64_t value) {
  return Value::of_signed(static_cast<std::int32_t>(low(value)));
}

// Ids are unsigned; only the largest of each size is -1.
Value of_id(std::uint64_t value, std::uint64_t largest) {
  const std::uint64_t id = value & largest;
  return Value::of_signed(id == largest ? -1 : static_cast<std::int64_t>(id));
}

Value of_mode(const Event& event, const Call& call, std::uint64_t value) {
  const int how = place_of(call, kOpenHow);
  if (call.kind == WIRE_OPEN && call.name != "creat") {
    // Without these two the argument is whatever was in the register: open(2).
    constexpr std::uint64_t kCreates = 0100 | 020000000;
    const int flags = how >= 0 ? how : place_of(call, kOpenFlags);
    if (flags < 0 || (event.as<wire_file>().arguments[flags] & kCreates) == 0) {
      return Value::missing();
    }
  }
  return Value::of_unsigned(value & 07777);
}

Value of_length(const Event& event, std::uint64_t value) {
  if (event.header->flags & WIRE_COMPAT) return of_int(value);
  return Value::of_signed(static_cast<std::int64_t>(value));
}

// The row of a file event's call: exec has a record of its own, without registers.
const Call* call_with_arguments(const Event& event) {
  return event.header->kind == WIRE_EXEC ? nullptr : call_of(event);
}

ArgumentType type_at(const Call& call, std::size_t place) {
  return place < call.arguments.size() ? call.arguments[place].type : kNone;
}

}  // namespace

std::span<const std::string_view> argument_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Call& call : all_calls()) {
      for (const Argument& argument : call.arguments) {
        if (argument.type != kNone && std::ranges::find(all, argument.name) == all.end()) {
          all.push_back(argument.name);
        }
      }
    }
    return all;
  }();
  return names;
}

int place_of(const Call& call, std::string_view name) {
  const auto found = std::ranges::find_if(call.arguments, [name](const Argument& argument) {
    return argument.type != kNone && argument.name == name;
  });
  return found == call.arguments.end() ? -1 : static_cast<int>(found - call.arguments.begin());
}

Value argument_at(const Event& event, std::size_t place) {
  const Call* call = call_with_arguments(event);
  if (call == nullptr || place >= call->arguments.size()) return Value::missing();
  const auto& file = event.as<wire_file>();
  const std::uint64_t value = file.arguments[place];
  Arena& arena = *event.arena;
  switch (type_at(*call, place)) {
    case kNone:
      return Value::missing();
    case kDirectory:
    case kDescriptor:
      return of_int(value);
    case kPath:
    case kText: {
      const bool is_first = to_wire(*call).path == place;
      return text_of(file, is_first ? WIRE_FILE_PATH : WIRE_FILE_PATH2);
    }
    case kOpenFlags:
      return Value::of_text(open_flag_names(low(value), arena));
    case kOpenHow:
      return Value::of_text(open_flag_names(value, arena));
    case kAtFlags:
      return Value::of_text(at_flag_names(low(value), arena));
    case kRenameFlags:
      return Value::of_text(rename_flag_names(low(value), arena));
    case kMode:
      return of_mode(event, *call, value);
    case kUser:
    case kGroup:
      return of_id(value, 0xffffffff);
    case kUser16:
    case kGroup16:
      return of_id(value, 0xffff);
    case kSize:
      return of_length(event, value);
    case kSizeLow:
      return Value::of_signed(
          static_cast<std::int64_t>(file.arguments[place + 1] << 32 | low(value)));
    case kSizeHigh:
      return argument_at(event, place - 1);
    case kOther:
      return Value::of_signed(static_cast<std::int64_t>(value));
  }
  return Value::missing();
}

Value argument_of(const Event& event, std::initializer_list<ArgumentType> types) {
  const Call* call = call_with_arguments(event);
  if (call == nullptr) return Value::missing();
  for (const ArgumentType type : types) {
    const int place = place_of(*call, type);
    if (place >= 0) return argument_at(event, static_cast<std::size_t>(place));
  }
  return Value::missing();
}

Value argument_text_at(const Event& event, std::size_t place) {
  const Value value = argument_at(event, place);
  char* out = event.arena->allocate(32);
  const char* end = out;
  if (value.kind == Value::Kind::kUnsigned) {
    end = fmt::format_to(out, "{:04o}", value.unsigned_value);
  } else if (value.kind == Value::Kind::kSigned) {
    if (value.signed_value == AT_FDCWD &&
        type_at(*call_with_arguments(event), place) == kDirectory) {
      return Value::of_text("AT_FDCWD");
    }
    end = fmt::format_to(out, "{}", value.signed_value);
  } else {
    return value;
  }
  return Value::of_text({out, static_cast<std::size_t>(end - out)});
}

Value argument_number_at(const Event& event, std::size_t place) {
  const Call* call = call_with_arguments(event);
  if (call == nullptr) return Value::missing();
  switch (type_at(*call, place)) {
    case kPath:
    case kText:
      return Value::missing();
    case kOpenFlags:
    case kAtFlags:
    case kRenameFlags:
      return Value::of_signed(
          static_cast<std::int64_t>(low(event.as<wire_file>().arguments[place])));
    case kOpenHow:
      return Value::of_signed(static_cast<std::int64_t>(event.as<wire_file>().arguments[place]));
    default:
      break;
  }
  const Value value = argument_at(event, place);
  if (value.kind != Value::Kind::kUnsigned) return value;
  return Value::of_signed(static_cast<std::int64_t>(value.unsigned_value));
}

}  // namespace outrider
