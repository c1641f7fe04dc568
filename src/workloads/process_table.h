// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "events/wire.h"
#include "workloads/process.h"

namespace outrider {

// The processes of the machine by (pid, start time), kept up to date by fork, exec,
// exit and changes of the working directory, in the order of their times. What was
// there before is read from /proc, which also fills gaps after a loss; everything
// in /proc is a process's own claim and is bounded and checked here. Exited processes
// stay for a while, since their last events may come after. Not thread-safe.
class ProcessTable {
 public:
  struct Options {
    std::size_t living_max = 100'000;
    // Show the values of arguments that look like secrets (SEMANTICS 10).
    bool show_secrets = false;
    std::string proc = "/proc";
  };

  ProcessTable();
  explicit ProcessTable(Options options);

  // Reads every process there is now. Returns how many.
  std::size_t read_proc();

  // The process of a record, made from /proc if it is not known yet. Never nullptr;
  // valid until the next call that changes the table.
  const Process* process_of(const wire_header& header);
  // One that is known already, or nullptr.
  [[nodiscard]] const Process* find(std::uint32_t pid, std::uint64_t start_time) const;
  // The same of a parent (or a session's leader) of which perhaps only the id is known: a
  // `start_time` of 0.
  [[nodiscard]] const Process* find_parent(std::uint32_t pid, std::uint64_t start_time,
                                           std::uint64_t child_start_time) const;

  void apply_fork(const wire_fork& fork);
  // `arguments` has a NUL after each and is redacted already; `known` is false if they
  // could not be read.
  void apply_exec(const wire_exec& exec, std::string_view arguments, bool known, bool cut);
  // False if this process had exited already: the kernel told us twice.
  bool apply_exit(const wire_exit& exit);
  void apply_working_directory(const wire_file& change);

  // Forgets what exited long before `now` (boot time, ns).
  void sweep(std::uint64_t now);

  [[nodiscard]] std::size_t size() const { return by_pid_.size(); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  Process& living(const wire_header& header);
  Process& insert(std::uint32_t pid);
  [[nodiscard]] bool same(const Process& process, std::uint64_t start_time) const;
  bool fill_from_proc(Process& process, std::uint64_t start_time);
  void set_arguments(Process& process, std::string_view arguments, bool known, bool cut);

  Options options_;
  std::uint64_t ns_per_tick_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Process>> by_pid_;
  struct Exited {
    std::uint64_t time;
    std::uint32_t pid;
    std::uint64_t start_time;
  };
  std::deque<Exited> exited_;
  std::uint64_t evicted_ = 0;
  Process* last_ = nullptr;  // of the last lookup: events come in runs
};

}  // namespace outrider
