// SPDX-License-Identifier: Apache-2.0
#include "base/path.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {
namespace {

using namespace std::string_view_literals;

TEST(JoinLexically, FollowsTheTable) {
  struct Case {
    std::string_view base;
    std::string_view path;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      // Absolute: the base does not matter.
      {"/home", "/etc/passwd", "/etc/passwd"},
      {"", "/etc/passwd", "/etc/passwd"},
      {"/home", "/", "/"},
      {"/home", "///", "/"},
      {"/home", "//etc///passwd//", "/etc/passwd"},
      {"/home", "/./etc/./passwd/.", "/etc/passwd"},
      {"/home", "/etc/../passwd", "/passwd"},
      {"/home", "/..", "/"},
      {"/home", "/../../etc", "/etc"},
      {"/home", "/etc/..", "/"},
      {"/home", "/a/b/c/../../d", "/a/d"},
      // Relative.
      {"/home/user", "file", "/home/user/file"},
      {"/home/user/", "file", "/home/user/file"},
      {"/", "file", "/file"},
      {"", "file", "/file"},
      {"/home/user", "", "/home/user"},
      {"/home/user", ".", "/home/user"},
      {"/home/user", "./a/./b/", "/home/user/a/b"},
      {"/home/user", "..", "/home"},
      {"/home/user", "../other", "/home/other"},
      {"/home/user", "../..", "/"},
      {"/home/user", "../../../../etc", "/etc"},
      {"/home/user", "a/../../b", "/home/b"},
      {"", "", "/"},
      {"/", "", "/"},
      {"/", "..", "/"},
      // The base is cleaned as well.
      {"/home/./user/../other//", "x", "/home/other/x"},
      // Names that only look like dots.
      {"/", "...", "/..."},
      {"/", "..a/.b", "/..a/.b"},
      {"/a", ".../..", "/a"},
      // One letter each: as long as it gets for its size.
      {"a", "b", "/a/b"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(join_lexically(c.base, c.path, arena), c.expected)
        << "\"" << c.base << "\" and \"" << c.path << "\"";
  }
}

TEST(JoinLexically, NeverWritesMoreThanItAskedFor) {
  // What is asked for next begins where this ends: nothing of it may be overwritten.
  const std::string_view pieces[] = {"", "/", "a", "..", ".", "/a", "a/", "../a", "//", "a/b"};
  for (const std::string_view base : pieces) {
    for (const std::string_view path : pieces) {
      Arena arena;
      const std::string_view first = arena.copy("before");
      const std::string_view joined = join_lexically(base, path, arena);
      EXPECT_LE(joined.size(), base.size() + path.size() + 2);
      EXPECT_TRUE(joined.starts_with('/')) << joined;
      EXPECT_TRUE(joined == "/" || !joined.ends_with('/')) << joined;
      EXPECT_EQ(joined.find("//"), std::string_view::npos) << joined;
      EXPECT_EQ(first, "before");
      // A second time changes nothing.
      EXPECT_EQ(join_lexically("/other", joined, arena), joined);
    }
  }
}

TEST(TurnRound, FollowsTheTable) {
  struct Case {
    std::string_view components;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"", "/"},
      {"etc\0"sv, "/etc"},
      {"passwd\0etc\0"sv, "/etc/passwd"},
      {"c\0b\0a\0"sv, "/a/b/c"},
      {"with space\0with\nnewline\0"sv, "/with\nnewline/with space"},
      {"\xff\0"sv, "/\xff"},
      // Never written by the walk; it only must not read or write elsewhere.
      {"\0"sv, "/"},
      {"\0\0"sv, "//"},
      {"\0a\0"sv, "/a/"},
  };
  for (const Case& c : kCases) {
    Arena arena;
    EXPECT_EQ(turn_round(c.components, arena), c.expected);
  }
}

TEST(TurnRound, DeepAndLongPaths) {
  std::string components;
  std::string expected;
  for (int i = 0; i < 2048; ++i) {
    components += 'd';
    components += '\0';
    expected += "/d";
  }
  Arena arena;
  EXPECT_EQ(turn_round(components, arena), expected);
  const std::string name(255, 'n');
  EXPECT_EQ(turn_round(name + '\0', arena), "/" + name);
}

}  // namespace
}  // namespace outrider
