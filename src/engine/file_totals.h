// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "events/wire.h"
#include "syscalls/file_totals_wire.h"
#include "workloads/cgroups.h"

namespace outrider {

// What became of the reads and writes of files: seen = taken + no_room.
struct FileAccount {
  std::uint64_t seen = 0;
  std::uint64_t taken = 0;    // handed on by take()
  std::uint64_t no_room = 0;  // lost: the sums were full
  std::uint64_t gone = 0;     // besides: the descriptor had been closed by another thread
  std::uint64_t unnamed = 0;  // files whose path found no room in the ring, at a time
  std::uint64_t missed = 0;   // runs of our program that the kernel has skipped
  [[nodiscard]] std::uint64_t difference() const { return seen - taken - no_room; }
};

// The kernel's totals of what processes read and write, by file: its program and what it has added
// up. Nothing of it is pinned: it goes with the object, or with the process. Not thread-safe.
class FileTotals {
 public:
  struct Options {
    bool all = false;  // also pipes, sockets and the like
    CgroupHierarchies hierarchies = {};
  };

  // Loaded when it returns, not attached.
  static Result<std::unique_ptr<FileTotals>> load(const Options& options);
  ~FileTotals();
  FileTotals(const FileTotals&) = delete;
  FileTotals& operator=(const FileTotals&) = delete;

  // From its return on no read or write is missing.
  Result<void> attach();

  // Hands on and forgets what has been added up; what it cannot get now is there the next time.
  // After the sums come the names of what was used since the last time: who, which object, and in
  // WIRE_FILE_OBJECT its path; valid until `name` returns.
  using Take = std::function<void(const wire_file_key& key, const wire_file_sum& sum)>;
  using Name = std::function<void(const wire_file& file)>;
  void take(const Take& take, const Name& name);
  // Detaches and takes what is left.
  void finish(const Take& take, const Name& name);

  [[nodiscard]] FileAccount account() const;
  // See LoadedObject.
  [[nodiscard]] const std::string& refused() const;

 private:
  class Implementation;
  explicit FileTotals(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace outrider
