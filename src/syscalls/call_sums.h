// SPDX-License-Identifier: Apache-2.0
//
// How often which system call was made, with which errors, and how long it took: rows, added up
// from what the kernel programs have added up (summary.bpf.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "syscalls/summary_wire.h"

namespace outrider {

// Who made which call. What rows are not split by is the same in all.
struct CallKey {
  std::string container = {};  // empty: in none; "?": not known
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::string comm = {};
  std::uint16_t call = 0;
  wire_abi abi = WIRE_ABI_64;
  bool others = false;  // all that found no room as rows of their own
  auto operator<=>(const CallKey&) const = default;
};

// "openat"; "syscall_499" if the table of calls has none of this number.
std::string call_name(const CallKey& key);

struct CallRow {
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;  // of the calls
  std::uint64_t time = 0;    // ns, of all that have one
  std::uint64_t longest = 0;
  std::uint64_t untimed = 0;                             // of the calls: nobody saw them begin
  std::uint64_t endless = 0;                             // of the calls: the thread ended in them
  std::uint64_t unfinished = 0;                          // besides the calls: under way at the end
  std::map<std::uint16_t, std::uint64_t> by_error = {};  // by errno, if that was asked for
  // By call__slot().
  struct Slot {
    std::uint64_t count = 0;
    std::uint64_t time = 0;
  };
  std::map<std::uint16_t, Slot> slots = {};

  // A time that so large a share of the calls did not exceed, 0 < share <= 1; nothing if none has a
  // time. It is the mean of the slot in which that call is: less than an eighth beside its time.
  [[nodiscard]] std::optional<std::uint64_t> percentile(double share) const;

  void add(const CallRow& other);
};

enum class CallOrder : std::uint8_t { kTotal, kCalls, kErrors, kP99 };
std::optional<CallOrder> parse_call_order(std::string_view text);

// Not thread-safe.
class CallSums {
 public:
  // Rows beyond that are one, with `others`.
  static constexpr std::size_t kRowsMax = 20'480;

  // `which` tells error and slot; `errors`: by their errnos.
  void add(const CallKey& key, const wire_call_key& which, const wire_call_sum& sum, bool errors);
  void add_unfinished(const CallKey& key);

  struct Entry {
    const CallKey* key;
    const CallRow* row;
  };
  // The largest first; equals by name. Valid until the next change.
  [[nodiscard]] std::vector<Entry> rows(CallOrder order) const;
  [[nodiscard]] CallRow total() const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  void clear() { rows_.clear(); }

 private:
  CallRow& row_of(const CallKey& key);

  std::map<CallKey, CallRow> rows_;
};

}  // namespace outrider
