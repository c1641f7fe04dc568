// SPDX-License-Identifier: Apache-2.0
#include "language/number_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace outrider {
namespace {

constexpr std::uint64_t kLast = ~std::uint64_t{0};

TEST(NumberSet, JoinsIntervalsThatTouch) {
  const auto set = NumberSet::of({{5, 9}, {0, 2}, {3, 4}, {20, 30}, {25, 40}});
  const std::vector<NumberSet::Interval> wanted = {{0, 9}, {20, 40}};
  EXPECT_EQ(set.intervals(), wanted);
}

TEST(NumberSet, TheComplementOfTheEndsIsWithoutThem) {
  EXPECT_TRUE(NumberSet::all().complement().empty());
  EXPECT_TRUE(NumberSet::none().complement().full());
  const auto set = NumberSet::of({{0, 0}, {kLast, kLast}});
  const std::vector<NumberSet::Interval> wanted = {{1, kLast - 1}};
  EXPECT_EQ(set.complement().intervals(), wanted);
  EXPECT_EQ(set.complement().complement(), set);
}

// Against plain sets of small numbers.
TEST(NumberSet, AgreesWithSetsOfNumbers) {
  std::mt19937_64 random(1);
  constexpr std::uint64_t kSmall = 24;
  const auto make = [&random] {
    std::vector<NumberSet::Interval> intervals;
    for (std::uint64_t i = random() % 4; i > 0; --i) {
      const std::uint64_t first = random() % kSmall;
      intervals.push_back({first, std::min(first + random() % 6, kSmall - 1)});
    }
    return NumberSet::of(std::move(intervals));
  };
  for (int i = 0; i < 5000; ++i) {
    const NumberSet a = make();
    const NumberSet b = make();
    for (std::uint64_t number = 0; number < kSmall + 2; ++number) {
      ASSERT_EQ(a.united(b).has(number), a.has(number) || b.has(number));
      ASSERT_EQ(a.intersected(b).has(number), a.has(number) && b.has(number));
      ASSERT_EQ(a.complement().has(number), !a.has(number));
    }
  }
}

}  // namespace
}  // namespace outrider
