// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/wire.h"
#include "workloads/proc_reader.h"
#include "workloads/process.h"

namespace outrider {

// The processes of the machine by (pid, start time), kept up to date by fork, exec,
// exit and changes of the working directory, in the order of their times. What was
// there before is read from /proc, which also fills gaps after a loss. Those that have
// ended stay for a while, since their last events may come after, also when another has
// got their pid. Bounded: those that ended first are forgotten first, then those of which
// nothing has been heard for longest. Not thread-safe.
class ProcessTable {
 public:
  struct Options {
    std::size_t processes_max = 100'000;
    // Show the values of arguments that look like secrets (SEMANTICS 10).
    bool show_secrets = false;
    // Keep the environment of processes.
    bool environment = false;
    std::string proc = "/proc";
  };

  ProcessTable();
  explicit ProcessTable(Options options);
  ProcessTable(const ProcessTable&) = delete;
  ProcessTable& operator=(const ProcessTable&) = delete;

  // Reads every process there is now, and forgets all that was known: nobody has told what became
  // of it meanwhile. Returns how many. With the hooks attached before, what starts or ends during
  // the reading is told by a record as well, which comes after and knows it for the same.
  std::size_t read_proc();

  // Nobody has told what became of them meanwhile.
  void forget_all();

  // A process of the kernel's list: that, and what /proc has besides.
  void add_listed(const wire_fork& process);

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
  // Of the program of a record. `environment` has a NUL after each variable and is redacted
  // already.
  void set_environment(const wire_header& header, std::string_view environment, bool known,
                       bool cut);
  // False if this process had exited already: the kernel told us twice.
  bool apply_exit(const wire_exit& exit);
  void apply_working_directory(const wire_file& change);

  // Forgets what ended long before `now` (boot time, ns).
  void sweep(std::uint64_t now);

  // Who keeps a copy of a table.
  class Copy {
   public:
    Copy() = default;
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    virtual ~Copy() = default;

    // What is known of a process now. `end`: boot time, ns, at which it was known to have ended; 0:
    // it lives.
    virtual void put(const Process& process, std::uint64_t end) = 0;
    virtual void forget(std::uint32_t pid, std::uint64_t start_time) = 0;
    virtual void forget_all() = 0;
  };
  // Tells what has changed since the last call; the first time, everything. Until then nothing is
  // noted. There may be one copy.
  void update(Copy& copy);
  // Whether update() has something to tell; true before its first call.
  [[nodiscard]] bool has_news() const { return all_is_news_ || !news_.empty(); }

  // As another table had it; see Copy::put(). Also one that is known already.
  void put(const Process& process, std::uint64_t end);
  void forget(std::uint32_t pid, std::uint64_t start_time);

  // Where it looks things up.
  [[nodiscard]] const ProcReader& proc() const { return proc_; }
  // Also those that have ended.
  [[nodiscard]] std::size_t size() const { return living_.size() + ended_.size(); }
  // How many have been forgotten for want of room.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Entry {
    Process process;
    std::list<Entry>::iterator place;
    Entry* older = nullptr;  // who had the pid before and is known still
    // Its exit has been told, or that another has its pid (boot time, ns); 0: it lives.
    std::uint64_t end = 0;
  };

  [[nodiscard]] Entry* find_entry(std::uint32_t pid, std::uint64_t start_time) const;
  Entry& add(std::uint32_t pid, std::uint64_t start_time, std::uint64_t now);
  Entry& entry_of(const wire_header& header);
  [[nodiscard]] Entry* find_exactly(std::uint32_t pid, std::uint64_t start_time) const;
  void identify(Process& process, const wire_header& header);
  void note(const Process& process);
  void end(Entry& entry, std::uint64_t time);
  void forget(Entry& entry);
  void make_room(const Entry& newest);
  [[nodiscard]] bool same(const Process& process, std::uint64_t start_time) const;

  Options options_;
  ProcReader proc_;
  std::list<Entry> living_;                           // the most recently heard of first
  std::list<Entry> ended_;                            // who ended first, first
  std::unordered_map<std::uint32_t, Entry*> by_pid_;  // who has it now, and by `older` those before
  std::uint64_t evicted_ = 0;
  Entry* last_ = nullptr;  // of the last lookup: events come in runs

  // For a copy, if there is one: which entries are not as it has them, or are gone.
  struct Name {
    std::uint32_t pid;
    std::uint64_t start_time;
    bool operator==(const Name&) const = default;
  };
  bool is_copied_ = false;
  bool all_is_news_ = true;
  std::vector<Name> news_;
};

}  // namespace outrider
