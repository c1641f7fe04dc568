// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "events/account.h"
#include "events/event.h"
#include "recording/format.h"
#include "recording/frames.h"
#include "recording/state.h"
#include "workloads/process_table.h"
#include "workloads/workload_table.h"

namespace outrider {

// Records the events that it is given, in this order, with all that their fields are read from:
// what the tables know at that moment. Arguments of programs are written as the engine shows them,
// with secrets masked unless it shows them. Not thread-safe.
class RecordingWriter : private ProcessTable::Copy {
 public:
  // `take` gets the file's bytes as they are due, frame by frame. The tables are those of the
  // events and outlive it.
  RecordingWriter(const RecordingHeader& header, ProcessTable& processes, WorkloadTable& workloads,
                  FramePacker::Take take);

  void write(const Event& event);
  // Ends the frame, with the account until now, so that what was written can be read.
  void flush(const Account& account);
  // The same, and that nothing is missing.
  void finish(const Account& account);

 private:
  using Clock = std::chrono::steady_clock;

  // What was written of a process's users, and when they were asked for.
  struct Users {
    std::uint64_t exec_id = 0;
    RecordedUser written;
    Clock::time_point asked;
  };
  struct Cgroup {
    std::uint64_t changes = 0;  // of the table of workloads, when it was looked at
    std::string written;
  };

  void put(const Process& process, std::uint64_t end) override;
  void forget(std::uint32_t pid, std::uint64_t start_time) override;
  void forget_all() override;

  void write_clock(std::int64_t wall_offset);
  void write_cgroup(const Event& event);
  void write_users(const Event& event);
  void write_login(const Event& event);
  void write_paths(const Event& event);
  void write_record(const Event& event);
  void append(ChunkType type, std::uint16_t flags, std::string_view payload);
  template <typename... Values>
  void append_packed(ChunkType type, const Values&... values);

  FramePacker frames_;
  ProcessTable& processes_;
  WorkloadTable& workloads_;
  Arena arena_;
  std::string packed_;  // of one chunk

  std::optional<std::int64_t> wall_offset_;
  std::unordered_map<std::uint64_t, Cgroup> cgroups_;
  std::uint64_t last_cgroup_ = 0;
  std::uint64_t last_changes_ = 0;
  std::unordered_map<ProcessName, Users, ProcessNameHash> users_;
  std::unordered_map<std::uint32_t, RecordedName> logins_;
  // By kind its field fd.realpath; nullptr: it has none.
  std::array<const FieldDescriptor*, WIRE_KIND_LIMIT> real_paths_{};
};

}  // namespace outrider
