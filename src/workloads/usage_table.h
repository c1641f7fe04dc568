// SPDX-License-Identifier: Apache-2.0
//
// From what threads have used since they began to what processes have used since the last look.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "workloads/usage_wire.h"

namespace outrider {

// What a process, or several together, used in an interval.
struct Usage {
  std::uint64_t runtime = 0;  // ns on a CPU
  std::uint64_t wait = 0;     // ns ready to run, without a CPU
  std::uint64_t read_bytes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t resident = 0;   // pages, at its end
  std::uint64_t threads = 0;    // at its end
  std::uint64_t processes = 0;  // that there were, also those that have ended
  std::uint64_t ended = 0;      // of these

  void add(const Usage& other);
};

struct UsageRow {
  wire_header header{};  // of the process; of one that has ended as far as it was known
  Usage usage;
};

// Not thread-safe.
class UsageTable {
 public:
  // Processes that began before (boot time, ns) count from the first look on.
  explicit UsageTable(std::uint64_t begun) : begun_(begun) {}

  // A thread there is, or a process that has ended.
  void add(const wire_usage& usage);
  // Closes the interval: a row for each process that there was in it, in the order of pids. After
  // the first call, which only learns what there is, what was added since the last.
  std::vector<UsageRow> finish();

 private:
  struct Entry {
    wire_header header{};
    Usage now;    // what has been added up since the last look
    Usage known;  // as of the last look
    bool is_new = true;
    bool seen = false;
    unsigned unseen = 0;  // looks since
  };

  std::uint64_t begun_;
  // By pid and start time.
  std::map<std::pair<std::uint32_t, std::uint64_t>, Entry> entries_;
};

}  // namespace outrider
