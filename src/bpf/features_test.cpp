// SPDX-License-Identifier: Apache-2.0
//
// What can be said of the features without asking the kernel: features_kernel_test.cpp asks it.
#include "bpf/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <regex>
#include <set>

#include "bpf/feature_trial.h"

namespace outrider {
namespace {

bool matches(std::string_view text, const char* pattern) {
  return std::regex_match(text.begin(), text.end(), std::regex(pattern));
}

TEST(Features, RowsAreComplete) {
  std::set<std::string_view> names;
  for (const Feature& feature : all_features()) {
    SCOPED_TRACE(feature.name);
    EXPECT_TRUE(names.insert(feature.name).second);
    EXPECT_TRUE(matches(feature.name, "[a-z][a-z0-9_]*"));
    EXPECT_TRUE(matches(feature.since, "[2-9]\\.[0-9]{1,2}"));
    EXPECT_TRUE(matches(feature.commit, "([0-9a-f]{12})?"));
    EXPECT_EQ(feature.commit.empty(), feature.title.empty());
    EXPECT_TRUE(feature.listed_as.find(' ') == std::string_view::npos);
    EXPECT_NE(feature.try_it, nullptr);
    // Both stand within a line: "hooks of all sensors".
    for (const std::string_view text : {feature.purpose, feature.trial}) {
      EXPECT_TRUE(matches(text, "[a-z0-9].*[^.]")) << text;
      EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; })) << text;
    }
  }
}

// As wide as `outrider status` makes them.
TEST(Features, NamesFitIntoTheirColumn) {
  for (const Feature& feature : all_features()) {
    EXPECT_LE(feature.name.size(), 18u) << feature.name;
    EXPECT_LE(feature.since.size(), 5u) << feature.name;
  }
  for (const FeatureState state :
       {FeatureState::kWorks, FeatureState::kRefused, FeatureState::kAbsent}) {
    EXPECT_LE(feature_state_name(state).size(), 8u);
  }
}

TEST(Features, StatesHaveNames) {
  EXPECT_EQ(feature_state_name(FeatureState::kWorks), "works");
  EXPECT_EQ(feature_state_name(FeatureState::kRefused), "refused");
  EXPECT_EQ(feature_state_name(FeatureState::kAbsent), "absent");
}

TEST(Features, ErrorsHaveNames) {
  struct Case {
    int number;
    std::string_view name;
  };
  constexpr Case kCases[] = {
      {EPERM, "EPERM"}, {EINVAL, "EINVAL"}, {524, "ENOTSUPP"}, {4095, "errno 4095"}};
  for (const Case& c : kCases) EXPECT_EQ(errno_name(c.number), c.name);
}

TEST(Features, RefusalsAreSentences) {
  struct Case {
    int number;
    std::string_view verifier;
    std::string_view reason;
  };
  constexpr Case kCases[] = {
      {EPERM, "", "load a program: Operation not permitted (EPERM)"},
      {524, "", "load a program: Not supported (ENOTSUPP)"},
      {EACCES, "R1 type=inv",
       "load a program: Permission denied (EACCES); the verifier: R1 type=inv"},
      {4095, "", "load a program: unknown error (errno 4095)"},
  };
  for (const Case& c : kCases) {
    const FeatureResult result = refused("load a program", c.number, c.verifier);
    EXPECT_EQ(result.state, FeatureState::kRefused);
    EXPECT_EQ(result.error_number, c.number);
    EXPECT_EQ(result.reason, c.reason);
  }
  EXPECT_EQ(absent("not mounted").state, FeatureState::kAbsent);
  EXPECT_EQ(absent("not mounted").reason, "not mounted");
  EXPECT_EQ(absent("not mounted").error_number, 0);
  EXPECT_EQ(works().state, FeatureState::kWorks);
  EXPECT_EQ(works("at /x").reason, "at /x");
}

}  // namespace
}  // namespace outrider
