// SPDX-License-Identifier: Apache-2.0
#include "workloads/usage_table.h"

#include <algorithm>

namespace outrider {

namespace {

// Looks for which it is remembered who is not in the list any more.
constexpr unsigned kPatience = 3;

// What was counted of one look to the next. A thread that ends while we look may be in neither the
// list nor the sums of its process: then there is less than before, and the next look makes up.
std::uint64_t grown(std::uint64_t now, std::uint64_t& known) {
  const std::uint64_t before = known;
  known = std::max(known, now);
  return known - before;
}

}  // namespace

void Usage::add(const Usage& other) {
  runtime += other.runtime;
  wait += other.wait;
  read_bytes += other.read_bytes;
  written_bytes += other.written_bytes;
  resident += other.resident;
  threads += other.threads;
  processes += other.processes;
  ended += other.ended;
}

void UsageTable::add(const wire_usage& usage) {
  const wire_header& header = usage.header;
  const auto [found, is_new] = entries_.try_emplace({header.pid, header.start_time});
  Entry& entry = found->second;
  // That of the first thread says most, but for what its end has taken away.
  if (is_new || (header.pid == header.tid && usage.ended == 0)) entry.header = header;
  if (usage.ended != 0) {
    entry.now = {};
    entry.now.ended = 1;
  } else if (entry.now.ended != 0) {
    // It was in the list, and gone before its turn came.
    return;
  } else {
    entry.now.threads += 1;
  }
  entry.seen = true;
  entry.now.runtime += usage.runtime;
  entry.now.wait += usage.wait;
  entry.now.read_bytes += usage.read_bytes;
  entry.now.written_bytes += usage.written_bytes;
  entry.now.resident += usage.resident;
}

std::vector<UsageRow> UsageTable::finish() {
  std::vector<UsageRow> rows;
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = at->second;
    const bool was_there = entry.is_new && entry.header.start_time < begun_;
    UsageRow row{.header = entry.header, .usage = {}};
    row.usage.runtime = grown(entry.now.runtime, entry.known.runtime);
    row.usage.wait = grown(entry.now.wait, entry.known.wait);
    row.usage.read_bytes = grown(entry.now.read_bytes, entry.known.read_bytes);
    row.usage.written_bytes = grown(entry.now.written_bytes, entry.known.written_bytes);
    if (was_there) row.usage = {};
    row.usage.resident = entry.now.resident;
    row.usage.threads = entry.now.threads;
    row.usage.processes = 1;
    row.usage.ended = entry.now.ended;
    if (entry.seen) rows.push_back(row);
    entry.unseen = entry.seen ? 0 : entry.unseen + 1;
    // What is not in the list any more has ended; the kernel tells a little later, if it is not
    // lost, and that is not to be taken for another process.
    if (entry.now.ended != 0 || entry.unseen > kPatience) {
      at = entries_.erase(at);
      continue;
    }
    entry.now = {};
    entry.is_new = false;
    entry.seen = false;
    ++at;
  }
  return rows;
}

}  // namespace outrider
