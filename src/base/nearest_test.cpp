// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace outrider {
namespace {

TEST(Nearest, FindsWhatWasMeant) {
  struct Case {
    std::string_view word;
    std::string_view expected;
  };
  constexpr std::string_view kCandidates[] = {"open",     "mkdir",     "rename",
                                              "proc.pid", "proc.name", "evt.arg.filename"};
  constexpr Case kCases[] = {
      {"open", "open"},
      {"opne", "open"},      // two letters changed places
      {"opens", "open"},     // one too many
      {"pen", "open"},       // one missing
      {"opan", "open"},      // another one
      {"Mkdir", "mkdir"},    // a capital is another letter
      {"renema", "rename"},  // two of six
      {"proc.nam", "proc.name"},
      {"proc.pd", "proc.pid"},
      {"evt.args.filenam", "evt.arg.filename"},
      {"evt.arg.file", "evt.arg.filename"},  // long words may differ by a third
      {"evt.arg.f", ""},
      {"proc.xxxx", ""},  // four of nine are more than a third
      {"connect", ""},
      {"xyzzy", ""},
      {"op", "open"},
      {"o", ""},
      {"", ""},
  };
  for (const Case& c : kCases) EXPECT_EQ(nearest(c.word, kCandidates), c.expected) << c.word;
}

TEST(Nearest, TheFirstOfEquallyNearOnes) {
  constexpr std::string_view kCandidates[] = {"link", "sink"};
  EXPECT_EQ(nearest("pink", kCandidates), "link");
  EXPECT_EQ(nearest("sink", kCandidates), "sink");
}

TEST(Nearest, OfNothingIsNothing) {
  EXPECT_EQ(nearest("open", {}), "");
  constexpr std::string_view kEmpty[] = {""};
  EXPECT_EQ(nearest("open", kEmpty), "");
}

}  // namespace
}  // namespace outrider
