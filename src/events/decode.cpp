// SPDX-License-Identifier: Apache-2.0
#include "events/decode.h"

#include <cstring>

#include "base/path.h"

namespace outrider {

namespace {

// Whether `count` strings fit behind a fixed part of `fixed` bytes, and are the whole rest.
bool strings_fit(const wire_string* strings, std::size_t count, std::size_t fixed,
                 std::size_t size) {
  std::size_t end = fixed;
  for (std::size_t i = 0; i < count; ++i) {
    if (strings[i].state > WIRE_STRING_FAULTED) return false;
    end += strings[i].length;
  }
  return end == size;
}

}  // namespace

const RecordStart* decode(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(RecordStart)) return nullptr;
  auto* start = reinterpret_cast<const RecordStart*>(bytes.data());
  // A ring rounds nothing: the length it gives is the length that was written.
  if (start->size != bytes.size()) return nullptr;
  const std::size_t size = bytes.size();
  const void* data = bytes.data();

  switch (start->kind) {
    case WIRE_OPEN:
    case WIRE_MKDIR:
    case WIRE_RMDIR:
    case WIRE_UNLINK:
    case WIRE_RENAME:
    case WIRE_LINK:
    case WIRE_SYMLINK:
    case WIRE_CHMOD:
    case WIRE_CHOWN:
    case WIRE_TRUNCATE:
    case WIRE_WORKING_DIRECTORY: {
      if (size < sizeof(wire_file)) return nullptr;
      auto* file = static_cast<const wire_file*>(data);
      return strings_fit(file->strings, WIRE_FILE_STRINGS, sizeof(*file), size) ? start : nullptr;
    }
    case WIRE_EXEC: {
      if (size < sizeof(wire_exec)) return nullptr;
      auto* exec = static_cast<const wire_exec*>(data);
      return strings_fit(exec->strings, WIRE_EXEC_STRINGS, sizeof(*exec), size) ? start : nullptr;
    }
    case WIRE_EXIT:
      return size == sizeof(wire_exit) ? start : nullptr;
    case WIRE_FORK:
      return size == sizeof(wire_fork) ? start : nullptr;
    case WIRE_ARGUMENTS: {
      if (size < sizeof(wire_arguments)) return nullptr;
      auto* piece = static_cast<const wire_arguments*>(data);
      const std::size_t length = size - sizeof(*piece);
      if (length > WIRE_ARGUMENTS_PIECE || piece->offset > WIRE_ARGUMENTS_MAX) return nullptr;
      return length + piece->offset <= WIRE_ARGUMENTS_MAX ? start : nullptr;
    }
    case WIRE_CGROUP: {
      if (size < sizeof(wire_cgroup)) return nullptr;
      auto* cgroup = static_cast<const wire_cgroup*>(data);
      return strings_fit(&cgroup->path, 1, sizeof(*cgroup), size) ? start : nullptr;
    }
    default:
      return nullptr;
  }
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
