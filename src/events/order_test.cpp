// SPDX-License-Identifier: Apache-2.0
#include "events/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace outrider {
namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

void add(Order& order, std::uint64_t time, std::string_view record) {
  order.add(time, std::as_bytes(std::span(record)));
}

// What is released, with "!" behind what is late.
std::vector<std::string> released(Order& order, std::uint64_t limit) {
  std::vector<std::string> records;
  order.release(limit, [&](std::span<const std::byte> record, bool late) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.data()) % 8, 0) << "read as a structure";
    records.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
    if (late) records.back() += '!';
  });
  return records;
}

using Texts = std::vector<std::string>;

TEST(Order, ReleasesByTimeWhateverRingItCameFrom) {
  Order order;
  // Two rings, each in its own order.
  for (const std::uint64_t time : {10, 30, 50}) add(order, time, std::to_string(time));
  for (const std::uint64_t time : {20, 25, 40}) add(order, time, std::to_string(time));
  order.sort();
  EXPECT_EQ(order.held(), 6);
  EXPECT_EQ(released(order, kAll), (Texts{"10", "20", "25", "30", "40", "50"}));
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(order.held(), 0);
}

TEST(Order, HoldsWhatIsLaterThanTheLimit) {
  Order order;
  for (const std::uint64_t time : {30, 10, 20}) add(order, time, std::to_string(time));
  order.sort();
  EXPECT_EQ(released(order, 9), Texts{});
  EXPECT_EQ(released(order, 10), Texts{"10"}) << "the limit itself is released";
  EXPECT_EQ(released(order, 19), Texts{});
  EXPECT_EQ(order.held(), 2);
  EXPECT_FALSE(order.empty());
  // A record that comes meanwhile finds its place before those held.
  add(order, 15, "15");
  order.sort();
  EXPECT_EQ(released(order, 25), (Texts{"15", "20"}));
  EXPECT_EQ(released(order, kAll), Texts{"30"});
  EXPECT_TRUE(order.empty());
}

TEST(Order, EqualTimesStayInTheOrderTheyCame) {
  Order order;
  for (const char* name : {"a", "b", "c"}) add(order, 20, name);
  add(order, 10, "first");
  order.sort();
  // Of a later round, with the time of records that are still held.
  for (const char* name : {"d", "e"}) add(order, 20, name);
  add(order, 15, "second");
  order.sort();
  EXPECT_EQ(released(order, kAll), (Texts{"first", "second", "a", "b", "c", "d", "e"}));
}

TEST(Order, WhatComesTooLateIsReleasedAtOnceAndMarked) {
  Order order;
  add(order, 100, "100");
  order.sort();
  EXPECT_EQ(released(order, 100), Texts{"100"});
  add(order, 99, "99");
  add(order, 50, "50");
  add(order, 100, "also 100");  // nobody can tell that it is not in order
  add(order, 101, "101");
  order.sort();
  EXPECT_EQ(released(order, 100), (Texts{"50!", "99!", "also 100"}));
  // A late one does not make those after it early.
  add(order, 98, "98");
  order.sort();
  EXPECT_EQ(released(order, kAll), (Texts{"98!", "101"}));
}

TEST(Order, NothingIsNotALimitOfItsOwn) {
  Order order;
  EXPECT_TRUE(order.empty());
  order.sort();
  EXPECT_EQ(released(order, kAll), Texts{});
  // Not having released anything at 100 does not make 50 late.
  add(order, 50, "50");
  order.sort();
  EXPECT_EQ(released(order, kAll), Texts{"50"});
  add(order, 0, "");
  order.sort();
  EXPECT_EQ(released(order, kAll), Texts{"!"}) << "also an empty record";
}

TEST(Order, CopiesWhatItIsGiven) {
  Order order;
  std::string record = "before";
  add(order, 1, record);
  record = "after!";
  order.sort();
  EXPECT_EQ(released(order, kAll), Texts{"before"});
}

// Many rounds of several rings with a watermark, against sorting everything at the end. Sizes up
// to the largest record, so that memory is used again many times.
TEST(Order, KeepsEveryRecordThroughManyRounds) {
  std::mt19937 random(20240);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  constexpr std::uint64_t kWatermark = 300;
  constexpr std::size_t kLargest = 28'848;
  Order order;
  struct Sent {
    std::uint64_t time;
    std::uint64_t number;
    std::size_t size;
  };
  std::vector<Sent> sent;
  std::vector<Sent> got;
  const auto deliver = [&](std::span<const std::byte> record, bool late) {
    Sent one{};
    ASSERT_GE(record.size(), sizeof(one));
    std::memcpy(&one, record.data(), sizeof(one));
    EXPECT_EQ(record.size(), one.size);
    EXPECT_FALSE(late);
    // The last byte of each is its number's: another record did not get into it.
    if (record.size() > sizeof(one)) {
      EXPECT_EQ(record.back(), static_cast<std::byte>(one.number));
    }
    got.push_back(one);
  };
  std::uint64_t now = 1000;
  for (int round = 0; round < 2000; ++round) {
    for (std::uint64_t i = below(20); i > 0; --i) {
      // Not older than the watermark, and few that differ, so that there are ties.
      Sent one{now - below(kWatermark), sent.size(), sizeof(Sent) + below(200)};
      if (below(50) == 0) one.size = sizeof(Sent) + below(kLargest - sizeof(Sent));
      std::vector<std::byte> record(one.size, static_cast<std::byte>(one.number));
      std::memcpy(record.data(), &one, sizeof(one));
      order.add(one.time, record);
      sent.push_back(one);
    }
    order.sort();
    order.release(now - kWatermark, deliver);
    EXPECT_EQ(order.held(), sent.size() - got.size());
    now += below(40);
  }
  order.release(kAll, deliver);
  EXPECT_TRUE(order.empty());

  // Numbers grow in the order of sending.
  std::sort(sent.begin(), sent.end(), [](const Sent& a, const Sent& b) {
    return std::pair(a.time, a.number) < std::pair(b.time, b.number);
  });
  ASSERT_EQ(got.size(), sent.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].number, sent[i].number) << i;
  }
}

// A flood that nobody releases for a while, then all at once.
TEST(Order, ReleasesAFloodInPieces) {
  Order order;
  constexpr std::uint64_t kCount = 20'000;
  for (std::uint64_t i = 0; i < kCount; ++i) add(order, kCount - i, std::to_string(kCount - i));
  order.sort();
  std::uint64_t expected = 1;
  for (std::uint64_t limit = 0; limit <= kCount; limit += 1'000) {
    for (const std::string& text : released(order, limit)) {
      ASSERT_EQ(text, std::to_string(expected++));
    }
    EXPECT_EQ(order.held(), kCount - limit);
    add(order, limit + 1, "twice " + std::to_string(limit + 1));
    order.sort();
    // After the one that came first with that time.
    const Texts next = released(order, limit + 1);
    ASSERT_EQ(next.size(), limit < kCount ? 2 : 1);
    EXPECT_EQ(next.back(), "twice " + std::to_string(limit + 1));
    if (limit < kCount) ++expected;
  }
  EXPECT_EQ(expected, kCount + 1);
  EXPECT_TRUE(order.empty());
}

}  // namespace
}  // namespace outrider
