// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a recording: as a file, and as what a frame of one unpacks to, which a fuzzer would
// hardly find by way of Zstandard's checksums. Every field of every event is read.
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/json_writer.h"
#include "fuzz/require.h"
#include "recording/format.h"
#include "recording/replay.h"
#include "sensors/registry.h"

namespace outrider {
namespace {

ReadBytes read_from_text(std::string text) {
  return [text = std::move(text),
          at = std::size_t{0}](std::span<std::byte> bytes) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(bytes.size(), text.size() - at);
    if (size != 0) std::memcpy(bytes.data(), text.data() + at, size);
    at += size;
    return size;
  };
}

void read_fields(const Event& event) {
  static std::vector<std::vector<const FieldDescriptor*>> fields(WIRE_KIND_LIMIT);
  auto& all = fields[event.descriptor->kind];
  if (all.empty()) {
    all = fields_of(*event.descriptor);
    const auto derived = derived_fields_of(*event.descriptor);
    all.insert(all.end(), derived.begin(), derived.end());
  }
  std::string line;
  JsonWriter(all).append(line, event);
  require(nlohmann::json::accept(line), "the line of JSON parses");
  for (const FieldWithArgument* field : fields_with_argument_of(*event.descriptor)) {
    for (const std::uint64_t index : {0, 1, 3, 1000}) {
      field->extras.read(event, {.given = true, .index = index});
    }
  }
}

void play(std::string file) {
  auto replay = Replay::open(read_from_text(std::move(file)));
  if (!replay) return;
  Consumer all;
  all.kinds = {(*replay)->kinds().begin(), (*replay)->kinds().end()};
  all.deliver = [](const Event& event) {
    read_fields(event);
    return Outcome::kDelivered;
  };
  const auto consumer = (*replay)->add(std::move(all));
  require(consumer.has_value(), "a recording has its kinds");
  for (;;) {
    const auto step = (*replay)->advance(Replay::Clock::time_point::max());
    require(step.has_value(), "what is in memory can be read");
    if (*step == Replay::Step::kEnd) break;
  }
  for (const KindAccount& kind : (*replay)->account(*consumer).kinds) {
    require(kind.difference() == 0, "the account is closed");
  }
}

void append(std::string& out, const auto& head) {
  out.append(reinterpret_cast<const char*>(&head), sizeof(head));
}

void append_chunk(std::string& out, std::uint16_t type, std::string_view payload) {
  append(out, ChunkHead{type, 0, static_cast<std::uint32_t>(payload.size())});
  out += payload;
  out.append(padded(payload.size()) - payload.size(), '\0');
}

void append_frame(std::string& out, std::string_view content) {
  std::string packed(ZSTD_compressBound(content.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), content.data(), content.size(), 1));
  FrameHead head;
  head.packed = static_cast<std::uint32_t>(packed.size());
  head.plain = static_cast<std::uint32_t>(content.size());
  append(out, head);
  out += packed;
}

// Chunks one after the other: the type, whether it is put right, a length in two bytes, the bytes.
std::string recording_of(std::string_view bytes) {
  std::string content;
  static const RecordingHeader header = [] {
    RecordingHeader made = recording_header(all_kinds());
    made.boot_time = 1;
    made.wall_time = 2;
    return made;
  }();
  std::string packed;
  pack(packed, header);
  append_chunk(content, static_cast<std::uint16_t>(ChunkType::kHeader), packed);
  while (bytes.size() >= 4) {
    const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const std::uint16_t type = at(0) % 16;
    const bool repairs = (at(1) & 1) != 0;
    const std::size_t size = std::min<std::size_t>(at(2) | at(3) << 8, bytes.size() - 4);
    std::string payload(bytes.substr(4, size));
    bytes.remove_prefix(4 + size);
    if (repairs && type == static_cast<std::uint16_t>(ChunkType::kEvent) &&
        payload.size() >= sizeof(RecordStart)) {
      RecordStart start;
      std::memcpy(&start, payload.data(), sizeof(start));
      start.kind %= WIRE_KIND_LIMIT;
      start.size = static_cast<wire_u32>(payload.size());
      std::memcpy(payload.data(), &start, sizeof(start));
    }
    append_chunk(content, type, payload);
    if (content.size() > kFrameMax) break;
  }
  std::string file;
  append(file, FileHead{});
  append_frame(file, content);
  return file;
}

}  // namespace
}  // namespace outrider

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace outrider;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  play(std::string(bytes));
  play(recording_of(bytes));
  return 0;
}
