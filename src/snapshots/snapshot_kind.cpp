// SPDX-License-Identifier: Apache-2.0
#include "snapshots/snapshot_kind.h"

#include <algorithm>

#include "base/clock.h"
#include "snapshots/kinds.h"
#include "workloads/process.h"
#include "workloads/process_table.h"

namespace outrider {

namespace {

constexpr const SnapshotKind* kKinds[] = {&kFileSnapshot, &kSocketSnapshot, &kMountSnapshot,
                                          &kModuleSnapshot, &kBpfSnapshot};

}  // namespace

std::span<const SnapshotKind* const> snapshot_kinds() { return kKinds; }

const SnapshotKind* find_snapshot_kind(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kKinds, [&](const SnapshotKind* kind) { return kind->descriptor.name == name; });
  return found != std::end(kKinds) ? *found : nullptr;
}

void visit_row(const Event& process, const EventDescriptor& kind, const void* row,
               const Visit& visit) {
  const SnapshotRecord record{.header = *process.header, .row = row};
  Event event = process;
  event.descriptor = &kind;
  event.header = &record.header;
  visit(event);
}

void visit_row(const EventDescriptor& kind, const void* row, const Visit& visit,
               std::uint32_t uid) {
  const Process nobody;
  const ProcessTable nothing({.processes_max = 1, .proc = ""});
  wire_header header{};
  header.uid = uid;
  header.comm[0] = '-';
  header.kind = static_cast<wire_u16>(kind.kind);
  Arena arena;
  Event event;
  event.header = &header;
  event.process = &nobody;
  event.processes = &nothing;
  event.wall_offset = wall_clock_offset();
  event.arena = &arena;
  visit_row(event, kind, row, visit);
}

}  // namespace outrider
