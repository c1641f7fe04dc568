// SPDX-License-Identifier: Apache-2.0
#include "sensors/selection.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace outrider {
namespace {

struct Names {
  std::vector<std::string_view> kinds;
  std::vector<std::string_view> calls;
  bool operator==(const Names&) const = default;
};

Names selected(const std::vector<std::string>& words) {
  const auto selection = select(words);
  Names names;
  if (!selection) {
    ADD_FAILURE() << selection.error().message;
    return names;
  }
  for (const EventDescriptor* kind : selection->kinds) names.kinds.push_back(kind->name);
  for (const Call* call : selection->calls) names.calls.push_back(call->name);
  return names;
}

TEST(Selection, KindsAndCalls) {
  struct Case {
    std::vector<std::string> words;
    Names names;
  };
  const Case kCases[] = {
      {{"open"}, {{"open"}, {}}},
      {{"open,exec", "open"}, {{"open", "exec"}, {}}},
      {{"syscall"}, {{"syscall"}, {}}},
      {{"syscall:ptrace"}, {{"syscall"}, {"ptrace"}}},
      // All names of one word are calls, also those that are kinds.
      {{"syscall:mount,open", "exec", "open"}, {{"syscall", "exec", "open"}, {"mount", "open"}}},
      {{"syscall:bpf", "syscall:ptrace,bpf"}, {{"syscall"}, {"bpf", "ptrace"}}},
      // Who wants all wants no fewer for naming one.
      {{"syscall:bpf", "syscall"}, {{"syscall"}, {}}},
  };
  for (const Case& c : kCases) EXPECT_EQ(selected(c.words), c.names) << c.words[0];
}

TEST(Selection, AsWords) {
  for (const std::string_view words :
       {"open", "open, exec", "syscall", "open, syscall:bpf,mount"}) {
    std::vector<std::string> given;
    for (std::string_view rest = words; !rest.empty();) {
      const std::size_t end = std::min(rest.find(", "), rest.size());
      given.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    const auto selection = select(given);
    ASSERT_TRUE(selection) << words;
    EXPECT_EQ(words_of(*selection), words);
  }
}

TEST(Selection, WhatThereIsNot) {
  struct Case {
    std::vector<std::string> words;
    std::string_view error;
  };
  const Case kCases[] = {
      {{"opn"},
       "no kind of events is called 'opn'; did you mean 'open'? 'outrider trace' lists them"},
      {{"syscall:ptraec"},
       "no system call is called 'ptraec'; did you mean 'ptrace'? 'outrider trace syscall --help' "
       "lists them"},
      {{"syscall:open,nonexistentcall"},
       "no system call is called 'nonexistentcall'; 'outrider trace syscall --help' lists them"},
      {{"getpid"},
       "'getpid' is a system call, and no kind of events of its own; trace syscall:getpid"},
  };
  for (const Case& c : kCases) {
    const auto selection = select(c.words);
    ASSERT_FALSE(selection) << c.words[0];
    EXPECT_EQ(selection.error().message, c.error);
    EXPECT_EQ(selection.error().code, ExitCode::kBadInput);
  }
  // Nothing between two commas is no name.
  EXPECT_FALSE(select(std::vector<std::string>{"open,"}));
  EXPECT_FALSE(select(std::vector<std::string>{"syscall:"}));
}

}  // namespace
}  // namespace outrider
