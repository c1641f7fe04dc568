// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "syscalls/summary_wire.h"
#include "workloads/cgroups.h"

namespace outrider {

// What became of the calls that were wanted: seen = taken + no_room.
struct CallAccount {
  std::uint64_t seen = 0;
  std::uint64_t taken = 0;       // handed on by take()
  std::uint64_t no_room = 0;     // lost: the sums were full
  std::uint64_t unfollowed = 0;  // threads of which all calls are missing: there were too many
  std::uint64_t missed = 0;      // runs of our programs that the kernel has skipped
  [[nodiscard]] std::uint64_t difference() const { return seen - taken - no_room; }
};

// The kernel's summary of system calls: its programs and what they have added up. Nothing of it is
// pinned: it goes with the object, or with the process. Not thread-safe.
class CallSummary {
 public:
  // Loaded when it returns, not attached. by_cgroup is set with of_cgroups.
  static Result<std::unique_ptr<CallSummary>> load(const wire_call_summary& summary,
                                                   const CgroupHierarchies& hierarchies);
  ~CallSummary();
  CallSummary(const CallSummary&) = delete;
  CallSummary& operator=(const CallSummary&) = delete;

  // From its return on no call that is wanted is missing.
  Result<void> attach();
  // With of_threads: a thread of a process that is wanted; WIRE_CALL_WAITS: from its execve on.
  Result<void> add_thread(pid_t pid, pid_t tid, wire_call_start start);
  // All threads of a process, also those that it makes meanwhile: while attached. Fails if there is
  // no such process.
  Result<void> add_process(pid_t pid);
  // With of_cgroups.
  void tell_cgroup(std::uint64_t id, bool wanted);

  // Hands on and forgets what has been added up; what it cannot get now is there the next time.
  using Take = std::function<void(const wire_call_key& key, const wire_call_sum& sum)>;
  void take(const Take& take);
  // Detaches everything and takes what is left.
  void finish(const Take& take);
  // Calls that are under way: by key, without a slot. Also those that were under way when we came,
  // of the threads that were added.
  void for_each_unfinished(const std::function<void(const wire_call_key& key)>& visit) const;
  // With of_threads: how many of the wanted there are still.
  [[nodiscard]] std::size_t threads() const;

  [[nodiscard]] CallAccount account() const;
  // See LoadedObject.
  [[nodiscard]] const std::string& refused() const;

 private:
  class Implementation;
  explicit CallSummary(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace outrider
