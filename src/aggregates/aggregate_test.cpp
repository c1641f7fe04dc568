// SPDX-License-Identifier: Apache-2.0
#include "aggregates/aggregate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/hand_made_event.h"

namespace outrider {
namespace {

using test::HandMadeEvent;
constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();

// "key key: count sum"; the values of a key as test::shown() has them.
std::vector<std::string> shown(Aggregate& aggregate) {
  std::vector<std::string> lines;
  for (const Aggregate::Row& row : aggregate.rows()) {
    std::string line;
    for (std::size_t i = 0; i < row.key.size(); ++i) {
      if (i > 0) line += ' ';
      line += test::shown(aggregate.request().by[i]->type, row.key[i]);
    }
    if (row.others) line += "(others)";
    fmt::format_to(std::back_inserter(line), ": {} {}", row.group->count, row.group->sum);
    lines.push_back(line);
  }
  return lines;
}

class Aggregates : public testing::Test {
 protected:
  AggregateRequest request(std::initializer_list<std::string_view> by,
                           wire_measure measure = WIRE_MEASURE_COUNT, std::string_view value = {}) {
    AggregateRequest made{.by = {}, .measure = measure, .value = nullptr};
    for (const std::string_view name : by) made.by.push_back(catalog_.find(name));
    if (!value.empty()) made.value = catalog_.find(value);
    return made;
  }

  const Event& open_by(std::string_view comm, std::uint32_t pid, std::int64_t result = 0) {
    open_.set_comm(comm);
    open_.header().pid = pid;
    open_.as<wire_file>().result = result;
    open_.as<wire_file>().call = 257;  // openat
    return open_.get();
  }

  const FieldCatalog catalog_ = test::catalog_named({"open", "truncate", "exit"});
  HandMadeEvent open_{"open"};
  HandMadeEvent exit_{"exit"};
};

using Lines = std::vector<std::string>;

TEST_F(Aggregates, WithoutFieldsThereIsOneTotalAlsoOfNothing) {
  Aggregate aggregate(request({}));
  EXPECT_EQ(shown(aggregate), Lines{": 0 0"});
  for (int i = 0; i < 3; ++i) aggregate.add(open_by("cat", 1));
  aggregate.add(exit_.get());
  EXPECT_EQ(shown(aggregate), Lines{": 4 0"});
  EXPECT_EQ(aggregate.events()[WIRE_OPEN], 3U);
  EXPECT_EQ(aggregate.events()[WIRE_EXIT], 1U);
  aggregate.clear();
  EXPECT_EQ(shown(aggregate), Lines{": 0 0"});
  EXPECT_EQ(aggregate.events()[WIRE_OPEN], 0U);
}

TEST_F(Aggregates, LargestFirstThenByKey) {
  Aggregate aggregate(request({"proc.name", "proc.pid"}));
  EXPECT_TRUE(shown(aggregate).empty());
  for (const std::uint32_t pid : {10U, 9U, 300U}) aggregate.add(open_by("sh", pid));
  aggregate.add(open_by("cat", 5));
  for (int i = 0; i < 2; ++i) aggregate.add(open_by("zsh", 5));
  EXPECT_EQ(shown(aggregate),
            (Lines{"zsh 5: 2 0", "cat 5: 1 0", "sh 9: 1 0", "sh 10: 1 0", "sh 300: 1 0"}));
}

// "a" and "bc" are not "ab" and "c", and a number is not a text that has its bytes.
TEST_F(Aggregates, KeysAreNotMixedUp) {
  Aggregate aggregate(request({"fd.nameraw", "proc.name"}));
  open_.set_string(WIRE_FILE_PATH, "a");
  aggregate.add(open_by("bc", 1));
  open_.set_string(WIRE_FILE_PATH, "ab");
  aggregate.add(open_by("c", 1));
  open_.set_string(WIRE_FILE_PATH, "a", WIRE_STRING_CUT);
  aggregate.add(open_by("bc", 1));
  EXPECT_EQ(shown(aggregate), (Lines{"a bc: 1 0", "a... bc: 1 0", "ab c: 1 0"}));
}

TEST_F(Aggregates, MissingAndUnknownAreGroupsOfTheirOwn) {
  Aggregate aggregate(request({"fd.nameraw"}));
  open_.set_string(WIRE_FILE_PATH, WIRE_STRING_FAULTED);
  for (int i = 0; i < 3; ++i) aggregate.add(open_by("cat", 1));
  // A kind that does not have the field.
  for (int i = 0; i < 2; ++i) aggregate.add(exit_.get());
  open_.set_string(WIRE_FILE_PATH, "-");
  aggregate.add(open_by("cat", 1));
  EXPECT_EQ(shown(aggregate), (Lines{"?: 3 0", "-: 2 0", "-: 1 0"}));
}

TEST_F(Aggregates, SumsAreSignedAndOrderTheGroups) {
  Aggregate aggregate(request({"proc.name"}, WIRE_MEASURE_SUM, "evt.rawres"));
  for (int i = 0; i < 5; ++i) aggregate.add(open_by("failing", 1, -2));
  aggregate.add(open_by("cat", 1, 3));
  aggregate.add(open_by("cat", 1, 4));
  exit_.set_comm("cat");
  aggregate.add(exit_.get());  // has no result
  const auto rows = aggregate.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].group->without, 1U);
  EXPECT_EQ(rows[1].group->without, 0U);
  EXPECT_EQ(shown(aggregate), (Lines{"cat: 3 7", "failing: 5 -10"}));
}

