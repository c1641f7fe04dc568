// SPDX-License-Identifier: Apache-2.0
#include "language/matchers.h"

#include <gtest/gtest.h>

#include <limits>

namespace outrider {
namespace {

using namespace std::string_view_literals;

TEST(MatchersTest, NetworksHaveAddresses) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool is_within;
  };
  const Case kCases[] = {
      {"127.0.0.0/8", "127.255.255.255", true},
      {"127.0.0.0/8", "128.0.0.0", false},
      {"127.0.0.0/8", "126.255.255.255", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3/32", "10.1.2.2", false},
      {"10.1.2.3/31", "10.1.2.2", true},
      {"10.1.2.3/9", "10.127.0.0", true},
      {"10.1.2.3/9", "10.128.0.0", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"0.0.0.0/0", "::ffff:1.2.3.4", true},
      {"::/0", "::1", true},
      {"::/0", "1.2.3.4", false},
      {"::/0", "::ffff:1.2.3.4", false},
      {"::ffff:10.0.0.0/104", "10.9.9.9", true},
      {"fe80::/10", "febf::1", true},
      {"fe80::/10", "fec0::1", false},
      {"2001:db8::1/128", "2001:db8:0:0::1", true},
      {"10.0.0.0/8", "10.0.0", false},
      {"10.0.0.0/8", "", false},
  };
  for (const Case& c : kCases) {
    const auto network = parse_network(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(is_within(c.address, *network), c.is_within) << c.network << " " << c.address;
  }
  for (const std::string_view bad :
       {""sv, "/8"sv, "10.0.0/8"sv, "10.0.0.0/33"sv, "10.0.0.0/-1"sv, "10.0.0.0/"sv,
        "10.0.0.0/8/8"sv, "::/129"sv, "::1%lo"sv, "localhost"sv, "10.0.0.0 /8"sv, "10.0.0.1\0"sv}) {
    EXPECT_FALSE(parse_network(bad)) << bad;
  }
}

TEST(MatchersTest, GlobsAreThoseOfFnmatch) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
  };
  const Case kCases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "/a/b", true},
      {"/etc/*", "/etc/a/b/c", true},
      {"/etc/*", "/etc", false},
      {"*.so", "/lib/x.so", true},
      {"*.so", "/lib/x.so.1", false},
      {"*a*b*c*", "xxaxxbxxcxx", true},
      {"*a*b*c*", "xxaxxcxxbxx", false},
      {"?", "a", true},
      {"?", "", false},
      {"?", "/", true},
      {"a?c", "abc", true},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[^a-c]x", "bx", false},
      {"[]a]", "]", true},
      {"[a-]", "-", true},
      {"[\\]]", "]", true},
      {"[", "[", true},
      {"[a", "[a", true},
      {"a[", "a", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\?x", "?x", true},
      {"a\\", "a\\", true},
      {"**", "ab", true},
      {"a**b", "ab", true},
      {"\xff?", "\xff\x80", true},
      {"a", "A", false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(matches_glob(c.text, c.pattern), c.matches) << c.pattern << " " << c.text;
  }
  EXPECT_TRUE(matches_glob("/ETC/Passwd", "/etc/[p]*D", true));
  EXPECT_FALSE(matches_glob("/ETC/Passwd", "/etc/[q]*", true));
  const std::string many(10'000, 'a');
  EXPECT_FALSE(matches_glob(many, "*a*a*a*a*a*a*a*a*b"));
}

TEST(MatchersTest, OpenEndedGlobs) {
  EXPECT_TRUE(is_open_ended("/etc/*"));
  EXPECT_TRUE(is_open_ended("a\\\\*"));
  EXPECT_FALSE(is_open_ended("a\\*"));
  EXPECT_FALSE(is_open_ended("a"));
  EXPECT_FALSE(is_open_ended(""));
}

TEST(MatchersTest, PathPrefixesGoByComponent) {
  struct Case {
    std::string_view path;
    std::string_view prefix;
    bool matches;
  };
  const Case kCases[] = {
      {"/etc/passwd", "/etc", true},
      {"/etc", "/etc", true},
      {"/etc/", "/etc", true},
      {"/etc", "/etc/", true},
      {"/etcetera", "/etc", false},
      {"/etc/passwd", "/etc/pass", false},
      {"/var/log", "/etc", false},
      {"/", "/", true},
      {"/a", "/", true},
      {"/etc", "/etc/passwd", false},
      {"/etc", "/etc/etc", false},
      {"//etc//passwd", "/etc/passwd", true},
      {"etc/passwd", "/etc", false},
      {"etc/passwd", "etc", true},
      {"/home/a/.ssh/id", "/home/*/.ssh", true},
      {"/home/a/b/.ssh/id", "/home/*/.ssh", false},
      {"/dev/sda1", "/dev/sd?", false},
      {"/dev/sda/x", "/dev/sd?", true},
      {"", "", true},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(matches_path_prefix(c.path, c.prefix), c.matches) << c.path << " " << c.prefix;
  }
}

TEST(MatchersTest, NumbersOfBothSigns) {
  using enum NumberStyle;
  constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(parse_number("0", kPlain), (Number{false, 0}));
  EXPECT_EQ(parse_number("-0", kPlain), (Number{false, 0}));
  EXPECT_EQ(parse_number("+7", kPlain), (Number{false, 7}));
  EXPECT_EQ(parse_number("007", kPlain), (Number{false, 7}));
  EXPECT_EQ(parse_number("-1", kPlain), (Number{true, kMax}));
  EXPECT_EQ(parse_number("0xFf", kPlain), (Number{false, 255}));
  EXPECT_EQ(parse_number("18446744073709551615", kPlain), (Number{false, kMax}));
  EXPECT_EQ(parse_number("-9223372036854775808", kPlain), (Number{true, std::uint64_t{1} << 63}));
  EXPECT_EQ(parse_number("0644", kOctal), (Number{false, 0644}));
  EXPECT_EQ(parse_number("420", kOctal), (Number{false, 420}));
  EXPECT_EQ(parse_number("0", kOctal), (Number{false, 0}));
  EXPECT_EQ(parse_number("15ms", kDuration), (Number{false, 15'000'000}));
  EXPECT_EQ(parse_number("2h", kDuration), (Number{false, 7'200'000'000'000}));
  EXPECT_EQ(parse_number("3m", kDuration), (Number{false, 180'000'000'000}));
  EXPECT_EQ(parse_number("1", kDuration), (Number{false, 1}));
  for (const std::string_view bad : {"", "-", "+", "a", "1a", "0x", "1.5", "1e3", "--1", "1 ",
                                     "18446744073709551616", "-9223372036854775809", "15ms"}) {
    EXPECT_FALSE(parse_number(bad, kPlain)) << bad;
  }
  EXPECT_FALSE(parse_number("0888", kOctal));
  EXPECT_FALSE(parse_number("9999999999999h", kDuration));
  EXPECT_FALSE(parse_number("s", kDuration));
  EXPECT_EQ(order({true, kMax}, {false, 0}), -1);
  EXPECT_EQ(order({true, kMax}, {true, kMax - 1}), 1);
  EXPECT_EQ(order({false, kMax}, {true, kMax}), 1);
  EXPECT_EQ(order({false, 1}, {false, 1}), 0);
  EXPECT_EQ(number_of(Value::of_signed(-2)), (Number{true, kMax - 1}));
}

TEST(MatchersTest, HexBytesAndParts) {
  EXPECT_EQ(decode_hex("CAfe00"), "\xca\xfe\0"sv);
  EXPECT_EQ(decode_hex(""), "");
  for (const std::string_view bad : {"1", "xx", "0x41", "4 ", "-1", "+1"}) {
    EXPECT_FALSE(decode_hex(bad)) << bad;
  }
  EXPECT_TRUE(contains("abc", ""));
  EXPECT_TRUE(contains("", ""));
  EXPECT_TRUE(contains("a\0b"sv, "\0b"sv));
  EXPECT_FALSE(contains("abc", "ac"));
  EXPECT_TRUE(contains_ignoring_case("/Etc/PASSWD", "passwd"));
  EXPECT_TRUE(contains_ignoring_case("", ""));
  EXPECT_FALSE(contains_ignoring_case("/Etc/PASSWD", "shadow"));
}

TEST(MatchersTest, FlagsAreWholeNames) {
  EXPECT_TRUE(has_flag("O_WRONLY|O_CREAT", "O_CREAT"));
  EXPECT_TRUE(has_flag("O_WRONLY|O_CREAT", "O_WRONLY"));
  EXPECT_FALSE(has_flag("O_WRONLY|O_CREAT", "O_CREA"));
  EXPECT_FALSE(has_flag("O_DSYNC", "O_SYNC"));
  EXPECT_TRUE(has_flag("0", "0"));
}

TEST(MatchersTest, SetsFindWhatTheyHold) {
  std::vector<std::string> texts;
  for (std::size_t size = 0; size < 40; ++size) {
    const TextSet set(texts);
    for (std::size_t i = 0; i < 40; ++i) {
      EXPECT_EQ(set.has(std::string(i * 3, 'x')), i < size) << i << " of " << size;
    }
    EXPECT_FALSE(set.has("y"));
    texts.emplace_back(size * 3, 'x');
  }
}

}  // namespace
}  // namespace outrider
