// SPDX-License-Identifier: Apache-2.0
#include "cli/top_table.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {

namespace {

constexpr TopColumn kColumns[] = {
    {{"proc.pid", FieldType::kUnsigned, "", "", "PID", 5, nullptr}, TopShow::kAsItIs, 'p'},
    {{"cpu", FieldType::kDuration, "ns", "", "CPU%", 6, nullptr}, TopShow::kShare, 'c'},
    {{"rss", FieldType::kUnsigned, "bytes", "", "RSS", 6, nullptr}, TopShow::kBytes, 'm'},
    {{"proc.cmdline", FieldType::kText, "", "", "", 0, nullptr}, TopShow::kHidden, 0},
    {{"proc.name", FieldType::kText, "", "", "COMM", 8, nullptr}, TopShow::kAsItIs, 'n'},
};

void add(TopRows& rows, std::uint64_t pid, std::uint64_t cpu, Value rss, std::string_view name) {
  rows.rows.push_back({Value::of_unsigned(pid), Value::of_unsigned(cpu), rss,
                       Value::of_text("line"), Value::of_text(name)});
}

TopRows three_rows() {
  TopRows rows;
  rows.interval = 1'000'000'000;
  add(rows, 1, 5'000'000, Value::of_unsigned(2048), "init");
  add(rows, 22, 1'500'000'000, Value::unknown(), "cc1plus");
  add(rows, 3, 250'000'000, Value::of_unsigned(3u << 20), "bash");
  return rows;
}

std::string pids(const TopRows& rows) {
  std::string text;
  for (const auto& row : rows.rows) text += std::to_string(row[0].unsigned_value) + " ";
  return text;
}

TEST(TopTable, Orders) {
  struct Case {
    TopOrder order;
    std::string_view pids;
  };
  constexpr Case kCases[] = {
      {{0, false}, "22 3 1 "}, {{0, true}, "1 3 22 "}, {{1, false}, "22 3 1 "},
      {{2, false}, "3 1 22 "}, {{2, true}, "1 3 22 "},  // what is not known is last
      {{4, false}, "3 22 1 "}, {{4, true}, "1 22 3 "}, {{99, false}, "1 22 3 "},
  };
  for (const Case& each : kCases) {
    TopRows rows = three_rows();
    sort_rows(kColumns, each.order, rows);
    EXPECT_EQ(pids(rows), each.pids) << each.order.column << each.order.reversed;
  }
}

TEST(TopTable, Keys) {
  constexpr TopOrder kStart{1, false};
  EXPECT_EQ(order_after_key(kColumns, kStart, 'm'), (TopOrder{2, false}));
  EXPECT_EQ(order_after_key(kColumns, kStart, 'r'), (TopOrder{1, true}));
  EXPECT_EQ(order_after_key(kColumns, kStart, '<'), (TopOrder{0, false}));
  EXPECT_EQ(order_after_key(kColumns, {0, false}, '<'), (TopOrder{4, false}));
  EXPECT_EQ(order_after_key(kColumns, {2, true}, '>'), (TopOrder{4, false})) << "over the hidden";
  EXPECT_EQ(order_after_key(kColumns, kStart, 'x'), std::nullopt);
  EXPECT_EQ(order_after_key(kColumns, kStart, '\0'), std::nullopt);
}

TEST(TopTable, Names) {
  EXPECT_EQ(find_column(kColumns, "rss"), 2u);
  EXPECT_EQ(find_column(kColumns, "CPU%"), 1u);
  EXPECT_EQ(find_column(kColumns, "proc.cmdline"), 3u);
  EXPECT_EQ(find_column(kColumns, ""), std::nullopt);
}

TEST(TopTable, Columns) {
  const TopRows rows = three_rows();
  EXPECT_EQ(top_columns(kColumns, rows, {}),
            "  PID   CPU%    RSS COMM\n"
            "    1    0.5   2.0K init\n"
            "   22  150.0      ? cc1plus\n"
            "    3   25.0   3.0M bash\n");
  EXPECT_EQ(top_columns(kColumns, rows, {.header = false, .rows_max = 1}),
            "    1    0.5   2.0K init\n");
  EXPECT_EQ(top_columns(kColumns, rows, {.width = 24, .rows_max = 2}),
            "  PID   CPU%    RSS COMM\n"
            "    1    0.5   2.0K init\n"
            "   22  150.0      ? cc1…\n")
      << "never wider than the terminal, and no number cut";
}

TEST(TopTable, Json) {
  TopRows rows = three_rows();
  rows.time = 1'000'000'001;
  EXPECT_EQ(top_json(kColumns, rows, 2),
            R"({"time":"1970-01-01T00:00:01.000000001Z","interval":1000000000,"proc.pid":1,)"
            R"("cpu":5000000,"rss":2048,"proc.cmdline":"line","proc.name":"init"})"
            "\n"
            R"({"time":"1970-01-01T00:00:01.000000001Z","interval":1000000000,"proc.pid":22,)"
            R"("cpu":1500000000,"proc.cmdline":"line","proc.name":"cc1plus",)"
            R"("evt.unknown":["rss"]})"
            "\n");
}

TEST(TopTable, ShortBytes) {
  struct Case {
    std::uint64_t bytes;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {0, "0"},
      {999, "999"},
      {1000, "1.0K"},
      {1024, "1.0K"},
      {10189, "10K"},
      {10 << 10, "10K"},
      {1023487, "999K"},
      {1023488, "1.0M"},
      {std::uint64_t{5} << 30, "5.0G"},
      {1536, "1.5K"},
      {~std::uint64_t{0}, "16E"},
  };
  for (const Case& each : kCases) EXPECT_EQ(short_bytes(each.bytes), each.text) << each.bytes;
}

}  // namespace

}  // namespace outrider
