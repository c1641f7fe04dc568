// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <regex>
#include <set>
#include <string>

#include "bpf/features.h"

namespace outrider {
namespace {

std::size_t entries_of(const char* path) {
  std::size_t count = 0;
  DIR* directory = ::opendir(path);
  if (directory == nullptr) return 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

TEST(FeatureTable, IsWellFormed) {
  std::set<std::string_view> names;
  for (const Feature& feature : all_features()) {
    SCOPED_TRACE(feature.name);
    EXPECT_TRUE(names.insert(feature.name).second);
    EXPECT_TRUE(std::regex_match(std::string(feature.name), std::regex("[a-z0-9_]{1,18}")));
    EXPECT_TRUE(std::regex_match(std::string(feature.since), std::regex("[2-9]\\.[0-9]{1,2}")));
    // So that a row is a line on a terminal of 80 columns.
    EXPECT_LE(feature.purpose.size(), 46u);
    EXPECT_FALSE(feature.purpose.empty());
    EXPECT_FALSE(feature.trial.empty());
    EXPECT_EQ(feature.commit.empty(), feature.title.empty());
    if (!feature.commit.empty()) {
      EXPECT_TRUE(std::regex_match(std::string(feature.commit), std::regex("[0-9a-f]{12}")));
    }
    EXPECT_NE(feature.try_it, nullptr);
  }
}

class Features : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(Features, EachGetsAnAnswer) {
  const auto features = all_features();
  const auto results = try_features();
  ASSERT_EQ(results.size(), features.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(features[i].name);
    const FeatureResult& result = results[i];
    EXPECT_NE(feature_state_name(result.state), "");
    EXPECT_TRUE(result.state == FeatureState::kRefused || result.error_number == 0);
    EXPECT_TRUE(result.state == FeatureState::kWorks || !result.reason.empty());
    EXPECT_EQ(result.reason.find('\n'), std::string::npos);
  }
}

// What we cannot do without is there from Linux 5.10 on, and what the guests' kernels are
// configured with we know.
TEST_F(Features, WhatEveryKernelHas) {
  const auto features = all_features();
  const auto results = try_features();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool known = features[i].needed || features[i].name == "task_iterator" ||
                       features[i].name == "raw_tracepoint" || features[i].name == "cpu_clock" ||
                       features[i].name == "run_time_stats";
    if (!known) continue;
    EXPECT_EQ(feature_state_name(results[i].state), "works")
        << features[i].name << ": " << results[i].reason;
  }
}

TEST_F(Features, TwiceIsTheSame) {
  const auto first = try_features();
  const auto second = try_features();
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].state, second[i].state) << all_features()[i].name;
    EXPECT_EQ(first[i].reason, second[i].reason) << all_features()[i].name;
  }
}

TEST_F(Features, LeaveNothingOpen) {
  const std::size_t descriptors = entries_of("/proc/self/fd");
  const std::size_t threads = entries_of("/proc/self/task");
  try_features();
  EXPECT_EQ(entries_of("/proc/self/fd"), descriptors);
  EXPECT_EQ(entries_of("/proc/self/task"), threads);
}

}  // namespace
}  // namespace outrider
