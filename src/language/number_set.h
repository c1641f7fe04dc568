// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace outrider {

// A set of 64-bit numbers, as intervals.
class NumberSet {
 public:
  struct Interval {
    std::uint64_t first;
    std::uint64_t last;  // belongs to it
    bool operator==(const Interval&) const = default;
  };

  static NumberSet none() { return {}; }
  static NumberSet all() { return of({{0, ~std::uint64_t{0}}}); }
  // In any order; they may overlap.
  static NumberSet of(std::vector<Interval> intervals);

  NumberSet united(const NumberSet& other) const;
  NumberSet intersected(const NumberSet& other) const;
  NumberSet complement() const;

  bool has(std::uint64_t number) const;
  bool empty() const { return intervals_.empty(); }
  bool full() const {
    return intervals_.size() == 1 && intervals_[0] == Interval{0, ~std::uint64_t{0}};
  }
  // Sorted, apart from each other by at least one number.
  const std::vector<Interval>& intervals() const { return intervals_; }
  bool operator==(const NumberSet&) const = default;

 private:
  std::vector<Interval> intervals_;
};

}  // namespace outrider
