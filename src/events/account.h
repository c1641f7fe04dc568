// SPDX-License-Identifier: Apache-2.0
//
// seen = filtered + delivered + lost, for each kind (SEMANTICS 16).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace outrider {

struct LossReason {
  std::string_view name;
  std::string_view meaning;
};

// In the order of KindAccount::lost.
enum class Loss : std::uint8_t { kRingFull, kUnbuilt, kMalformed, kUnwritten, kSampled };
inline constexpr LossReason kLossReasons[] = {
    {"ring_full", "no room in the ring: the reader was too slow"},
    {"unbuilt", "the kernel program had no memory to build the record in"},
    {"malformed", "the record did not pass the decoder's checks"},
    {"unwritten", "the output could not be written"},
    {"sampled", "left out to hold --max-cpu"},
};
inline constexpr std::size_t kLossReasonCount = std::size(kLossReasons);

struct KindAccount {
  std::string_view kind;
  std::uint64_t seen = 0;             // runs of the kernel program for this kind
  std::uint64_t filtered_kernel = 0;  // not wanted, decided in the kernel
  std::uint64_t filtered_agent = 0;   // not wanted, decided in user space
  std::uint64_t delivered = 0;        // written to the consumer
  std::uint64_t lost[kLossReasonCount] = {};
  // Runs that the kernel itself skipped (recursion); not among those seen. Counted by
  // program, so kinds that share a program show the same number.
  std::uint64_t missed = 0;
  // Nanoseconds in which the kind was not watched at all, to hold --max-cpu: what happened then is
  // in none of the numbers.
  std::uint64_t unwatched = 0;

  [[nodiscard]] std::uint64_t lost_total() const;
  // What the equation leaves over; 0 unless records are still under way.
  [[nodiscard]] std::int64_t difference() const;
};

struct ProcessLoss {
  std::uint32_t pid;
  std::string_view kind;
  std::uint64_t count;
};

struct Account {
  std::vector<KindAccount> kinds;
  std::vector<ProcessLoss> losses;  // ring_full and unbuilt, by process, most first
  std::uint64_t late = 0;           // delivered out of order
  // Processes that were forgotten to make room for others: their names may be unknown after.
  std::uint64_t processes_evicted = 0;
  // Records of fork, exec, exit, cwd and cgroup that fed no stream but the tables and were
  // lost: names and paths may be incomplete after.
  std::uint64_t tables_lost = 0;
};

// A table for a terminal, ending with a newline.
std::string account_table(const Account& account);

// One line of JSON, ending with a newline.
std::string account_json(const Account& account);

}  // namespace outrider
