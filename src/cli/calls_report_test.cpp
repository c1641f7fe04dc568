// SPDX-License-Identifier: Apache-2.0
#include "cli/calls_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/text.h"

namespace outrider {
namespace {

// So many calls that took so long each.
void add(CallSums& sums, const CallKey& key, std::uint64_t count, std::uint64_t time,
         std::uint16_t error = 0) {
  wire_call_key which{};
  which.slot = call__slot(time);
  which.error = error;
  wire_call_sum sum{};
  sum.count = count;
  sum.time = count * time;
  sum.longest = time;
  sums.add(key, which, sum, /*errors=*/true);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

CallSums example() {
  CallSums sums;
  add(sums, {.call = 491}, 3, 1'000'000);
  add(sums, {.call = 492}, 90, 10'000);
  add(sums, {.call = 492}, 10, 10'000, 2);
  return sums;
}

TEST(CallsReport, Table) {
  CallSums sums = example();
  sums.add_unfinished({.call = 491});
  sums.add_unfinished({.call = 493, .abi = WIRE_ABI_32});
  EXPECT_EQ(calls_report(sums, {}, {}),
            "% TIME   TOTAL    CALLS  ERRORS     P50     P99     MAX CALL\n"
            " 75.00   3.0ms        3       0   1.0ms   1.0ms   1.0ms syscall_491 (1 unfinished)\n"
            " 25.00   1.0ms      100      10  10.0us  10.0us  10.0us syscall_492\n"
            "                             10                           ENOENT\n"
            "  0.00     0ns        0       0       -       -       - syscall_493 (32-bit, 1 "
            "unfinished)\n"
            "100.00   4.0ms      103      10       -       -   1.0ms total\n"
            "unfinished at the end, and not among the calls: 2\n");
}

TEST(CallsReport, NothingAtAll) {
  EXPECT_EQ(calls_report({}, {.header = false}, {}),
            "  0.00     0ns        0       0       -       -       - total\n");
}

TEST(CallsReport, SaysWhoseCallsTheyAre) {
  CallSums sums;
  add(sums, {.container = "web", .pid = 12, .tid = 13, .comm = "a\nb", .call = 491}, 1, 1000);
  add(sums, {.container = "?", .pid = 14, .tid = 14, .comm = "c", .call = 491}, 1, 500);
  add(sums, {.pid = 15, .tid = 15, .comm = "d", .call = 491}, 1, 250);
  const std::string text =
      calls_report(sums, {.by_container = true, .by_process = true, .by_thread = true}, {});
  const auto lines = lines_of(text);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_TRUE(lines[0].ends_with("CONTAINER        PID     TID COMM       CALL")) << text;
  EXPECT_TRUE(lines[1].ends_with("web               12      13 a\\nb       syscall_491")) << text;
  EXPECT_TRUE(lines[2].ends_with("?                 14      14 c          syscall_491")) << text;
  EXPECT_TRUE(lines[3].ends_with("-                 15      15 d          syscall_491")) << text;
  EXPECT_TRUE(lines[4].ends_with("-                  -       - -          total")) << text;
}

TEST(CallsReport, FitsATerminal) {
  CallSums sums = example();
  add(sums, {.container = std::string(80, 'c'), .comm = "fifteen-letters", .call = 494}, 1,
      3'600'000'000'000);
  for (const bool by : {false, true}) {
    for (const auto& line : lines_of(calls_report(
             sums, {.by_container = by, .by_process = by, .terminal_width = 80}, {}))) {
      // Notes below are sentences.
      EXPECT_LE(display_width(line), 80U) << line;
    }
  }
  EXPECT_NE(calls_report(sums, {.color = true}, {}).find('\x1b'), std::string::npos);
  EXPECT_EQ(calls_report(sums, {.color = false}, {}).find('\x1b'), std::string::npos);
}

TEST(CallsReport, TenThousandRows) {
  CallSums sums;
  for (std::uint32_t pid = 1; pid <= 10'000; ++pid) add(sums, {.pid = pid, .comm = "x"}, 1, pid);
  const std::string text = calls_report(sums, {.by_process = true}, {});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10'002);
}

TEST(CallsReport, SaysWhatIsMissing) {
  CallsReportNotes notes;
  notes.account = {.seen = 10, .taken = 7, .no_room = 2, .unfollowed = 4, .missed = 5};
  notes.unjudged = 6;
  notes.running = 8;
  CallSums sums;
  wire_call_key untimed{};
  untimed.slot = WIRE_CALL_UNTIMED;
  wire_call_sum sum{};
  sum.count = 3;
  sums.add({.call = WIRE_NO_CALL}, untimed, sum, false);
  const auto lines = lines_of(calls_report(sums, {.header = false}, notes));
  std::string numbers;
  for (const std::string& line : lines) numbers += line.back();
  // A row, the total, and the notes in their order.
  EXPECT_EQ(numbers, "?l3245168");
  EXPECT_TRUE(std::ranges::none_of(lines_of(calls_report(example(), {}, {})),
                                   [](const auto& line) { return line.contains("missing"); }));
}

TEST(CallsReport, Json) {
  CallSums sums = example();
  add(sums, {.container = "web", .pid = 5, .comm = "a\xff", .call = 493, .abi = WIRE_ABI_32}, 1, 7);
  sums.add_unfinished({.container = "?", .pid = 6, .comm = "b", .call = 494});
  CallsReportNotes notes;
  notes.time = 1'700'000'000'000'000'001;
  notes.interval = 5;
  notes.account = {.seen = 110, .taken = 106, .no_room = 4};
  notes.filtered = 2;
  const CallsReportOptions options{.json = true, .by_container = true, .by_process = true};
  const std::string text = calls_report(sums, options, notes);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto report = nlohmann::json::parse(text);
  EXPECT_EQ(report["time"], "2023-11-14T22:13:20.000000001Z");
  EXPECT_EQ(report["interval"], 5);
  ASSERT_EQ(report["calls"].size(), 4U);
  const auto& second = report["calls"][1];
  EXPECT_EQ(second["evt.type"], "syscall_492");
  EXPECT_EQ(second["evt.abi"], "64");
  EXPECT_EQ(second["calls"], 100);
  EXPECT_EQ(second["errors"], 10);
  EXPECT_EQ(second["by_error"], (nlohmann::json{{"ENOENT", 10}}));
  EXPECT_EQ(second["total"], 1'000'000);
  EXPECT_EQ(second["p50"], 10'000);
  EXPECT_EQ(second["p99"], 10'000);
  EXPECT_EQ(second["max"], 10'000);
  EXPECT_FALSE(second.contains("container.name"));
  const auto& third = report["calls"][2];
  EXPECT_EQ(third["container.name"], "web");
  EXPECT_EQ(third["proc.name"], "a\xef\xbf\xbd");
  EXPECT_EQ(third["evt.abi"], "32");
  const auto& last = report["calls"][3];
  EXPECT_EQ(last["evt.unknown"], (nlohmann::json{"container.name"}));
  EXPECT_EQ(last["unfinished"], 1);
  EXPECT_FALSE(last.contains("p50"));
  // seen = filtered + delivered + lost
  EXPECT_EQ(report["account"]["seen"], 110);
  EXPECT_EQ(report["account"]["filtered"], 2);
  EXPECT_EQ(report["account"]["delivered"], 104);
  EXPECT_EQ(report["account"]["lost"]["no_room"], 4);
  EXPECT_EQ(report["account"]["lost"]["unread"], 0);

  EXPECT_GT(lines_of(calls_report(sums, {.json = true, .pretty = true}, notes)).size(), 20U);
}

TEST(CallsReport, OneOfSeveralSaysOfWhenItIs) {
  CallsReportNotes notes;
  notes.timed = true;
  const auto lines = lines_of(calls_report({}, {}, notes));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].size(), std::string("00:00:00").size());
}

}  // namespace
}  // namespace outrider
