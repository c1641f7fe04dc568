// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/wire.h"
#include "workloads/cgroups.h"
#include "workloads/containers/container_reader.h"
#include "workloads/workload.h"

namespace outrider {

// Which workload a cgroup is. Fed by the kernel as cgroups are made and removed, at once and not
// in the order of events, so that names are there when the first event of a container is; what was
// there before is read from the hierarchies. Names come from a reader with threads of its own; the
// table itself is not thread-safe.
class WorkloadTable {
 public:
  struct Options {
    std::string mountinfo = "/proc/self/mountinfo";
    std::string controllers = "/proc/cgroups";
    ContainerReader::Options reader = {};
  };

  WorkloadTable();
  explicit WorkloadTable(Options options);

  // Asks for every cgroup there is now that is not known yet. Returns how many there are.
  std::size_t read_cgroups();
  // Waits until all that has been asked for is answered, but not longer than this.
  void settle(std::chrono::milliseconds patience);
  // The same for containers that were made just now: their first events are under way.
  void settle_new();

  // What the kernel has told, as soon as it is read.
  void apply(const wire_cgroup& change);
  // A program that is run now: if it is a runtime, what it is about to start is read. `arguments`
  // have a NUL after each, `cwd` is absolute or empty.
  void expect(std::uint32_t pid, std::string_view program, std::string_view arguments,
              std::string_view cwd);
  // It has started another process, which may do a part of it.
  void inherit(std::uint32_t parent, std::uint32_t child);
  // That process has ended.
  void forget_process(std::uint32_t pid) { commands_.erase(pid); }

  // Takes what has been found out since.
  void take_answers();

  // As in wire_header. Never nullptr; valid until the next call that changes the table.
  const Workload* workload_of(std::uint64_t cgroup_id);
  // The cgroup's path; an empty view with data() == nullptr if it is not known.
  std::string_view path_of(std::uint64_t cgroup_id) { return cgroups_.path_of(cgroup_id); }
  // Each cgroup that is known. `visit` must not change the table.
  void for_each(
      const std::function<void(std::uint64_t cgroup_id, const Workload& workload)>& visit);
  // By the container's cgroup.
  [[nodiscard]] std::vector<const Workload*> containers() const;

  // Forgets what was removed long before `now` (boot time, ns).
  void sweep(std::uint64_t now);

  // Another number, never 0, whenever more is known than before.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] const CgroupTable& cgroups() const { return cgroups_; }
  [[nodiscard]] const ContainerReader& reader() const { return reader_; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string path;
    // Which of the cgroups is a container's is known once it is: see resolve().
    std::uint64_t parent = 0;  // 0: the root, or not known
    Workload own;
    bool asked = false;
    const Workload* resolved = nullptr;
    std::uint64_t resolved_at = 0;  // changes_ at that time
  };

  Entry& entry_of(std::uint64_t cgroup_id);
  void add(std::uint64_t cgroup_id, std::string_view path, std::uint32_t creator);
  const Workload* resolve(Entry& entry);
  static std::string key_of(std::uint64_t cgroup_id, std::string_view path);

  CgroupTable cgroups_;
  ContainerReader reader_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::unordered_map<std::string, std::uint64_t> by_path_;  // key_of()
  // By process: what runtimes that run now were told to start.
  std::unordered_map<std::uint32_t, RuntimeCommand> commands_;
  struct Removed {
    std::uint64_t time;
    std::uint64_t cgroup_id;
  };
  std::deque<Removed> removed_;
  std::size_t open_questions_ = 0;
  std::chrono::steady_clock::time_point asked_;  // of a container: last
  std::uint64_t changes_ = 1;
  // Of the last lookup: events come in runs.
  std::uint64_t last_id_ = 0;
  std::uint64_t last_at_ = 0;
  const Workload* last_ = nullptr;
};

}  // namespace outrider
