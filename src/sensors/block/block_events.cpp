// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include "base/text.h"
#include "events/event.h"
#include "sensors/block/block_wire.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

const wire_block& block_of(const Event& event) { return event.as<wire_block>(); }

// By enum wire_block_operation.
constexpr NamedValue kOperations[] = {
    {"other"},        {"read"},         {"write"},      {"flush"},          {"discard"},
    {"secure_erase"}, {"write_zeroes"}, {"write_same"}, {"zone_append"},    {"zone_open"},
    {"zone_close"},   {"zone_finish"},  {"zone_reset"}, {"zone_reset_all"}, {"driver"},
};

// By blk_status_t: blk_errors[] in block/blk-core.c. What comes after these has had several
// numbers.
constexpr std::array<int, 14> kErrors = {0,          -EOPNOTSUPP, -ETIMEDOUT, -ENOSPC, -ENOLINK,
                                         -EREMOTEIO, -EBADE,      -ENODATA,   -EILSEQ, -ENOMEM,
                                         -EIO,       -EREMCHG,    -EAGAIN,    -EBUSY};

std::optional<std::int64_t> result(const Event& event) {
  const std::int64_t status = block_of(event).result;
  if (status <= 0) return status;
  if (static_cast<std::size_t>(status) >= kErrors.size()) return std::nullopt;
  return kErrors[static_cast<std::size_t>(status)];
}

std::string_view operation_of(const Event& event) {
  const std::size_t operation = block_of(event).operation;
  return operation < std::size(kOperations) ? kOperations[operation].name : kOperations[0].name;
}

std::string_view disk_of(const Event& event) {
  const wire_block& block = block_of(event);
  return {block.disk, ::strnlen(block.disk, sizeof(block.disk))};
}

Value number(std::uint64_t value, std::uint64_t none) {
  return value == none ? Value::missing() : Value::of_unsigned(value);
}

// clang-format off: a table
constexpr FieldDescriptor kFields[] = {
    {"evt.latency", FieldType::kDuration, "ns", "from its issue to the driver to its completion",
     "LATENCY", 8,
     [](const Event& event) {
       const std::uint64_t latency = block_of(event).latency;
       return latency == WIRE_BLOCK_NO_QUEUE ? Value::unknown() : Value::of_unsigned(latency); }},
    {"evt.arg.op", FieldType::kText, "", "what is done: read, write, flush, discard and the like", "OP", 7,
     [](const Event& event) { return Value::of_text(operation_of(event)); },
     [] { return std::span<const NamedValue>(kOperations); }},
    {"evt.arg.disk", FieldType::kText, "", "name of the disk", "DISK", 8,
     [](const Event& event) {
       const std::string_view disk = disk_of(event);
       return disk.empty() ? Value::missing() : Value::of_text(disk); }},
    {"evt.arg.dev", FieldType::kText, "", "the disk's number, major:minor", "DEVICE", 7,
     [](const Event& event) {
       const std::uint32_t device = block_of(event).device;
       constexpr unsigned kMinorBits = 20;
       if (device == 0) return Value::missing();
       return Value::of_text(event.arena->copy(fmt::format(
           "{}:{}", device >> kMinorBits, device & ((1u << kMinorBits) - 1)))); }},
    {"evt.arg.sector", FieldType::kUnsigned, "sectors of 512 bytes", "where on the disk it begins",
     "SECTOR", 11,
     [](const Event& event) { return number(block_of(event).sector, WIRE_BLOCK_NO_SECTOR); }},
    {"evt.arg.bytes", FieldType::kUnsigned, "bytes", "length of the request", "BYTES", 8,
     [](const Event& event) { return Value::of_unsigned(block_of(event).bytes); }},
    {"evt.arg.queue_time", FieldType::kDuration, "ns",
     "that it waited in a queue of the kernel before its issue; missing if in none", "QUEUED", 8,
     [](const Event& event) { return number(block_of(event).queue_time, WIRE_BLOCK_NO_QUEUE); }},
};
// clang-format on

constexpr auto kFieldPointers = pointers_to(kFields);

Value info(const Event& event) {
  const wire_block& block = block_of(event);
  std::string text(operation_of(event));
  if (block.bytes != 0) text += fmt::format(" {}", block.bytes);
  if (block.sector != WIRE_BLOCK_NO_SECTOR) text += fmt::format(" at {}", block.sector);
  if (!disk_of(event).empty()) text += fmt::format(" of {}", disk_of(event));
  if (block.latency != WIRE_BLOCK_NO_QUEUE) {
    text += " in ";
    append_duration(text, block.latency);
  }
  return Value::of_text(event.arena->copy(text));
}

constexpr std::string_view kColumns[] = {"evt.time",     "proc.pid",       "proc.name",
                                         "evt.res",      "evt.latency",    "evt.arg.op",
                                         "evt.arg.disk", "evt.arg.sector", "evt.arg.bytes"};
// What ends requests first, so that none that is known is missed.
constexpr std::string_view kPrograms[] = {"block__complete", "block__merge", "block__requeue",
                                          "block__issue", "block__insert"};

constexpr EventDescriptor kKinds[] = {
    {.kind = WIRE_BLOCK,
     .name = "block",
     .group = "io",
     .doc = "a request to a disk is completed; of who handed it in",
     .columns = kColumns,
     .fields = kFieldPointers,
     .info = info,
     .programs = kPrograms,
     .record = shape_of<wire_block>(),
     .result = result},
};

}  // namespace

std::span<const EventDescriptor> block_kinds() { return kKinds; }

}  // namespace outrider
