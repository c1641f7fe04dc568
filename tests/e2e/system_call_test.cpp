// SPDX-License-Identifier: Apache-2.0
//
// outrider trace syscall: calls by their names, with their arguments, in every form of output.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <sstream>

#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;

class SystemCalls : public ProgramTest {};

void make_calls() {
  const GeneratorName name;
  ::kill(::getpid(), 0);
  ::syscall(SYS_ptrace, 16, 4194400, 0, 0);
  ::syscall(SYS_umount2, "/nonexistent", 2);
}

TEST_F(SystemCalls, AsColumnsAndAsJson) {
  Trace columns(own_events({"syscall:ptrace,umount2,kill"}));
  ASSERT_TRUE(columns.ready()) << columns.errors();
  Trace json(own_events({"syscall:ptrace", "-o", "json"}));
  ASSERT_TRUE(json.ready()) << json.errors();
  make_calls();
  EXPECT_EQ(columns.interrupt(), Ending{.code = 0});
  EXPECT_EQ(json.interrupt(), Ending{.code = 0});

  const std::string output = columns.output();
  for (const std::string& call :
       {fmt::format("kill(pid={}, sig=0) = 0\n", ::getpid()),
        std::string("ptrace(request=PTRACE_ATTACH, pid=4194400, addr=0x0, data=0x0) = ESRCH\n"),
        std::string("umount2(target=\"/nonexistent\", flags=MNT_DETACH) = ENOENT\n")}) {
    EXPECT_NE(output.find(call), std::string::npos) << call << "in\n" << output;
  }
  const auto lines = parse_lines(json.output());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].at("evt.kind"), "syscall");
  EXPECT_EQ(lines[0].at("evt.type"), "ptrace");
  EXPECT_EQ(lines[0].at("evt.res"), "ESRCH");
  EXPECT_EQ(lines[0].at("evt.info"),
            "ptrace(request=PTRACE_ATTACH, pid=4194400, addr=0x0, data=0x0) = ESRCH");
  const auto account = account_in(json.errors());
  expect_equation(account);
  EXPECT_EQ(account.at("account").at("syscall").at("delivered"), 1);
}

TEST_F(SystemCalls, ArgumentsAsColumnsAndGroups) {
  Trace fields(own_events({"syscall:ptrace,umount2", "--no-header", "--fields",
                           "evt.type,evt.arg.request,evt.rawarg.pid,evt.arg[1],evt.arg.target"}));
  ASSERT_TRUE(fields.ready()) << fields.errors();
  Trace groups(own_events(
      {"syscall:ptrace,kill", "-o", "json", "--by", "evt.type,evt.arg.sig", "--interval", "0"}));
  ASSERT_TRUE(groups.ready()) << groups.errors();
  Trace sizes(
      own_events({"syscall:ptrace", "-o", "json", "--sum", "evt.rawarg.pid", "--interval", "0"}));
  ASSERT_TRUE(sizes.ready()) << sizes.errors();
  make_calls();
  EXPECT_EQ(fields.interrupt(), Ending{.code = 0});
  EXPECT_EQ(groups.interrupt(), Ending{.code = 0});
  EXPECT_EQ(sizes.interrupt(), Ending{.code = 0});
  const auto lines = lines_of(fields.output());
  ASSERT_EQ(lines.size(), 2U) << fields.output();
  std::vector<std::vector<std::string>> words;
  for (const std::string& line : lines) {
    std::istringstream in(line);
    auto& each = words.emplace_back();
    for (std::string word; in >> word;) each.push_back(word);
  }
  EXPECT_EQ(words[0],
            (std::vector<std::string>{"ptrace", "PTRACE_ATTACH", "4194400", "4194400", "-"}));
  EXPECT_EQ(words[1],
            (std::vector<std::string>{"umount2", "-", "-", "MNT_DETACH", "/nonexistent"}));

  const auto counted = parse_lines(groups.output());
  ASSERT_EQ(counted.size(), 2U) << groups.output();
  for (const auto& group : counted) EXPECT_EQ(group.at("count"), 1);
  const auto summed = parse_lines(sizes.output());
  ASSERT_EQ(summed.size(), 1U) << sizes.output();
  EXPECT_EQ(summed[0].at("sum"), 4194400);
}

TEST_F(SystemCalls, WithOtherKindsAndConditions) {
  Trace trace(own_events({"open", "syscall:openat,kill", "-o", "json", "--where",
                          "evt.arg.flags contains O_DIRECTORY or evt.arg.sig = SIGCONT"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  {
    const GeneratorName name;
    ::syscall(SYS_openat, -100, "/nonexistent", 0200000);
    ::kill(::getpid(), 0);
    ::kill(::getpid(), SIGCONT);
  }
  EXPECT_EQ(trace.interrupt(), Ending{.code = 0});
  std::vector<std::string> seen;
  for (const auto& line : parse_lines(trace.output())) {
    seen.push_back(fmt::format("{} {}", line.at("evt.kind").get<std::string>(),
                               line.at("evt.type").get<std::string>()));
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<std::string>{"open openat", "syscall kill", "syscall openat"}));
}

// All calls of the machine; nothing of ours may be left, and nothing is lost unsaid.
TEST_F(SystemCalls, All) {
  Trace trace({"syscall", "-o", "json", "--timeout", "1"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  make_calls();
  EXPECT_EQ(trace.wait(std::chrono::seconds(20)), Ending{.code = 0});
  EXPECT_FALSE(parse_lines(trace.output()).empty());
  expect_equation(account_in(trace.errors()));
}

TEST_F(SystemCalls, AreListed) {
  const Finished all = run_program({"trace", "syscall", "--help"});
  EXPECT_EQ(all.ending, Ending{.code = 0});
  EXPECT_NE(all.output.find("\n  ptrace(request, pid, addr, data)\n"), std::string::npos);
  EXPECT_NE(all.output.find("\n  getpid()\n"), std::string::npos);
  const Finished one = run_program({"trace", "syscall:umount2", "--help"});
  EXPECT_EQ(one.ending, Ending{.code = 0});
  EXPECT_NE(one.output.find("\n  umount2(target, flags)\n"
                            "    flags: MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW\n"),
            std::string::npos);
  EXPECT_EQ(one.output.find("ptrace("), std::string::npos);
}

TEST_F(SystemCalls, WhatThereIsNot) {
  struct Case {
    std::vector<std::string> words;
    std::string_view error;
  };
  const Case kCases[] = {
      {{"trace", "syscall:ptraec"}, "did you mean 'ptrace'?"},
      {{"trace", "getpid"}, "trace syscall:getpid"},
      {{"trace", "syscall:open", "--fields", "evt.arg.falgs"}, "evt.arg.falgs"},
      {{"trace", "syscall:kill", "--where", "evt.arg.sigg = 3"}, "did you mean 'sig'?"},
  };
  for (const Case& c : kCases) {
    const Finished finished = run_program(c.words);
    EXPECT_EQ(finished.ending, Ending{.code = 2});
    EXPECT_NE(finished.errors.find(c.error), std::string::npos) << finished.errors;
  }
}

}  // namespace
}  // namespace outrider::test
