// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "events/descriptor.h"
#include "events/wire.h"

namespace outrider {

struct Process;   // src/workloads/process.h
struct Workload;  // src/workloads/workload.h
class GivenValues;
class ProcessTable;
class PathFinder;  // src/workloads/path_finder.h
class UserNames;   // src/workloads/user_names.h

// One event on its way to its consumers: a checked record, and what the tables know
// about it. Everything it points to outlives it; nothing is owned. Used by one
// thread at a time, since readers of fields take memory from the arena.
struct Event {
  const EventDescriptor* descriptor = nullptr;
  // The record as the kernel wrote it, checked by decode(): lengths are within it.
  const wire_header* header = nullptr;
  // Who did it; nullptr when nothing is known but what the header says.
  const Process* process = nullptr;
  // Where to find others: the parent, ancestors.
  const ProcessTable* processes = nullptr;
  // The container that it is of, or the host; nullptr when that is not known.
  const Workload* workload = nullptr;
  // For the paths of objects that the kernel program could not see.
  PathFinder* lookup = nullptr;
  // For names of users and groups.
  UserNames* users = nullptr;
  // Path of the cgroup in its hierarchy; empty data() when not known.
  std::string_view cgroup_path;
  // Arguments of an exec, put together from its pieces; NUL after each.
  std::string_view arguments;
  // They were more than these.
  bool arguments_cut = false;
  // Texts of programs are shown as they are, and not masked (SEMANTICS 10).
  bool show_secrets = false;
  // Wall clock minus boot clock, nanoseconds.
  std::int64_t wall_offset = 0;
  // Arrived later than the watermark: out of order.
  bool late = false;
  Arena* arena = nullptr;
  // Conditions read these instead of the record and the tables; nullptr: of a real event.
  const GivenValues* given = nullptr;
  // Which of the events that anybody was handed it is, from 1; 0 if it is none of a stream.
  std::uint64_t number = 0;

  template <typename Record>
  const Record& as() const {
    return *reinterpret_cast<const Record*>(header);
  }
};

}  // namespace outrider
