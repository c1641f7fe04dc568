// SPDX-License-Identifier: Apache-2.0
#include "aggregates/report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/text.h"
#include "support/hand_made_event.h"

namespace outrider {
namespace {

using test::HandMadeEvent;

constexpr std::uint64_t kTime = 1'763'719'692'123'000'000;  // 2025-11-21T10:08:12.123Z

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class Reports : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  AggregateRequest request(std::initializer_list<std::string_view> by,
                           wire_measure measure = WIRE_MEASURE_COUNT, std::string_view value = {}) {
    AggregateRequest made{.by = {}, .measure = measure, .value = nullptr};
    for (const std::string_view name : by) made.by.push_back(catalog_.find(name));
    if (!value.empty()) made.value = catalog_.find(value);
    return made;
  }

  void add(Aggregate& aggregate, std::string_view comm, int times, std::int64_t result = 0) {
    HandMadeEvent event("open");
    event.set_comm(comm);
    event.as<wire_file>().result = result;
    event.as<wire_file>().call = 257;
    for (int i = 0; i < times; ++i) aggregate.add(event.get());
  }

  std::string report(Aggregate& aggregate, const ReportWriter::Options& options) {
    ReportWriter writer(aggregate.request(), options);
    std::string out;
    writer.append_header(out);
    writer.append(out, aggregate, kTime, 1'000'000'000);
    return out;
  }

  const FieldCatalog catalog_ = test::catalog_named({"open"});
};

TEST_F(Reports, AreTables) {
  Aggregate aggregate(request({"proc.name"}));
  add(aggregate, "cat", 3);
  add(aggregate, "sh", 12);
  add(aggregate, "\x1b[2Jx", 1);
  EXPECT_EQ(report(aggregate, {}),
            "TIME              COUNT COMM\n"
            "10:08:12.123         12 sh\n"
            "10:08:12.123          3 cat\n"
            "10:08:12.123          1 \\e[2Jx\n");
}

TEST_F(Reports, TotalsOfNothingAreZero) {
  Aggregate aggregate(request({}));
  EXPECT_EQ(report(aggregate, {}), "TIME              COUNT\n10:08:12.123          0\n");
  Aggregate groups(request({"proc.name"}));
  EXPECT_EQ(report(groups, {}), "TIME              COUNT COMM\n");
}

// Nothing is left out silently: the rows always have all events.
TEST_F(Reports, BeyondTheTopIsOneRow) {
  Aggregate aggregate(request({"proc.name", "evt.res"}, WIRE_MEASURE_SUM, "evt.rawres"),
                      {.groups = 3, .key_bytes = 1000});
  add(aggregate, "first", 4, 5);
  add(aggregate, "second", 2, 5);
  add(aggregate, "third", 1, -2);
  add(aggregate, "fourth", 7, 1);
  add(aggregate, "fifth", 1, 1);
  EXPECT_EQ(report(aggregate, {.top = 1}),
            "TIME                  SUM      COUNT WITHOUT COMM            RES\n"
            "10:08:12.123           20          4       - first           SUCCESS\n"
            "10:08:12.123            8          3       - (2 more)        -\n"
            "10:08:12.123            8          8       - (others)        -\n");
  std::vector<nlohmann::json> objects;
  for (const std::string& line : lines_of(report(aggregate, {.json = true, .top = 1}))) {
    objects.push_back(nlohmann::json::parse(line));
  }
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0], nlohmann::json::parse(
                            R"({"time":"2025-11-21T10:08:12.123000000Z","interval":1000000000,
                                "proc.name":"first","evt.res":"SUCCESS","count":4,"sum":20})"));
  EXPECT_EQ(objects[1].at("more"), 2);
  EXPECT_EQ(objects[1].at("count"), 3);
  EXPECT_EQ(objects[2].at("others"), 1);
  EXPECT_EQ(objects[2].at("count"), 8);
  for (int i : {1, 2}) EXPECT_FALSE(objects[static_cast<std::size_t>(i)].contains("proc.name"));
}

TEST_F(Reports, HistogramsStandUnderTheirGroup) {
  Aggregate aggregate(request({"proc.name"}, WIRE_MEASURE_HISTOGRAM, "evt.rawres"));
  add(aggregate, "cat", 2, 3);
  add(aggregate, "cat", 1, -2);
  add(aggregate, "sh", 1, 4);
  const auto lines = lines_of(report(aggregate, {}));
  ASSERT_EQ(lines.size(), 8U);
  EXPECT_EQ(lines[1], "10:08:12.123          3       - cat");
  EXPECT_TRUE(lines[2].starts_with("(..., 0)                  1 |@@@@@@@@@@@@@@@@@@@@@@@@@  "));
  EXPECT_TRUE(lines[5].starts_with("[2, 4)                    2 |@@@"));
  EXPECT_EQ(lines[6], "10:08:12.123          1       - sh");
  for (const std::string& line : lines) EXPECT_LE(display_width(line), 80U) << line;

  const auto object = nlohmann::json::parse(lines_of(report(aggregate, {.json = true}))[0]);
  EXPECT_EQ(object.at("histogram").size(), 4U);
  EXPECT_EQ(object.at("histogram")[3], nlohmann::json::parse(R"({"from":2,"below":4,"count":2})"));
}

TEST_F(Reports, FitTheTerminal) {
  Aggregate aggregate(request({"fd.nameraw", "proc.name"}, WIRE_MEASURE_HISTOGRAM, "evt.rawres"));
  HandMadeEvent event("open");
  event.set_string(WIRE_FILE_PATH, std::string(4000, 'x'));
  event.set_comm("fifteen letters");
  aggregate.add(event.get());
  for (const std::size_t width : {60U, 80U, 200U}) {
    for (const std::string& line : lines_of(report(aggregate, {.terminal_width = width}))) {
      EXPECT_LE(display_width(line), width) << line;
    }
  }
}

TEST_F(Reports, ManyGroups) {
  Aggregate aggregate(request({"proc.name"}));
  for (int i = 0; i < 10'000; ++i) add(aggregate, fmt::format("name{}", i), 1);
  for (const bool json : {false, true}) {
    EXPECT_EQ(lines_of(report(aggregate, {.json = json})).size(), json ? 10'000U : 10'001U);
  }
}

}  // namespace
}  // namespace outrider
