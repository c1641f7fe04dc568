// SPDX-License-Identifier: Apache-2.0
#include "workloads/names_file.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {
namespace {

using namespace std::string_literals;

TEST(NamesFile, FollowsTheTable) {
  struct Case {
    std::string text;
    std::uint32_t id;
    std::string expected;  // name|home|shell; "" if there is none
  };
  const std::string long_name(4000, 'x');
  const std::string too_long(4100, 'x');
  const Case cases[] = {
      {"root:x:0:0:root:/root:/bin/bash\n", 0, "root|/root|/bin/bash"},
      {"root:x:0:0:root:/root:/bin/bash", 0, "root|/root|/bin/bash"},
      {"root:x:0:0:root:/root:/bin/bash\n", 1, ""},
      {"", 0, ""},
      {"\n\n\n", 0, ""},
      // The first is meant, wherever it stands.
      {"b:x:7:::/b:\na:x:7:::/a:\n", 7, "b|/b|"},
      {"z:x:9:::\nb:x:7:::/b:\nc:x:8:::\na:x:7:::/a:\n", 7, "b|/b|"},
      // What lacks fields, and what has more.
      {"a:x:5\n", 5, "a||"},
      {"a:x:5:5:name:/home\n", 5, "a|/home|"},
      {"a:x:5:5:name:/home:/bin/sh:more\n", 5, "a|/home|/bin/sh"},
      // None of these is a line of a user.
      {"a:x\n", 0, ""},
      {"a\n", 0, ""},
      {":x:0:0::/:/\n", 0, ""},
      {"#a:x:5::::\n", 5, ""},
      {"+a:x:5::::\n", 5, ""},
      {"-a:x:5::::\n", 5, ""},
      {"a:x::::::\n", 0, ""},
      {"a:x:5x::::\n", 5, ""},
      {"a:x: 5::::\n", 5, ""},
      {"a:x:-1::::\n", 4294967295, ""},
      {"a:x:4294967295::::\n", 4294967295, ""},
      {"a:x:4294967296::::\n", 0, ""},
      {"a:x:4294967294::::\n", 4294967294, "a||"},
      // Bytes that are no text stay in their own line.
      {"a\0b:x:5::::\nc:x:6::::\n"s, 5, ""},
      {"a\0b:x:5::::\nc:x:6::::\n"s, 6, "c||"},
      {"a\xff\x1b[2J:x:5::::\n", 5, "a\xff\x1b[2J||"},
      {long_name + ":x:5::::\n", 5, long_name + "||"},
      {too_long + ":x:5::::\nb:x:6::::\n", 5, ""},
      {too_long + ":x:5::::\nb:x:6::::\n", 6, "b||"},
      {"a:x:5::::\r\n", 5, "a||\r"},
  };
  for (const Case& c : cases) {
    const NamesFile file(c.text);
    const auto user = file.user(c.id);
    const std::string shown = user ? std::string(user->name) + '|' + std::string(user->home) + '|' +
                                         std::string(user->shell)
                                   : "";
    EXPECT_EQ(shown, c.expected) << c.text << ", " << c.id;
    EXPECT_EQ(file.name(c.id).has_value(), user.has_value()) << c.text;
    EXPECT_TRUE(file.whole());
  }
}

TEST(NamesFile, GroupsHaveNamesToo) {
  const NamesFile file("adm:x:4:alice,bob\nempty:x:5:\nshort:x:6\n");
  EXPECT_EQ(file.name(4), "adm");
  EXPECT_EQ(file.name(5), "empty");
  EXPECT_EQ(file.name(6), "short");
  EXPECT_EQ(file.name(7), std::nullopt);
}

TEST(NamesFile, OfATextThatWasCutTheLastLineIsLeftOut) {
  const NamesFile file("a:x:5::::\nb:x:6", true);
  EXPECT_FALSE(file.whole());
  EXPECT_EQ(file.name(5), "a");
  EXPECT_EQ(file.name(6), std::nullopt);
}

TEST(NamesFile, OneThatIsAllLinesTakesLittleMore) {
  std::string text;
  for (int i = 0; text.size() < (1u << 20); ++i) text += "a::" + std::to_string(i) + "\n";
  const NamesFile file(text);
  EXPECT_EQ(file.name(70'000), "a");
  EXPECT_LT(file.memory(), 4u << 20);
}

}  // namespace
}  // namespace outrider
