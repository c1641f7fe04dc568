// SPDX-License-Identifier: Apache-2.0
//
// --stack: where a program was, as JSON and below the event in columns.
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/program.h"

namespace outrider::test {
namespace {

class Stack : public ProgramTest {};

TEST_F(Stack, IsAListOfAddressesInJson) {
  const std::string missing = directory_ / "missing";
  Trace trace(own_events({"open", "-o", "json", "--stack", "user", "--stack", "kernel"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(missing);
  ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
  const auto events = parse_lines(trace.output());
  ASSERT_EQ(events.size(), 1U) << trace.output();
  for (const std::string_view field : {"evt.stack.user", "evt.stack.kernel"}) {
    const auto& frames = events[0].at(std::string(field));
    ASSERT_FALSE(frames.empty());
    for (const std::string frame : frames) EXPECT_TRUE(frame.starts_with("0x")) << frame;
  }
  expect_equation(account_in(trace.errors()));
}

TEST_F(Stack, IsAFrameOnALineInColumns) {
  const std::string missing = directory_ / "missing";
  Trace trace(own_events({"open", "--stack", "kernel,user", "--fields", "fd.name", "--no-header"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  open_missing(missing);
  ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
  std::istringstream in(trace.output());
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_GE(lines.size(), 3U) << trace.output();
  EXPECT_EQ(lines[0], missing);
  // The kernel's frames, then the program's.
  const auto is_kernel = [](const std::string& line) { return line.starts_with("    kernel 0x"); };
  const auto is_user = [](const std::string& line) { return line.starts_with("    user   0x"); };
  const auto first_user = std::find_if_not(lines.begin() + 1, lines.end(), is_kernel);
  EXPECT_NE(first_user, lines.begin() + 1) << trace.output();
  EXPECT_NE(first_user, lines.end()) << trace.output();
  EXPECT_TRUE(std::all_of(first_user, lines.end(), is_user)) << trace.output();
}

// A condition that asks for a stack must see one, also if it is not shown.
TEST_F(Stack, IsReadForAConditionOrAFieldThatNamesIt) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--where", "evt.stack.user exists", "--fields", "fd.name"},
        {"--fields", "fd.name,evt.stack.user"}}) {
    std::vector<std::string> all = {"open", "-o", "json"};
    all.insert(all.end(), words.begin(), words.end());
    Trace trace(own_events(all));
    ASSERT_TRUE(trace.ready()) << trace.errors();
    open_missing(directory_ / "missing");
    ASSERT_EQ(trace.interrupt(), Subprocess::Ending{.code = 0});
    const auto events = parse_lines(trace.output());
    ASSERT_EQ(events.size(), 1U) << trace.output();
    EXPECT_EQ(events[0].contains("evt.stack.user"), words[0] == "--fields");
  }
}

TEST_F(Stack, WhatHasNoneIsRefused) {
  const Finished none = run_program({"trace", "fork,exit", "--stack", "user"});
  EXPECT_EQ(none.ending, Subprocess::Ending{.code = 2});
  EXPECT_NE(none.errors.find("fork, exit"), std::string::npos) << none.errors;
  const Finished word = run_program({"trace", "open", "--stack", "both"});
  EXPECT_EQ(word.ending, Subprocess::Ending{.code = 2});
  EXPECT_NE(word.errors.find("user"), std::string::npos) << word.errors;
}

}  // namespace
}  // namespace outrider::test
