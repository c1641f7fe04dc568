// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "events/event.h"
#include "workloads/path_lookup.h"
#include "workloads/process_table.h"
#include "workloads/users.h"
#include "workloads/workload_table.h"

namespace outrider {

// A process, with the fields that events have of theirs.
const EventDescriptor& snapshot_kind();

// Of the same meaning as in EngineOptions.
struct SnapshotNeeds {
  bool show_secrets = false;
  bool environment = false;
};

// What runs now: the tables that name events, without events. Not thread-safe.
class Snapshot {
 public:
  // Asks the kernel; attaches nothing that stays.
  static Result<std::unique_ptr<Snapshot>> take(const SnapshotNeeds& needs);

  // Each process as an event of its own, valid until the function returns; in the order of pids.
  void for_each_process(const std::function<void(const Event&)>& visit);

  [[nodiscard]] const WorkloadTable& workloads() const { return workloads_; }

 private:
  explicit Snapshot(const SnapshotNeeds& needs)
      : processes_({.show_secrets = needs.show_secrets, .environment = needs.environment}) {}

  std::vector<wire_fork> listed_;
  ProcessTable processes_;
  WorkloadTable workloads_;
  PathLookup lookup_;
  UserTable users_;
  Arena arena_;
};

}  // namespace outrider