TEST_F(Aggregates, SumsDoNotTurnRound) {
  Aggregate aggregate(request({}, WIRE_MEASURE_SUM, "evt.rawres"));
  aggregate.add(open_by("a", 1, kLargest));
  aggregate.add(open_by("a", 1, 1));
  EXPECT_EQ(aggregate.rows()[0].group->sum, kLargest);
  aggregate.clear();
  aggregate.add(open_by("a", 1, -kLargest));
  aggregate.add(open_by("a", 1, -kLargest));
  EXPECT_EQ(aggregate.rows()[0].group->sum, std::numeric_limits<std::int64_t>::min());
}

TEST_F(Aggregates, HistogramsCountEachValueOnce) {
  Aggregate aggregate(request({}, WIRE_MEASURE_HISTOGRAM, "evt.rawres"));
  for (const std::int64_t result : {-2, 0, 3, 3, 1024}) aggregate.add(open_by("a", 1, result));
  aggregate.add(exit_.get());
  aggregate.add(open_by("a", 1, 0), {.count = 100, .sum = 0, .slot = 12});
  const Group& group = *aggregate.rows()[0].group;
  EXPECT_EQ(group.count, 106U);
  EXPECT_EQ(group.without, 1U);
  ASSERT_TRUE(group.histogram);
  Histogram expected{};
  expected[0] = expected[1] = 1;
  expected[3] = 2;
  expected[12] = 101;
  EXPECT_EQ(*group.histogram, expected);
}

TEST_F(Aggregates, PortionsOfTheKernelMeetEventsInTheSameGroup) {
  Aggregate aggregate(request({"proc.name", "evt.res"}, WIRE_MEASURE_SUM, "evt.rawres"));
  aggregate.add(open_by("cat", 1, -2));
  aggregate.add(open_by("cat", 2, -2), {.count = 1000, .sum = -2000, .slot = 0});
  EXPECT_EQ(shown(aggregate), Lines{"cat ENOENT: 1001 -2002"});
  EXPECT_EQ(aggregate.events()[WIRE_OPEN], 1001U);
}

TEST_F(Aggregates, WhatFindsNoRoomIsWithTheOthers) {
  Aggregate aggregate(request({"proc.pid"}), {.groups = 2, .key_bytes = 1 << 20});
  for (const std::uint32_t pid : {1U, 2U, 3U, 4U, 2U, 5U, 5U, 5U}) {
    aggregate.add(open_by("cat", pid));
  }
  EXPECT_EQ(shown(aggregate), (Lines{"2: 2 0", "1: 1 0", "(others): 5 0"}));
  aggregate.clear();
  aggregate.add(open_by("cat", 5));
  EXPECT_EQ(shown(aggregate), Lines{"5: 1 0"});
}

TEST_F(Aggregates, LongKeysFillTheRoomSooner) {
  Aggregate aggregate(request({"fd.nameraw"}), {.groups = 100, .key_bytes = 2500});
  for (const char letter : {'a', 'b', 'c', 'a'}) {
    open_.set_string(WIRE_FILE_PATH, std::string(1000, letter));
    aggregate.add(open_by("cat", 1));
  }
  ASSERT_EQ(aggregate.rows().size(), 3U);
  EXPECT_EQ(aggregate.rows()[0].group->count, 2U);
  EXPECT_TRUE(aggregate.rows()[2].others);
  EXPECT_EQ(aggregate.rows()[2].group->count, 1U);
}

TEST_F(Aggregates, ManyGroupsAddUp) {
  Aggregate aggregate(request({"proc.pid"}));
  constexpr std::uint32_t kEvents = 30'000;
  for (std::uint32_t i = 0; i < kEvents; ++i) aggregate.add(open_by("cat", i % 12'000));
  std::uint64_t total = 0;
  for (const Aggregate::Row& row : aggregate.rows()) total += row.group->count;
  EXPECT_EQ(total, kEvents);
  EXPECT_EQ(aggregate.rows().size(), std::size_t{WIRE_GROUPS_MAX} + 1);
}

TEST(Summable, NumbersAreAndTextsAreNot) {
  for (const FieldType type : {FieldType::kUnsigned, FieldType::kSigned, FieldType::kDuration}) {
    EXPECT_TRUE(is_summable(type));
  }
  for (const FieldType type : {FieldType::kText, FieldType::kPath, FieldType::kFlags,
                               FieldType::kTextList, FieldType::kTime, FieldType::kOctal}) {
    EXPECT_FALSE(is_summable(type));
  }
}

}  // namespace
}  // namespace outrider
