// SPDX-License-Identifier: Apache-2.0
#include "rules/rule_tests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace outrider {
namespace {

constexpr std::string_view kRules = R"(
- rule: shell
  desc: d
  priority: NOTICE
  condition: evt.type in (execve, execveat) and proc.name in (sh, bash) and proc.pname = sshd
  output: shell %proc.cmdline by %user.name below %proc.aname[2]
- rule: shadow
  desc: d
  priority: WARNING
  condition: evt.type in (open, openat) and evt.is_open_read = true and fd.name = /etc/shadow and fd.num >= 0
  output: read %fd.name in %fd.directory
- rule: ptrace
  desc: d
  priority: WARNING
  condition: evt.type = ptrace and evt.arg.request contains PTRACE_ATTACH and container.image = evil
  output: attach
)";

constexpr std::string_view kHead = R"(
processes:
  init: {name: systemd, pid: 1}
  daemon: {name: sshd, pid: 7, parent: init}
  shell: {name: bash, args: -c id, pid: 8, parent: daemon}
containers:
  bad: {id: abc, image: evil}
tests:
)";

std::string outcome_of(std::string_view tests) {
  const LoadedRules loaded = load_rules({{{.name = "rules", .text = std::string(kRules)}}});
  if (loaded.rules == nullptr) return diagnostics_text(loaded.diagnostics, loaded.files);
  const auto file = read_rule_tests({.name = "t", .text = std::string(kHead) + std::string(tests)});
  if (!file) return file.error().message;
  RuleCoverage coverage;
  const auto outcomes = run_rule_tests(*file, *loaded.rules, {}, coverage);
  if (!outcomes) return outcomes.error().message;
  std::string text;
  for (const RuleTestOutcome& outcome : *outcomes) {
    text += fmt::format("{}: {}", outcome.test,
                        outcome.differences.empty()
                            ? std::string("passed")
                            : fmt::format("{}", fmt::join(outcome.differences, "; ")));
  }
  // What every alert ends with.
  constexpr std::string_view kEnd = "k8s_ns_name=<NA>";
  for (std::size_t at; (at = text.find(" container_id=")) != std::string::npos;) {
    text.erase(at, text.find(kEnd, at) + kEnd.size() - at);
  }
  return text;
}

struct Case {
  std::string_view tests;
  std::string_view outcome;
};

// clang-format off: a table
constexpr Case kCases[] = {
    {"- {name: n, events: [{evt.type: execve, process: shell, alerts: [shell]}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: execve, process: shell, alerts: [{rule: shell, output: bash -c id by root below systemd}]}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: execve, process: shell, alerts: [{rule: shell, output: by daemon}]}]}", "n: line 9: shell: says not 'by daemon' but 'shell bash -c id by root below systemd'"},
    {"- {name: n, events: [{evt.type: execve, process: shell}]}", "n: line 9: + shell: shell bash -c id by root below systemd"},
    {"- {name: n, events: [{evt.type: execve, process: daemon, alerts: [shell]}]}", "n: line 9: - shell: no such alert"},
    {"- {name: n, events: [{evt.type: execve, process: daemon}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: execve, process: shell, user.name: alice, alerts: [{rule: shell, output: by alice}]}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: openat, fd.name: /etc/shadow, alerts: [{rule: shadow, output: in /etc}]}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: openat, fd.name: /etc/shadow, evt.res: EACCES}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: openat, fd.name: /etc/shadow, evt.arg.flags: O_WRONLY}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: openat, fd.name: '?', alerts: []}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: ptrace, evt.arg.request: PTRACE_ATTACH, container: bad, alerts: [ptrace]}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: ptrace, evt.arg.request: PTRACE_ATTACH}]}", "n: passed"},
    {"- {name: n, events: [{evt.type: nonesuch}]}", "t:9:22: an event has an evt.type, or an evt.kind that 'outrider trace' lists"},
    {"- {name: n, events: [{evt.type: execve, no.field: 1}]}", "t:9:51: field 'no.field' is not known"},
    {"- {name: n, events: [{evt.type: execve, proc.pid: x}]}", "t:9:51: 'proc.pid': a number is expected, not 'x'"},
    {"- {name: n, events: [{evt.type: execve, process: nobody}]}", "t:9:50: no process of this name is defined"},
    {"- {name: n}", "t:9:3: a test has events"},
    {"  []", "t:1:1: no tests: 'tests:' and a list of them is expected"},
};
// clang-format on

TEST(RuleTests, AlertsAreComparedWithThoseExpected) {
  for (const Case& each : kCases) EXPECT_EQ(outcome_of(each.tests), each.outcome) << each.tests;
}

TEST(RuleTests, CoverageTellsWhatNoTestHasShown) {
  const LoadedRules loaded = load_rules({{{.name = "rules", .text = std::string(kRules)}}});
  ASSERT_NE(loaded.rules, nullptr);
  const auto file = read_rule_tests(
      {.name = "t",
       .text = std::string(kHead) +
               "- {name: n, events: [{evt.type: execve, process: shell, alerts: [shell]}]}"});
  ASSERT_TRUE(file) << file.error().message;
  RuleCoverage coverage;
  ASSERT_TRUE(run_rule_tests(*file, *loaded.rules, {}, coverage));
  EXPECT_EQ(coverage_text(coverage, false),
            "coverage: 1 of 3 rules fired, 0 held back; 0 of 10 comparisons were both true and "
            "false\n");
  const std::string all = coverage_text(coverage, true);
  EXPECT_NE(all.find("never fired: shadow\n"), std::string::npos) << all;
  EXPECT_NE(all.find("never false: shell: proc.pname = sshd\n"), std::string::npos) << all;
}

TEST(RuleTests, JUnitHasFailuresAndNoMarkup) {
  const std::string text =
      junit_text({{"a<b",
                   {{.test = "good", .place = {}, .differences = {}},
                    {.test = "bad", .place = {}, .differences = {"+ x & y"}}}}});
  EXPECT_NE(text.find("<testsuite name=\"a&lt;b\" tests=\"2\" failures=\"1\">"), std::string::npos);
  EXPECT_NE(text.find("<failure>+ x &amp; y</failure>"), std::string::npos);
}

}  // namespace
}  // namespace outrider
