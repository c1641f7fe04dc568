// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace outrider {
namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

TEST(Completion, Commands) {
  EXPECT_EQ(completions(Words{"sna"}), Words{"snapshot"});
  const Words all = completions(Words{""});
  EXPECT_TRUE(has(all, "trace"));
  EXPECT_FALSE(has(all, "complete"));
  EXPECT_TRUE(completions(Words{}).empty());
  EXPECT_TRUE(completions(Words{"nothing", ""}).empty());
}

TEST(Completion, KindsAndCalls) {
  EXPECT_EQ(completions(Words{"trace", "mkd"}), Words{"mkdir"});
  EXPECT_TRUE(has(completions(Words{"trace", "syscall:mount"}), "syscall:mount_setattr"));
  EXPECT_TRUE(has(completions(Words{"trace", "exec,op"}), "exec,open"));
  EXPECT_TRUE(has(completions(Words{"snapshot", "pro"}), "process"));
}

TEST(Completion, Options) {
  EXPECT_EQ(completions(Words{"trace", "open", "--max-e"}), Words{"--max-events"});
  EXPECT_TRUE(has(completions(Words{"agent", "--"}), "--check-config"));
}

TEST(Completion, Values) {
  EXPECT_EQ(completions(Words{"trace", "open", "-o", ""}), (Words{"columns", "json"}));
  EXPECT_EQ(completions(Words{"trace", "open", "--output=j"}), Words{"--output=json"});
  EXPECT_EQ(completions(Words{"syscalls", "--sort", "p"}), Words{"p99"});
  EXPECT_TRUE(completions(Words{"agent", "--config", ""}).empty());
}

// Of the kinds that are named; the last of a list.
TEST(Completion, Fields) {
  EXPECT_TRUE(has(completions(Words{"trace", "open", "--fields", "fd.na"}), "fd.name"));
  EXPECT_TRUE(completions(Words{"trace", "exit", "--fields", "fd.na"}).empty());
  EXPECT_TRUE(
      has(completions(Words{"trace", "open", "--by", "proc.name,evt.re"}), "proc.name,evt.res"));
  EXPECT_TRUE(has(completions(Words{"snapshot", "socket", "--fields", "socket."}), "socket.state"));
}

TEST(Completion, NothingBehindTheDashes) {
  EXPECT_TRUE(completions(Words{"syscalls", "--", ""}).empty());
}

TEST(Completion, EveryShellHasItsScript) {
  for (const std::string_view shell : {"bash", "zsh", "fish"}) {
    EXPECT_NE(completion_script(shell).find("outrider complete --"), std::string::npos) << shell;
  }
  EXPECT_EQ(completion_script("csh"), "");
}

}  // namespace
}  // namespace outrider
