// SPDX-License-Identifier: Apache-2.0
#include "aggregates/histogram.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/text.h"

namespace outrider {
namespace {

constexpr auto kSmallest = std::numeric_limits<std::int64_t>::min();
constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();

std::vector<std::string> lines_of(const Histogram& histogram, Scale scale, std::size_t width) {
  std::string text;
  append_histogram(text, histogram, scale, width);
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Histogram, EveryNumberHasItsSlot) {
  EXPECT_EQ(slot_of(kSmallest), 0U);
  EXPECT_EQ(slot_of(std::int64_t{-1}), 0U);
  EXPECT_EQ(slot_of(std::int64_t{0}), 1U);
  EXPECT_EQ(slot_of(std::uint64_t{0}), 1U);
  EXPECT_EQ(slot_of(kLargest), std::size_t{WIRE_HISTOGRAM_SLOTS} - 1);
  for (std::size_t slot = 2; slot < WIRE_HISTOGRAM_SLOTS; ++slot) {
    const std::uint64_t first = first_of(slot);
    EXPECT_EQ(slot_of(first), slot);
    EXPECT_EQ(slot_of(first - 1), slot - 1);
    EXPECT_EQ(slot_of(first + (first - 1)), slot);
  }
}

TEST(Histogram, LinesAreFromTheFirstSlotInUseToTheLast) {
  Histogram histogram{};
  EXPECT_TRUE(lines_of(histogram, Scale::kNumber, 80).empty());
  histogram[slot_of(std::uint64_t{1024})] = 200;
  histogram[slot_of(std::uint64_t{4096})] = 50;
  const std::vector<std::string> expected = {
      "[1K, 2K)                200 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|",
      "[2K, 4K)                  0 |                                                  |",
      "[4K, 8K)                 50 |@@@@@@@@@@@@                                      |"};
  EXPECT_EQ(lines_of(histogram, Scale::kNumber, 80), expected);
}

TEST(Histogram, BoundsHaveTheirUnit) {
  struct Case {
    std::size_t slot;
    Scale scale;
    std::string_view label;
  };
  constexpr Case kCases[] = {
      {0, Scale::kNumber, "(..., 0)"},
      {1, Scale::kNumber, "[0]"},
      {2, Scale::kNumber, "[1]"},
      {3, Scale::kNumber, "[2, 4)"},
      {11, Scale::kNumber, "[512, 1K)"},
      {65, Scale::kNumber, "[8E, ...)"},
      {11, Scale::kBytes, "[512B, 1KiB)"},
      {31, Scale::kBytes, "[512MiB, 1GiB)"},
      {1, Scale::kDuration, "[0ns]"},
      {12, Scale::kDuration, "[1.0us, 2.0us)"},
      {29, Scale::kDuration, "[134.2ms, 268.4ms)"},
      {46, Scale::kDuration, "[4h53m, 9h46m)"},
  };
  for (const Case& c : kCases) {
    Histogram histogram{};
    histogram[c.slot] = 1;
    const auto lines = lines_of(histogram, c.scale, 80);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].substr(0, c.label.size() + 1), std::string(c.label) + ' ');
  }
}

TEST(Histogram, LinesFitWhateverTheCounts) {
  Histogram histogram{};
  histogram.fill(kLargest / 2);
  for (const Scale scale : {Scale::kNumber, Scale::kBytes, Scale::kDuration}) {
    for (const std::string& line : lines_of(histogram, scale, 80)) {
      EXPECT_EQ(display_width(line), 89U) << line;  // counts push if they must
    }
  }
  histogram.fill(9'999'999'999);
  for (const Scale scale : {Scale::kNumber, Scale::kBytes, Scale::kDuration}) {
    for (const std::string& line : lines_of(histogram, scale, 80)) {
      EXPECT_EQ(display_width(line), 80U) << line;
    }
  }
}

TEST(Histogram, JsonSaysTheBoundsThatThereAre) {
  Histogram histogram{};
  histogram[0] = 7;
  histogram[3] = 5;
  std::string text;
  append_histogram_json(text, histogram);
  EXPECT_EQ(text, R"([{"below":0,"count":7},{"from":0,"below":1,"count":0},)"
                  R"({"from":1,"below":2,"count":0},{"from":2,"below":4,"count":5}])");
  histogram = {};
  histogram.back() = 1;
  text.clear();
  append_histogram_json(text, histogram);
  EXPECT_EQ(text, R"([{"from":9223372036854775808,"count":1}])");
  EXPECT_TRUE(nlohmann::json::accept(text));
}

}  // namespace
}  // namespace outrider
