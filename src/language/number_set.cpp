// SPDX-License-Identifier: Apache-2.0
#include "language/number_set.h"

#include <algorithm>

namespace outrider {

namespace {

constexpr std::uint64_t kLast = ~std::uint64_t{0};

}  // namespace

NumberSet NumberSet::of(std::vector<Interval> intervals) {
  std::ranges::sort(intervals, {}, &Interval::first);
  NumberSet set;
  for (const Interval& interval : intervals) {
    if (!set.intervals_.empty()) {
      Interval& before = set.intervals_.back();
      if (before.last == kLast || interval.first <= before.last + 1) {
        before.last = std::max(before.last, interval.last);
        continue;
      }
    }
    set.intervals_.push_back(interval);
  }
  return set;
}

NumberSet NumberSet::united(const NumberSet& other) const {
  std::vector<Interval> both = intervals_;
  both.insert(both.end(), other.intervals_.begin(), other.intervals_.end());
  return of(std::move(both));
}

NumberSet NumberSet::complement() const {
  NumberSet set;
  std::uint64_t next = 0;
  for (const Interval& interval : intervals_) {
    if (interval.first > next) set.intervals_.push_back({next, interval.first - 1});
    if (interval.last == kLast) return set;
    next = interval.last + 1;
  }
  set.intervals_.push_back({next, kLast});
  return set;
}

NumberSet NumberSet::intersected(const NumberSet& other) const {
  NumberSet set;
  auto a = intervals_.begin();
  auto b = other.intervals_.begin();
  while (a != intervals_.end() && b != other.intervals_.end()) {
    const std::uint64_t first = std::max(a->first, b->first);
    const std::uint64_t last = std::min(a->last, b->last);
    if (first <= last) set.intervals_.push_back({first, last});
    (a->last < b->last ? a : b)++;
  }
  return set;
}

bool NumberSet::has(std::uint64_t number) const {
  const auto after = std::ranges::upper_bound(intervals_, number, {}, &Interval::first);
  return after != intervals_.begin() && (after - 1)->last >= number;
}

}  // namespace outrider
