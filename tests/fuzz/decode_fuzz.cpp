// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as records of a ring: decoded, ordered, put into the tables, and every field of every
// event written. What decode() accepts, nobody behind it checks again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/columns_writer.h"
#include "events/decode.h"
#include "events/event.h"
#include "events/json_writer.h"
#include "events/order.h"
#include "fuzz/require.h"
#include "sensors/registry.h"
#include "workloads/cgroups.h"
#include "workloads/path_lookup.h"
#include "workloads/process_table.h"

namespace outrider {
namespace {

// Nothing of this machine gets into it: the same input does the same everywhere.
struct Tables {
  ProcessTable processes{{.processes_max = 4, .proc = "/nonexistent"}};
  CgroupTable cgroups{"/nonexistent"};
};

// What is wrong with most inputs is put right, as far as the first byte says, so that more than
// the first check is reached.
enum Repair : std::uint8_t { kSize = 1, kKind = 2, kStrings = 4 };

RecordShape shape_of_kind(std::uint16_t kind) {
  if (kind == WIRE_WORKING_DIRECTORY) return shape_of<wire_file>();
  if (kind == WIRE_CGROUP) return {sizeof(wire_cgroup), offsetof(wire_cgroup, path), 1};
  return kind < WIRE_KIND_LIMIT ? record_shapes()[kind] : RecordShape{};
}

// Of an event that has stacks; returns how many bytes they take of the `room` behind its fixed
// part.
std::size_t repair_stacks(std::span<std::byte> bytes, std::size_t room) {
  auto* header = reinterpret_cast<wire_header*>(bytes.data());
  if (header->kind >= WIRE_WORKING_DIRECTORY) return 0;
  if (room < sizeof(wire_stacks)) header->flags &= static_cast<wire_u16>(~WIRE_STACKS);
  if ((header->flags & WIRE_STACKS) == 0) return 0;
  std::byte* end = bytes.data() + bytes.size() - sizeof(wire_stacks);
  wire_stacks stacks;
  std::memcpy(&stacks, end, sizeof(stacks));
  std::size_t size = sizeof(stacks);
  for (wire_string& stack : stacks.stacks) {
    const std::size_t frames = std::min<std::size_t>((room - size) / 8, stack.length % 130);
    stack.length = static_cast<wire_u16>(8 * frames);
    stack.state =
        frames == 0 ? stack.state % 2 * WIRE_STRING_FAULTED : WIRE_STRING_WHOLE + stack.state % 2;
    size += stack.length;
  }
  std::memcpy(end, &stacks, sizeof(stacks));
  return size;
}

void repair(std::span<std::byte> bytes, std::uint8_t repairs) {
  if (bytes.size() < sizeof(RecordStart)) return;
  auto* start = reinterpret_cast<RecordStart*>(bytes.data());
  if (repairs & kKind) start->kind %= WIRE_KIND_LIMIT;
  if (repairs & kSize) start->size = static_cast<wire_u32>(bytes.size());
  const RecordShape shape = shape_of_kind(start->kind);
  if ((repairs & kStrings) == 0 || shape.size == 0 || bytes.size() < shape.size) return;
  auto* strings = reinterpret_cast<wire_string*>(bytes.data() + shape.strings_at);
  std::size_t left = bytes.size() - shape.size - repair_stacks(bytes, bytes.size() - shape.size);
  for (std::size_t i = 0; i < shape.strings; ++i) {
    strings[i].state %= WIRE_STRING_FAULTED + 1;
    // The last one takes what is left.
    if (i + 1 == shape.strings || strings[i].length > left) {
      strings[i].length = static_cast<wire_u16>(left);
    }
    left -= strings[i].length;
  }
}

void check_strings(std::span<const std::byte> bytes) {
  const RecordShape shape = shape_of_kind(reinterpret_cast<const RecordStart*>(bytes.data())->kind);
  auto* strings = reinterpret_cast<const wire_string*>(bytes.data() + shape.strings_at);
  const auto* payload = reinterpret_cast<const char*>(bytes.data() + shape.size);
  const auto* end = reinterpret_cast<const char*>(bytes.data() + bytes.size());
  const auto& start = *reinterpret_cast<const RecordStart*>(bytes.data());
  if (start.kind < WIRE_WORKING_DIRECTORY && start.flags & WIRE_STACKS) {
    const auto& header = *reinterpret_cast<const wire_header*>(bytes.data());
    const std::string_view user = stack_of(header, WIRE_STACK_USER).frames;
    const std::string_view kernel = stack_of(header, WIRE_STACK_KERNEL).frames;
    // Frames that are none, at the end of either, are left out.
    require(kernel.data() + kernel.size() + sizeof(wire_stacks) <= end, "stacks are at the end");
    require(user.data() + user.size() <= kernel.data(), "the kernel's stack follows the user's");
    end = user.data();
  }
  const char* at = payload;
  for (std::size_t i = 0; i < shape.strings; ++i) {
    const std::string_view text = string_at(strings, i, payload);
    require(text.data() == at && text.data() + text.size() <= end, "a string is in its record");
    at = text.data() + text.size();
  }
  if (shape.size != 0) require(at == end, "strings are the rest of the record");
}

void write(const Event& event) {
  static const auto fields = [] {
    std::vector<std::vector<const FieldDescriptor*>> by_kind(WIRE_KIND_LIMIT);
    for (const EventDescriptor* kind : all_kinds()) {
      auto& all = by_kind[kind->kind] = fields_of(*kind);
      const auto derived = derived_fields_of(*kind);
      all.insert(all.end(), derived.begin(), derived.end());
    }
    return by_kind;
  }();
  const auto& all = fields[event.descriptor->kind];
  std::string line;
  JsonWriter(all).append(line, event);
  require(nlohmann::json::accept(line), "the line of JSON parses");
  std::string row;
  ColumnsWriter(all, {.terminal_width = 80}).append(row, event);
  require(row.ends_with('\n'), "a row ends its line");
  for (const FieldWithArgument* field : fields_with_argument_of(*event.descriptor)) {
    if (field->extras.argument == ArgumentUse::kOptionalIndex ||
        field->extras.argument == ArgumentUse::kOptionalText) {
      const Value all_of_them = field->extras.read(event, {});
      require(all_of_them.kind != Value::Kind::kTextList || all_of_them.text.empty() ||
                  all_of_them.text.back() == '\0',
              "items of a list end with a NUL");
    }
    for (const std::uint64_t index : {0, 1, 3, 1000}) {
      field->extras.read(event, {.given = true, .index = index});
    }
  }
}

// As the engine does it.
void handle(std::span<const std::byte> record, bool late, Tables& tables, PathLookup& lookup) {
  const auto& start = *reinterpret_cast<const RecordStart*>(record.data());
  Arena arena;
  Event event;
  event.arena = &arena;
  event.header = reinterpret_cast<const wire_header*>(record.data());
  event.late = late;
  switch (start.kind) {
    case WIRE_ARGUMENTS:
      return;
    case WIRE_CGROUP:
      tables.cgroups.apply_made(*reinterpret_cast<const wire_cgroup*>(record.data()));
      return;
    case WIRE_WORKING_DIRECTORY:
      tables.processes.apply_working_directory(event.as<wire_file>());
      return;
    case WIRE_FORK:
      tables.processes.apply_fork(event.as<wire_fork>());
      break;
    case WIRE_EXEC:
      event.arguments = string_of(event.as<wire_exec>(), WIRE_EXEC_ARGUMENTS);
      tables.processes.apply_exec(event.as<wire_exec>(), event.arguments, true, false);
      break;
    case WIRE_EXIT:
      tables.processes.apply_exit(event.as<wire_exit>());
      tables.processes.sweep(event.header->time);
      break;
    default:
      break;
  }
  // What a probe's record means, only who asked for the probe knows.
  if (start.kind >= WIRE_PROBE && start.kind < WIRE_PROBE_LIMIT) return;
  event.descriptor = find_kind(start.kind);
  require(event.descriptor != nullptr, "what decode() takes has a descriptor");
  event.process = tables.processes.process_of(*event.header);
  event.processes = &tables.processes;
  event.lookup = &lookup;
  event.cgroup_path = tables.cgroups.path_of(event.header->cgroup_id);
  write(event);
}

}  // namespace
}  // namespace outrider

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  static PathLookup lookup;
  Tables tables;
  Order order;
  std::size_t taken = 0;
  // Records one after the other: what to repair, a length in two bytes, the bytes.
  while (size >= 3) {
    const std::uint8_t repairs = data[0];
    const std::size_t length = std::min<std::size_t>(data[1] | data[2] << 8, size - 3);
    // Not one byte more than the record, so that the sanitizer sees who reads behind it.
    const auto copy = std::make_unique<std::byte[]>(length);
    const std::span<std::byte> bytes(copy.get(), length);
    if (length != 0) std::memcpy(bytes.data(), data + 3, length);
    data += 3 + length;
    size -= 3 + length;

    repair(bytes, repairs);
    const RecordStart* start = decode(bytes, record_shapes());
    if (start == nullptr) continue;
    require(start->size == length && length <= WIRE_RECORD_MAX, "a record is as long as it says");
    check_strings(bytes);
    // No mount namespace, no looking up: paths of the input are not looked for on this machine.
    if (start->kind < WIRE_ARGUMENTS) {
      reinterpret_cast<wire_header*>(bytes.data())->mount_namespace = 0;
    }
    order.add(start->time, bytes);
    ++taken;
  }
  order.sort();
  std::uint64_t last = 0;
  order.release(~std::uint64_t{0}, [&](std::span<const std::byte> record, bool late) {
    const std::uint64_t time = reinterpret_cast<const RecordStart*>(record.data())->time;
    require(time >= last && !late, "records come by time");
    last = time;
    --taken;
    handle(record, late, tables, lookup);
  });
  require(taken == 0 && order.empty(), "each record comes once");
  return 0;
}
