// SPDX-License-Identifier: Apache-2.0
#include "events/decode.h"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/path.h"

namespace outrider {

namespace {

constexpr std::size_t kFrame = sizeof(std::uint64_t);

bool fits(std::span<const std::byte> bytes, const RecordShape& shape) {
  if (shape.size == 0 || bytes.size() < shape.size) return false;
  auto* strings = reinterpret_cast<const wire_string*>(bytes.data() + shape.strings_at);
  std::size_t end = shape.size;
  for (std::size_t i = 0; i < shape.strings; ++i) {
    if (strings[i].state > WIRE_STRING_FAULTED) return false;
    end += strings[i].length;
  }
  return end == bytes.size();
}

// What an event has behind its strings, without which it is as long as they say; nullopt if that
// is not well-formed.
std::optional<std::size_t> stacks_size(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(wire_header)) return std::nullopt;
  auto* header = reinterpret_cast<const wire_header*>(bytes.data());
  if ((header->flags & WIRE_STACKS) == 0) return 0;
  wire_stacks end;
  std::memcpy(&end, bytes.data() + bytes.size() - sizeof(end), sizeof(end));
  std::size_t size = sizeof(end);
  for (const wire_string& stack : end.stacks) {
    const bool has_frames = stack.state == WIRE_STRING_WHOLE || stack.state == WIRE_STRING_CUT;
    if (stack.state > WIRE_STRING_FAULTED || has_frames == (stack.length == 0)) return std::nullopt;
    if (stack.length % kFrame != 0 || stack.length > kFrame * WIRE_FRAMES_MAX) return std::nullopt;
    size += stack.length;
  }
  if (size > bytes.size() - sizeof(wire_header)) return std::nullopt;
  return size;
}

bool fits_event(std::span<const std::byte> bytes, const RecordShape& shape) {
  const auto stacks = stacks_size(bytes);
  return stacks && fits(bytes.first(bytes.size() - *stacks), shape);
}

bool fits_arguments(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(wire_arguments)) return false;
  auto* piece = reinterpret_cast<const wire_arguments*>(bytes.data());
  const std::size_t length = bytes.size() - sizeof(*piece);
  if (length > WIRE_ARGUMENTS_PIECE || piece->offset > WIRE_ARGUMENTS_MAX) return false;
  return length + piece->offset <= WIRE_ARGUMENTS_MAX;
}

bool is_well_formed(std::span<const std::byte> bytes, wire_u16 kind, const RecordShapes& shapes) {
  // Those that only feed the tables, then all that are events.
  switch (kind) {
    case WIRE_WORKING_DIRECTORY:
      return fits(bytes, shape_of<wire_file>());
    case WIRE_ARGUMENTS:
      return fits_arguments(bytes);
    case WIRE_CGROUP:
      return fits(bytes, {sizeof(wire_cgroup), offsetof(wire_cgroup, path), 1});
    default:
      return kind < shapes.size() && fits_event(bytes, shapes[kind]);
  }
}

}  // namespace

const RecordStart* decode(std::span<const std::byte> bytes, const RecordShapes& shapes) {
  if (bytes.size() < sizeof(RecordStart)) return nullptr;
  auto* start = reinterpret_cast<const RecordStart*>(bytes.data());
  // A ring rounds nothing: the length it gives is the length that was written.
  if (start->size != bytes.size()) return nullptr;
  // Six lengths of 16 bits can say more than anybody behind has room for.
  if (bytes.size() > WIRE_RECORD_MAX) return nullptr;
  return is_well_formed(bytes, start->kind, shapes) ? start : nullptr;
}

Stack stack_of(const wire_header& header, wire_stack which) {
  if ((header.flags & WIRE_STACKS) == 0) return {};
  const char* end = reinterpret_cast<const char*>(&header) + header.size - sizeof(wire_stacks);
  wire_stacks stacks;
  std::memcpy(&stacks, end, sizeof(stacks));
  const wire_string& wanted = stacks.stacks[which];
  // The last of them ends where the lengths begin.
  for (std::size_t i = which; i < WIRE_STACKS_COUNT; ++i) end -= stacks.stacks[i].length;
  Stack stack{static_cast<wire_string_state>(wanted.state), {end, wanted.length}};
  // A record that has the same size whatever happens ends with frames that are none.
  while (stack.frames.ends_with(std::string_view("\0\0\0\0\0\0\0\0", kFrame))) {
    stack.frames.remove_suffix(kFrame);
  }
  if (stack.frames.empty() && wanted.length != 0) stack.state = WIRE_STRING_FAULTED;
  return stack;
}

Value stack_value(const wire_header& header, wire_stack which, Arena& arena) {
  const Stack stack = stack_of(header, which);
  if (stack.state == WIRE_STRING_MISSING) return Value::missing();
  if (stack.state == WIRE_STRING_FAULTED) return Value::unknown();
  constexpr std::size_t kText = 2 + 2 * kFrame + 1;  // "0x", the digits, the NUL
  char* out = arena.allocate(stack.frames.size() / kFrame * kText);
  char* end = out;
  for (std::size_t i = 0; i < stack.frames.size(); i += kFrame) {
    std::uint64_t address = 0;
    std::memcpy(&address, stack.frames.data() + i, kFrame);
    *end++ = '0';
    *end++ = 'x';
    end = std::to_chars(end, end + 2 * kFrame, address, 16).ptr;
    *end++ = '\0';
  }
  Value value =
      Value::of_text({out, static_cast<std::size_t>(end - out)}, stack.state == WIRE_STRING_CUT);
  value.kind = Value::Kind::kTextList;
  return value;
}

std::string_view string_at(const wire_string* strings, std::size_t index, const void* payload) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < index; ++i) offset += strings[i].length;
  return {static_cast<const char*>(payload) + offset, strings[index].length};
}

Value path_value(const wire_string& string, std::string_view components, Arena& arena) {
  if (string.state == WIRE_STRING_MISSING) return Value::missing();
  if (string.state == WIRE_STRING_FAULTED) return Value::unknown();
  const bool cut = string.state == WIRE_STRING_CUT;
  if (cut && components.empty()) return Value::unknown();

  if (string.flags & WIRE_PATH_PSEUDO) {
    // No tree above it: "memfd:name", "pipe:", as the kernel calls it.
    if (!components.empty() && components.back() == '\0') components.remove_suffix(1);
    return Value::of_text(components, cut);
  }
  std::string_view path = turn_round(components, arena);
  std::string_view before = string.flags & WIRE_PATH_UNREACHABLE ? "(unreachable)" : "";
  if (cut) before = "?";
  std::string_view after = string.flags & WIRE_PATH_DELETED ? " (deleted)" : "";
  if (before.empty() && after.empty()) return Value::of_text(path);
  char* out = arena.allocate(before.size() + path.size() + after.size());
  std::memcpy(out, before.data(), before.size());
  std::memcpy(out + before.size(), path.data(), path.size());
  std::memcpy(out + before.size() + path.size(), after.data(), after.size());
  return Value::of_text({out, before.size() + path.size() + after.size()}, cut);
}

}  // namespace outrider
