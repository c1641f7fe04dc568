// SPDX-License-Identifier: Apache-2.0
#include "language/prefix_set.h"

#include <gtest/gtest.h>

#include <random>

namespace outrider {
namespace {

TEST(PrefixSet, AWholeTextIsNoPrefix) {
  const auto set = PrefixSet::whole("/etc");
  EXPECT_TRUE(set.has("/etc"));
  EXPECT_FALSE(set.has("/etc/"));
  EXPECT_FALSE(set.has("/et"));
  EXPECT_TRUE(set.complement().has("/etc/passwd"));
}

TEST(PrefixSet, TheLongestEntryDecides) {
  // What is beneath /etc but not beneath /etc/ssl, and yet /etc/ssl/certs.
  const auto set = PrefixSet::starting_with("/etc/")
                       .intersected(PrefixSet::starting_with("/etc/ssl/").complement())
                       .united(PrefixSet::starting_with("/etc/ssl/certs"));
  EXPECT_TRUE(set.has("/etc/passwd"));
  EXPECT_FALSE(set.has("/etc/ssl/private"));
  EXPECT_TRUE(set.has("/etc/ssl/certs/a"));
  EXPECT_FALSE(set.has("/usr"));
  EXPECT_EQ(set.entries().size(), 4U);
}

TEST(PrefixSet, KeepsNoEntryThatSaysNothingNew) {
  const auto set = PrefixSet::starting_with("/etc").united(PrefixSet::starting_with("/etc/passwd"));
  EXPECT_EQ(set, PrefixSet::starting_with("/etc"));
  EXPECT_TRUE(set.united(set.complement()).full());
  EXPECT_TRUE(set.intersected(set.complement()).empty());
}

TEST(PrefixSet, EveryTextBeginsWithNothing) {
  EXPECT_TRUE(PrefixSet::starting_with("").full());
  EXPECT_TRUE(PrefixSet::whole("").has(""));
  EXPECT_FALSE(PrefixSet::whole("").has("a"));
}

TEST(PrefixSet, AgreesWithWhatItSays) {
  std::mt19937_64 random(2);
  const auto text = [&random] {
    std::string made;
    for (std::uint64_t i = random() % 5; i > 0; --i) made += static_cast<char>('a' + random() % 2);
    return made;
  };
  const auto make = [&] {
    const auto one = [&] {
      const auto set =
          random() % 2 != 0 ? PrefixSet::whole(text()) : PrefixSet::starting_with(text());
      return random() % 3 == 0 ? set.complement() : set;
    };
    auto set = one();
    for (std::uint64_t i = random() % 4; i > 0; --i) {
      set = random() % 2 != 0 ? set.united(one()) : set.intersected(one());
    }
    return set;
  };
  for (int i = 0; i < 5000; ++i) {
    const PrefixSet a = make();
    const PrefixSet b = make();
    for (int j = 0; j < 10; ++j) {
      const std::string each = text();
      ASSERT_EQ(a.united(b).has(each), a.has(each) || b.has(each)) << each;
      ASSERT_EQ(a.intersected(b).has(each), a.has(each) && b.has(each)) << each;
      ASSERT_EQ(a.complement().has(each), !a.has(each)) << each;
    }
  }
}

}  // namespace
}  // namespace outrider
