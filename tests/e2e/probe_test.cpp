// SPDX-License-Identifier: Apache-2.0
//
// `outrider trace` with probes, as a user types it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/probe_functions.h"
#include "support/program.h"

namespace outrider {

namespace {

using namespace test;

class Probe : public ProgramTest {};

std::string own_function(std::string_view name) {
  return fmt::format("uprobe:/proc/{}/exe:{}", ::getpid(), name);
}

TEST_F(Probe, TracepointAsJson) {
  Trace trace(own_events({"tp:syscalls:sys_enter_openat", "-o", "json", "--max-events", "3"}));
  ASSERT_TRUE(trace.ready()) << trace.errors();
  const GeneratorName name;
  open_missing("/nonexistent/probe", 3);
  const auto ending = trace.wait(kPatience);
  ASSERT_EQ(ending, (Subprocess::Ending{.code = 0})) << trace.errors();
  const auto lines = parse_lines(trace.output());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].at("evt.kind"), "tp:syscalls:sys_enter_openat");
  EXPECT_EQ(lines[0].at("proc.name"), kGeneratorName);
  EXPECT_TRUE(lines[0].at("evt.arg.filename").get<std::string>().starts_with("0x"));
  EXPECT_TRUE(lines[0].at("evt.arg.__syscall_nr").is_number());
  expect_equation(account_in(trace.errors()));
}

TEST_F(Probe, FunctionWithColumnsConditionAndGroups) {
  const std::string target = own_function("probe_add");
  Trace trace({target, "--fields", "proc.name,evt.arg[0],evt.arg.second,evt.res,evt.latency",
               "--where", "evt.arg.first > 5 and evt.res != 0", "--max-events", "2"});
  ASSERT_TRUE(trace.ready()) << trace.errors();
  for (int i = 0; i < 10; ++i) probe_add(i, static_cast<short>(i));
  ASSERT_EQ(trace.wait(kPatience), (Subprocess::Ending{.code = 0})) << trace.errors();
  const auto lines = lines_of(trace.output());
  ASSERT_EQ(lines.size(), 3u) << trace.output();
  EXPECT_NE(lines[0].find("SECOND"), std::string::npos);
  EXPECT_NE(lines[1].find(" 12 "), std::string::npos) << lines[1];
  EXPECT_LE(std::max({lines[0].size(), lines[1].size()}), 80u);

  Trace groups(
      {target, "--by", "evt.arg.second", "--hist", "evt.latency", "--interval", "0", "-o", "json"});
  ASSERT_TRUE(groups.ready()) << groups.errors();
  for (int i = 0; i < 10; ++i) probe_add(i, static_cast<short>(i % 2));
  groups.interrupt();
  std::uint64_t count = 0;
  for (const auto& line : parse_lines(groups.output())) {
    if (line.contains("evt.arg.second")) count += line.at("count").get<std::uint64_t>();
  }
  EXPECT_EQ(count, 10u) << groups.output();
  expect_equation(account_in(groups.errors()));
}

// What is wrong is said before anything is attached, in a line that says what to do.
TEST_F(Probe, Errors) {
  struct Case {
    std::vector<std::string> words;
    int code;
    std::string_view sentence;
  };
  const Case kCases[] = {
      {{"tp:sched:sched_swich"}, 2, "did you mean 'sched_switch'?"},
      {{"uprobe:/nonexistent:main"}, 2, "No such file or directory"},
      {{own_function("probe_ad")}, 2, "did you mean 'probe_add'?"},
      {{"usdt:/bin/true:a:b"}, 2, "has no USDT probes"},
      {{"fn:do_sys_openat3"}, 2, "or only as part of others"},
      {{"tp:sched:sched_switch", "--where", "evt.arg.prev_pdi = 1"}, 2, "evt.arg.prev_pid"},
      {{"tp:sched:sched_switch", "--fields", "evt.arg[99]"}, 2, "no field 'evt.arg[99]'"},
  };
  for (const Case& test : kCases) {
    std::vector<std::string> words = {"--no-agent", "trace"};
    words.insert(words.end(), test.words.begin(), test.words.end());
    const Finished finished = run_program(words);
    EXPECT_EQ(finished.ending, (Subprocess::Ending{.code = test.code})) << test.words[0];
    EXPECT_NE(finished.errors.find(test.sentence), std::string::npos) << finished.errors;
    EXPECT_EQ(finished.output, "") << test.words[0];
  }
}

TEST_F(Probe, HelpListsWhatThereIs) {
  const Finished kinds = run_program({"trace"});
  EXPECT_NE(kinds.output.find("uprobe:PATH:FUNCTION"), std::string::npos);
  const Finished fields = run_program({"trace", "tp:sched:sched_switch", "--help"});
  EXPECT_NE(fields.output.find("evt.arg.prev_comm    text      char[16]"), std::string::npos)
      << fields.output;
  const Finished list = run_program({"trace", "tp:sched", "--help"});
  EXPECT_NE(list.output.find("tp:sched:sched_switch\n"), std::string::npos);
  if (!has_usdt()) GTEST_SKIP() << "built without <sys/sdt.h>: systemtap-sdt-dev";
  const std::string target = fmt::format("usdt:/proc/{}/exe", ::getpid());
  const Finished probes = run_program({"trace", target, "--help"});
  EXPECT_NE(probes.output.find(target + ":outrider_test:passed\n"), std::string::npos);
}

}  // namespace

}  // namespace outrider
