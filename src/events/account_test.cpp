// SPDX-License-Identifier: Apache-2.0
#include "events/account.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace outrider {
namespace {

KindAccount open_account() {
  KindAccount kind;
  kind.kind = "open";
  kind.seen = 1000;
  kind.filtered_kernel = 600;
  kind.filtered_agent = 30;
  kind.delivered = 300;
  kind.lost[static_cast<std::size_t>(Loss::kRingFull)] = 40;
  kind.lost[static_cast<std::size_t>(Loss::kUnbuilt)] = 15;
  kind.lost[static_cast<std::size_t>(Loss::kMalformed)] = 10;
  kind.lost[static_cast<std::size_t>(Loss::kUnwritten)] = 5;
  kind.missed = 7;
  return kind;
}

bool has_line(const std::string& table, std::string_view line) {
  return ('\n' + table).find('\n' + std::string(line) + '\n') != std::string::npos;
}

TEST(Account, SeenIsFilteredAndDeliveredAndLost) {
  EXPECT_EQ(KindAccount().difference(), 0);
  EXPECT_EQ(open_account().lost_total(), 70);
  EXPECT_EQ(open_account().difference(), 0);
}

// Each of the terms counts; what the kernel skipped is not among those seen.
TEST(Account, EveryTermIsInTheEquation) {
  struct Case {
    std::string_view term;
    std::uint64_t& (*term_of)(KindAccount&);
    std::int64_t difference;
  };
  constexpr Case kCases[] = {
      {"seen", [](KindAccount& kind) -> std::uint64_t& { return kind.seen; }, 1},
      {"kernel", [](KindAccount& kind) -> std::uint64_t& { return kind.filtered_kernel; }, -1},
      {"agent", [](KindAccount& kind) -> std::uint64_t& { return kind.filtered_agent; }, -1},
      {"delivered", [](KindAccount& kind) -> std::uint64_t& { return kind.delivered; }, -1},
      {"ring_full", [](KindAccount& kind) -> std::uint64_t& { return kind.lost[0]; }, -1},
      {"unbuilt", [](KindAccount& kind) -> std::uint64_t& { return kind.lost[1]; }, -1},
      {"malformed", [](KindAccount& kind) -> std::uint64_t& { return kind.lost[2]; }, -1},
      {"unwritten", [](KindAccount& kind) -> std::uint64_t& { return kind.lost[3]; }, -1},
      {"missed", [](KindAccount& kind) -> std::uint64_t& { return kind.missed; }, 0},
  };
  for (const Case& c : kCases) {
    KindAccount kind = open_account();
    ++c.term_of(kind);
    EXPECT_EQ(kind.difference(), c.difference) << c.term;
    kind = open_account();
    c.term_of(kind) += 5'000'000'000;
    EXPECT_EQ(kind.difference(), 5'000'000'000 * c.difference) << c.term;
  }
}

TEST(Account, ReasonsHaveNamesInTheOrderOfTheEnum) {
  ASSERT_EQ(kLossReasonCount, 5);
  EXPECT_EQ(kLossReasons[static_cast<std::size_t>(Loss::kRingFull)].name, "ring_full");
  EXPECT_EQ(kLossReasons[static_cast<std::size_t>(Loss::kUnbuilt)].name, "unbuilt");
  EXPECT_EQ(kLossReasons[static_cast<std::size_t>(Loss::kMalformed)].name, "malformed");
  EXPECT_EQ(kLossReasons[static_cast<std::size_t>(Loss::kUnwritten)].name, "unwritten");
  EXPECT_EQ(kLossReasons[static_cast<std::size_t>(Loss::kSampled)].name, "sampled");
}

TEST(AccountTable, ShowsAllTermsAndOnlyTheLossesThatThereAre) {
  Account account;
  account.kinds = {open_account(), {.kind = "exec", .seen = 2, .delivered = 2}};
  account.kinds[0].lost[1] = 0;
  account.kinds[0].delivered += 15;
  EXPECT_EQ(account_table(account),
            "KIND             SEEN    FILTERED    (KERNEL)   DELIVERED      LOST    MISSED\n"
            "open             1000         630         600         315        55         7\n"
            "  lost 40 ring_full: no room in the ring: the reader was too slow\n"
            "  lost 10 malformed: the record did not pass the decoder's checks\n"
            "  lost 5 unwritten: the output could not be written\n"
            "exec                2           0           0           2         0         0\n");
}

TEST(AccountTable, SaysWhatIsNotAccountedFor) {
  Account account;
  account.kinds = {open_account()};
  EXPECT_EQ(account_table(account).find("not accounted for"), std::string::npos);
  account.kinds[0].seen += 3;
  EXPECT_TRUE(has_line(account_table(account), "  3 not accounted for (records under way)"));
  account.kinds[0].seen -= 5;
  EXPECT_TRUE(has_line(account_table(account), "  -2 not accounted for (records under way)"));
}

TEST(AccountTable, NamesTheProcessesThatLostMost) {
  Account account;
  for (std::uint32_t i = 0; i < 5; ++i) account.losses.push_back({100 + i, "open", 50 - i});
  EXPECT_TRUE(has_line(account_table(account), "  lost 50 open of process 100"));
  EXPECT_TRUE(has_line(account_table(account), "  lost 46 open of process 104"));
  EXPECT_EQ(account_table(account).find("more"), std::string::npos);
  account.losses.push_back({105, "exec", 2});
  account.losses.push_back({106, "exec", 1});
  EXPECT_FALSE(has_line(account_table(account), "  lost 2 exec of process 105"));
  EXPECT_TRUE(has_line(account_table(account), "  ... and 2 more"));
}

TEST(AccountTable, SaysWhatWasLateAndWhatTheTablesLack) {
  Account account;
  const std::string nothing = account_table(account);
  EXPECT_EQ(std::count(nothing.begin(), nothing.end(), '\n'), 1) << nothing;
  account.late = 4;
  account.tables_lost = 9;
  account.processes_evicted = 7;
  EXPECT_TRUE(has_line(account_table(account), "  4 delivered late"));
  EXPECT_TRUE(has_line(account_table(account),
                       "  7 processes forgotten to make room: names may be unknown"));
  EXPECT_TRUE(has_line(account_table(account),
                       "  9 process records lost: names and paths may be incomplete"));
}

// What happened meanwhile is in none of the numbers, and that is told.
TEST(Account, ATimeInWhichAKindWasNotWatched) {
  Account account;
  account.kinds = {{.kind = "open", .seen = 2, .delivered = 2, .unwatched = 1'500'000'000}};
  EXPECT_TRUE(has_line(account_table(account), "  not watched for 1.5 s to hold --max-cpu"));
  const auto json = nlohmann::json::parse(account_json(account));
  EXPECT_EQ(json["account"]["open"]["unwatched_ns"], 1'500'000'000);
}

TEST(AccountJson, IsOneLineWithEveryTerm) {
  Account account;
  account.kinds = {open_account(), {.kind = "exec", .seen = 2, .delivered = 2}};
  account.losses = {{100, "open", 50}, {101, "exec", 5}};
  account.late = 4;
  account.tables_lost = 9;
  account.processes_evicted = 7;
  const std::string text = account_json(account);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const auto expected = nlohmann::json::parse(R"({
      "account": {
        "open": {"seen": 1000, "filtered": {"kernel": 600, "agent": 30}, "delivered": 300,
                 "lost": {"ring_full": 40, "unbuilt": 15, "malformed": 10, "unwritten": 5,
                          "sampled": 0},
                 "missed": 7},
        "exec": {"seen": 2, "filtered": {"kernel": 0, "agent": 0}, "delivered": 2,
                 "lost": {"ring_full": 0, "unbuilt": 0, "malformed": 0, "unwritten": 0,
                          "sampled": 0},
                 "missed": 0}},
      "late": 4, "tables_lost": 9, "processes_evicted": 7,
      "lost_by_process": [{"pid": 100, "kind": "open", "count": 50},
                          {"pid": 101, "kind": "exec", "count": 5}]})");
  EXPECT_EQ(nlohmann::json::parse(text), expected);
}

TEST(AccountJson, OfNothing) {
  const auto expected = nlohmann::json::parse(
      R"({"account": {}, "late": 0, "tables_lost": 0, "processes_evicted": 0, "lost_by_process": []})");
  EXPECT_EQ(nlohmann::json::parse(account_json({})), expected);
}

TEST(AccountJson, NumbersAreWholeToTheLastDigit) {
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  Account account;
  account.kinds = {{.kind = "open", .seen = kMax, .filtered_kernel = kMax}};
  const auto parsed = nlohmann::json::parse(account_json(account));
  EXPECT_EQ(parsed["account"]["open"]["seen"].get<std::uint64_t>(), kMax);
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

}  // namespace
}  // namespace outrider
