// SPDX-License-Identifier: Apache-2.0
#include "aggregates/kernel_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace outrider {

namespace {

struct Source {
  std::string_view field;
  std::array<wire_source, 2> words;
  // As a signed number of 32 bits, or less: no number of events makes its sum too large.
  bool is_small_number;
};

constexpr Source kSources[] = {
    {"evt.kind", {}, false},  // every key has these two
    {"evt.type", {}, false},
    {"evt.res", {WIRE_SOURCE_ERROR}, false},
    {"evt.rawres", {WIRE_SOURCE_RESULT}, true},
    {"proc.name", {WIRE_SOURCE_COMM, WIRE_SOURCE_COMM_END}, false},
    {"proc.pid", {WIRE_SOURCE_PID}, true},
    {"thread.tid", {WIRE_SOURCE_TID}, true},
    {"proc.ppid", {WIRE_SOURCE_PPID}, true},
    {"user.uid", {WIRE_SOURCE_UID}, true},
    {"group.gid", {WIRE_SOURCE_GID}, true},
    {"cgroup.id", {WIRE_SOURCE_CGROUP}, false},
    {"evt.latency", {WIRE_SOURCE_LATENCY}, true},  // longer ones come as records
};

const Source* find_source(std::string_view field) {
  const auto* const found = std::ranges::find(kSources, field, &Source::field);
  return found == std::end(kSources) ? nullptr : found;
}

void put(wire_file& event, wire_source source, std::uint64_t word) {
  const auto number = static_cast<wire_u32>(word);
  switch (source) {
    case WIRE_SOURCE_NONE:
    case WIRE_SOURCE_LIMIT:
      return;
    case WIRE_SOURCE_RESULT:
      event.result = static_cast<wire_s64>(word);
      return;
    case WIRE_SOURCE_ERROR:
      // evt.rawres, if it is there too, says more.
      if (event.result == 0) event.result = static_cast<wire_s64>(word);
      return;
    case WIRE_SOURCE_COMM:
      std::memcpy(event.header.comm, &word, sizeof(word));
      return;
    case WIRE_SOURCE_COMM_END:
      std::memcpy(event.header.comm + sizeof(word), &word, sizeof(word));
      return;
    case WIRE_SOURCE_PID:
      event.header.pid = number;
      return;
    case WIRE_SOURCE_TID:
      event.header.tid = number;
      return;
    case WIRE_SOURCE_PPID:
      event.header.ppid = number;
      return;
    case WIRE_SOURCE_UID:
      event.header.uid = number;
      return;
    case WIRE_SOURCE_GID:
      event.header.gid = number;
      return;
    case WIRE_SOURCE_CGROUP:
      event.header.cgroup_id = word;
      return;
    case WIRE_SOURCE_LATENCY:
      // Of a kind that is no struct wire_file, but begins as it does.
      static_assert(sizeof(wire_timed) <= sizeof(wire_file));
      std::memcpy(reinterpret_cast<std::byte*>(&event) + offsetof(wire_timed, latency), &word,
                  sizeof(word));
      return;
  }
}

}  // namespace

std::expected<wire_aggregation, std::string> in_kernel(const AggregateRequest& request) {
  wire_aggregation aggregation{};
  aggregation.active = 1;
  aggregation.measure = static_cast<wire_u8>(request.measure);
  std::size_t words = 0;
  for (const Field* field : request.by) {
    const Source* source = find_source(field->name);
    if (source == nullptr) {
      return std::unexpected(fmt::format("{} is only in whole events", field->name));
    }
    for (const wire_source word : source->words) {
      if (word == WIRE_SOURCE_NONE) continue;
      if (words == WIRE_GROUP_WORDS) {
        return std::unexpected(std::string("there are too many fields in --by"));
      }
      aggregation.sources[words++] = static_cast<wire_u8>(word);
    }
  }
  if (request.value != nullptr) {
    const Source* source = find_source(request.value->name);
    if (source == nullptr) {
      return std::unexpected(fmt::format("{} is only in whole events", request.value->name));
    }
    if (!source->is_small_number) {
      return std::unexpected(fmt::format("{} may be too large a number", request.value->name));
    }
    aggregation.value = static_cast<wire_u8>(source->words[0]);
  }
  return aggregation;
}

std::size_t key_size_of(const wire_aggregation& aggregation) {
  const auto words =
      std::ranges::count_if(aggregation.sources, [](wire_u8 source) { return source != 0; });
  return offsetof(wire_group, words) + static_cast<std::size_t>(words) * sizeof(wire_u64);
}

wire_file event_of(const wire_aggregation& aggregation, const wire_group& group) {
  wire_file event{};
  event.header.kind = group.kind;
  event.header.flags = group.flags;
  event.call = group.call;
  event.header.size = sizeof(event);
  for (std::size_t i = 0; i < WIRE_GROUP_WORDS; ++i) {
    put(event, static_cast<wire_source>(aggregation.sources[i]), group.words[i]);
  }
  return event;
}

Portion portion_of(const wire_group& group, std::span<const wire_portion> by_cpu) {
  Portion portion{.slot = group.slot};
  for (const wire_portion& cpu : by_cpu) {
    portion.count += cpu.count;
    portion.sum += cpu.sum;
  }
  return portion;
}

}  // namespace outrider
