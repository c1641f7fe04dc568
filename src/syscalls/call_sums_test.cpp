// SPDX-License-Identifier: Apache-2.0
#include "syscalls/call_sums.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace outrider {
namespace {

// Calls of one slot, as the kernel adds them up.
void add_slot(CallSums& sums, const CallKey& key, std::uint16_t slot, std::uint64_t count,
              std::uint64_t time = 0, std::uint16_t error = 0, bool errors = false) {
  wire_call_key which{};
  which.slot = slot;
  which.error = error;
  wire_call_sum sum{};
  sum.count = count;
  sum.time = count * time;
  sum.longest = time;
  sums.add(key, which, sum, errors);
}

// A call that took so long.
void add(CallSums& sums, const CallKey& key, std::uint64_t time, std::uint16_t error = 0,
         bool errors = false) {
  add_slot(sums, key, call__slot(time), 1, time, error, errors);
}

const CallRow& only_row(const CallSums& sums) {
  const auto rows = sums.rows(CallOrder::kTotal);
  EXPECT_EQ(rows.size(), 1U);
  return *rows.at(0).row;
}

TEST(CallSlots, AreInOrderWithoutAGapAndAnEighthWide) {
  std::uint16_t before = call__slot(0);
  EXPECT_EQ(before, 0);
  std::uint64_t first = 0;
  for (std::uint64_t time = 1; time < 100'000; ++time) {
    const std::uint16_t slot = call__slot(time);
    ASSERT_TRUE(slot == before || slot == before + 1) << time;
    if (slot != before) first = time;
    ASSERT_LE(time - first, first / 8) << time;
    before = slot;
  }
  EXPECT_EQ(call__slot(~std::uint64_t{0}), WIRE_CALL_SLOTS - 1);
  for (int bit = 3; bit < 64; ++bit) {
    EXPECT_EQ(call__slot(std::uint64_t{1} << bit), 8 * (bit - 2)) << bit;
    EXPECT_EQ(log2__of(std::uint64_t{1} << bit), bit);
  }
}

TEST(CallSums, CountsErrorsAndTimes) {
  CallSums sums;
  add(sums, {.call = 1}, 100);
  add(sums, {.call = 1}, 300, 1);
  const CallRow& row = only_row(sums);
  EXPECT_EQ(row.calls, 2U);
  EXPECT_EQ(row.errors, 1U);
  EXPECT_EQ(row.time, 400U);
  EXPECT_EQ(row.longest, 300U);
  EXPECT_TRUE(row.by_error.empty());
}

TEST(CallSums, ErrorsByName) {
  CallSums sums;
  add(sums, {}, 1, 2, true);
  add(sums, {}, 1, 2, true);
  add(sums, {}, 1, 13, true);
  add(sums, {}, 1, 0, true);
  EXPECT_EQ(only_row(sums).by_error, (std::map<std::uint16_t, std::uint64_t>{{2, 2}, {13, 1}}));
}

TEST(CallSums, WhatHasNoTimeIsCountedButNotInPercentiles) {
  CallSums sums;
  add_slot(sums, {}, WIRE_CALL_UNTIMED, 3);
  add_slot(sums, {}, WIRE_CALL_ENDLESS, 2);
  EXPECT_EQ(only_row(sums).percentile(0.5), std::nullopt);
  add(sums, {}, 4000);
  const CallRow& row = only_row(sums);
  EXPECT_EQ(row.calls, 6U);
  EXPECT_EQ(row.untimed, 3U);
  EXPECT_EQ(row.endless, 2U);
  EXPECT_EQ(row.percentile(0.5), 4000U);
}

TEST(CallSums, UnfinishedAreNoCalls) {
  CallSums sums;
  sums.add_unfinished({.call = 7});
  EXPECT_EQ(only_row(sums).calls, 0U);
  EXPECT_EQ(only_row(sums).unfinished, 1U);
}

TEST(CallSums, APercentileIsWithinAnEighth) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    CallSums sums;
    std::vector<std::uint64_t> times;
    const std::size_t count = 1 + random() % 300;
    for (std::size_t i = 0; i < count; ++i) times.push_back(random() >> (random() % 40 + 20));
    for (const std::uint64_t time : times) add(sums, {}, time);
    std::ranges::sort(times);
    for (const double share : {0.5, 0.99, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(count)));
      const auto exact = static_cast<double>(times[rank - 1]);
      const auto told = static_cast<double>(only_row(sums).percentile(share).value());
      EXPECT_LE(told, exact * 1.125) << share;
      EXPECT_GE(told * 1.125 + 1, exact) << share;
    }
  }
}

TEST(CallSums, APercentileOfEqualTimesIsExact) {
  CallSums sums;
  for (int i = 0; i < 10; ++i) add(sums, {}, 1'000'003);
  EXPECT_EQ(only_row(sums).percentile(0.5), 1'000'003U);
  EXPECT_EQ(only_row(sums).percentile(0.99), 1'000'003U);
}

std::vector<std::uint16_t> order(const CallSums& sums, CallOrder order) {
  std::vector<std::uint16_t> calls;
  for (const auto& [key, row] : sums.rows(order)) calls.push_back(key->call);
  return calls;
}

TEST(CallSums, Order) {
  using Calls = std::vector<std::uint16_t>;
  CallSums sums;
  add(sums, {.call = 491}, 1000);
  for (int i = 0; i < 5; ++i) add(sums, {.call = 492}, 10, 1);
  for (int i = 0; i < 9; ++i) add(sums, {.call = 493}, 20);
  EXPECT_EQ(order(sums, CallOrder::kTotal), (Calls{491, 493, 492}));
  EXPECT_EQ(order(sums, CallOrder::kCalls), (Calls{493, 492, 491}));
  EXPECT_EQ(order(sums, CallOrder::kErrors), (Calls{492, 493, 491}));
  EXPECT_EQ(order(sums, CallOrder::kP99), (Calls{491, 493, 492}));
  EXPECT_EQ(parse_call_order("p99"), CallOrder::kP99);
  EXPECT_EQ(parse_call_order("time"), std::nullopt);
}

TEST(CallSums, RowsBeyondTheMostAreOne) {
  CallSums sums;
  for (std::uint32_t pid = 0; pid < CallSums::kRowsMax + 10; ++pid) add(sums, {.pid = pid}, 1000);
  add(sums, {.pid = 0}, 1);  // has its row
  const auto rows = sums.rows(CallOrder::kTotal);
  ASSERT_EQ(rows.size(), CallSums::kRowsMax + 1);
  EXPECT_TRUE(rows.back().key->others);
  EXPECT_EQ(rows.back().row->calls, 10U);
  EXPECT_EQ(call_name(*rows.back().key), "(others)");
  EXPECT_EQ(sums.total().calls, CallSums::kRowsMax + 11);
}

TEST(CallSums, Names) {
  EXPECT_EQ(call_name({.call = 499}), "syscall_499");
  EXPECT_EQ(call_name({.call = WIRE_NO_CALL}), "syscall_?");
#if defined(__x86_64__)
  // int 0x80 has its own numbers.
  EXPECT_EQ(call_name({.call = 39, .abi = WIRE_ABI_32}), "mkdir");
  EXPECT_EQ(call_name({.call = 257}), "openat");
#endif
}

}  // namespace
}  // namespace outrider
