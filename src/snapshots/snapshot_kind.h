// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "events/descriptor.h"
#include "events/event.h"

namespace outrider {

using Visit = std::function<void(const Event&)>;
// Calls for each process, in the order of pids, with an event of its own; may be called again.
using EachProcess = std::function<void(const Visit&)>;

// Something of which there are several now, each with the fields that its descriptor says. What
// belongs to a process comes as an event of that process, with its fields as well; else the
// process is unknown.
struct SnapshotKind {
  EventDescriptor descriptor;
  // They belong to processes, as far as anybody knows.
  bool of_processes = false;
  // Calls for each, with an event that is valid until the call returns.
  void (*list)(const EachProcess& processes, const Visit& visit);
};

// file, socket, mount, module, bpf.
std::span<const SnapshotKind* const> snapshot_kinds();
const SnapshotKind* find_snapshot_kind(std::string_view name);

// The header of an event that is one of these.
struct SnapshotRecord {
  wire_header header;
  const void* row;
};

// A reader of descriptors: what `read` makes of the row, which is of the kind's own type.
template <typename Row, Value (*read)(const Event&, const Row&)>
Value of_row(const Event& event) {
  return read(event, *static_cast<const Row*>(event.as<SnapshotRecord>().row));
}

// Visits a row of a process.
void visit_row(const Event& process, const EventDescriptor& kind, const void* row,
               const Visit& visit);
// The same of what belongs to none: process 0, called "-", of this user.
void visit_row(const EventDescriptor& kind, const void* row, const Visit& visit,
               std::uint32_t uid = 0);

}  // namespace outrider
