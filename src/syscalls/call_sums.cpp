// SPDX-License-Identifier: Apache-2.0
#include "syscalls/call_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>

#include "syscalls/calls.h"

namespace outrider {

std::string call_name(const CallKey& key) {
  if (key.others) return "(others)";
  if (const Call* call = find_call(key.abi, key.call)) return std::string(call->name);
  // What is no number of a call at all: -1, or one with the bit of x32.
  if (key.call == WIRE_NO_CALL) return "syscall_?";
  return fmt::format("syscall_{}", key.call);
}

std::optional<std::uint64_t> CallRow::percentile(double share) const {
  std::uint64_t timed = 0;
  for (const auto& [slot, here] : slots) timed += here.count;
  if (timed == 0) return std::nullopt;
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(timed)));
  std::uint64_t passed = 0;
  for (const auto& [slot, here] : slots) {
    passed += here.count;
    if (passed >= rank) return here.time / here.count;
  }
  return longest;
}

void CallRow::add(const CallRow& other) {
  calls += other.calls;
  errors += other.errors;
  time += other.time;
  longest = std::max(longest, other.longest);
  untimed += other.untimed;
  endless += other.endless;
  unfinished += other.unfinished;
  for (const auto& [error, count] : other.by_error) by_error[error] += count;
  for (const auto& [slot, more] : other.slots) {
    Slot& here = slots[slot];
    here.count += more.count;
    here.time += more.time;
  }
}

std::optional<CallOrder> parse_call_order(std::string_view text) {
  struct Row {
    std::string_view name;
    CallOrder order;
  };
  constexpr Row kRows[] = {{"total", CallOrder::kTotal},
                           {"calls", CallOrder::kCalls},
                           {"errors", CallOrder::kErrors},
                           {"p99", CallOrder::kP99}};
  const auto* row = std::ranges::find(kRows, text, &Row::name);
  return row != std::end(kRows) ? std::optional(row->order) : std::nullopt;
}

CallRow& CallSums::row_of(const CallKey& key) {
  if (rows_.size() < kRowsMax) return rows_[key];
  const auto found = rows_.find(key);
  return found != rows_.end() ? found->second : rows_[CallKey{.others = true}];
}

void CallSums::add(const CallKey& key, const wire_call_key& which, const wire_call_sum& sum,
                   bool errors) {
  CallRow& row = row_of(key);
  row.calls += sum.count;
  row.time += sum.time;
  row.longest = std::max<std::uint64_t>(row.longest, sum.longest);
  if (which.error != 0) row.errors += sum.count;
  if (which.error != 0 && errors) row.by_error[which.error] += sum.count;
  if (which.slot == WIRE_CALL_UNTIMED) {
    row.untimed += sum.count;
  } else if (which.slot == WIRE_CALL_ENDLESS) {
    row.endless += sum.count;
  } else {
    CallRow::Slot& slot = row.slots[which.slot];
    slot.count += sum.count;
    slot.time += sum.time;
  }
}

void CallSums::add_unfinished(const CallKey& key) { ++row_of(key).unfinished; }

std::vector<CallSums::Entry> CallSums::rows(CallOrder order) const {
  // By size, and what has no size behind those that have.
  const auto size = [order](const CallRow& row) -> std::uint64_t {
    switch (order) {
      case CallOrder::kTotal:
        return row.time;
      case CallOrder::kCalls:
        return row.calls;
      case CallOrder::kErrors:
        return row.errors;
      case CallOrder::kP99:
        return row.percentile(0.99).value_or(0);
    }
    return 0;
  };
  struct Sized {
    bool others;
    std::uint64_t size;
    std::uint64_t calls;
    std::string name;
    Entry entry;
  };
  std::vector<Sized> sized;
  sized.reserve(rows_.size());
  for (const auto& [key, row] : rows_) {
    sized.push_back({key.others, size(row), row.calls, call_name(key), {&key, &row}});
  }
  std::ranges::sort(sized, [](const Sized& a, const Sized& b) {
    return std::tie(a.others, b.size, b.calls, a.name, *a.entry.key) <
           std::tie(b.others, a.size, a.calls, b.name, *b.entry.key);
  });
  std::vector<Entry> entries;
  entries.reserve(sized.size());
  for (const Sized& each : sized) entries.push_back(each.entry);
  return entries;
}

CallRow CallSums::total() const {
  CallRow total;
  for (const auto& [key, row] : rows_) total.add(row);
  return total;
}

}  // namespace outrider
