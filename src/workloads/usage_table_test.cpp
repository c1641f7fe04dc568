// SPDX-License-Identifier: Apache-2.0
#include "workloads/usage_table.h"

#include <gtest/gtest.h>

namespace outrider {

namespace {

constexpr std::uint64_t kBegun = 1000;

wire_usage thread(std::uint32_t pid, std::uint32_t tid, std::uint64_t start,
                  std::uint64_t runtime) {
  wire_usage usage{};
  usage.header.pid = pid;
  usage.header.tid = tid;
  usage.header.start_time = start;
  usage.runtime = runtime;
  usage.read_bytes = runtime * 2;
  usage.resident = pid == tid ? 7 : 0;
  return usage;
}

wire_usage ended(std::uint32_t pid, std::uint64_t start, std::uint64_t runtime) {
  wire_usage usage = thread(pid, pid, start, runtime);
  usage.resident = 0;
  usage.ended = 1;
  return usage;
}

TEST(UsageTable, WhatWasThereCountsFromTheFirstLookOn) {
  UsageTable table(kBegun);
  table.add(thread(1, 1, 10, 500));
  auto rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 0u);
  table.add(thread(1, 1, 10, 520));
  rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 20u);
  EXPECT_EQ(rows[0].usage.read_bytes, 40u);
  EXPECT_EQ(rows[0].usage.resident, 7u);
  EXPECT_EQ(rows[0].usage.threads, 1u);
}

TEST(UsageTable, ThreadsAreAddedUp) {
  UsageTable table(kBegun);
  table.add(thread(1, 1, 2000, 100));
  table.add(thread(1, 2, 2000, 50));
  const auto rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 150u);
  EXPECT_EQ(rows[0].usage.threads, 2u);
  EXPECT_EQ(rows[0].header.tid, 1u);
}

TEST(UsageTable, WhoCameAndWentBetweenTwoLooks) {
  UsageTable table(kBegun);
  table.finish();
  table.add(ended(5, 2000, 30));
  auto rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 30u);
  EXPECT_EQ(rows[0].usage.ended, 1u);
  EXPECT_EQ(rows[0].usage.threads, 0u);
  EXPECT_TRUE(table.finish().empty()) << "it is told of once";
}

TEST(UsageTable, TheEndCountsFromTheLastLook) {
  UsageTable table(kBegun);
  table.add(thread(5, 5, 2000, 30));
  table.finish();
  table.add(ended(5, 2000, 45));
  // The list is made after, and may have it still.
  table.add(thread(5, 5, 2000, 45));
  const auto rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 15u);
  EXPECT_EQ(rows[0].usage.ended, 1u);
}

TEST(UsageTable, TheEndMayBeToldALookLater) {
  UsageTable table(kBegun);
  table.add(thread(5, 5, 2000, 30));
  table.finish();
  EXPECT_TRUE(table.finish().empty()) << "in the list no more, and not told of yet";
  table.add(ended(5, 2000, 45));
  const auto rows = table.finish();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].usage.runtime, 15u);
}

TEST(UsageTable, APidUsedAgainIsAnother) {
  UsageTable table(kBegun);
  table.add(thread(5, 5, 2000, 30));
  table.finish();
  table.add(ended(5, 2000, 31));
  table.add(thread(5, 5, 3000, 4));
  const auto rows = table.finish();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].usage.runtime, 1u);
  EXPECT_EQ(rows[1].usage.runtime, 4u);
}

TEST(UsageTable, NothingIsCountedTwiceAfterADip) {
  UsageTable table(kBegun);
  table.add(thread(1, 1, 2000, 100));
  table.finish();
  // A thread ended while we looked: its part is nowhere for once.
  table.add(thread(1, 1, 2000, 60));
  EXPECT_EQ(table.finish()[0].usage.runtime, 0u);
  table.add(thread(1, 1, 2000, 110));
  EXPECT_EQ(table.finish()[0].usage.runtime, 10u);
}

}  // namespace

}  // namespace outrider
