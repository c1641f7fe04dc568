// SPDX-License-Identifier: Apache-2.0
//
// `outrider syscalls` as a user runs it: a command, a process, a container, everything.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "support/containers.h"
#include "support/program.h"

namespace outrider::test {
namespace {

using Ending = Subprocess::Ending;
using Words = std::vector<std::string>;

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// seen = filtered + delivered + lost, and the rows are what was delivered.
void expect_equation(const nlohmann::json& report) {
  const auto& account = report["account"];
  std::uint64_t lost = 0;
  for (const auto& [reason, number] : account["lost"].items()) lost += number.get<std::uint64_t>();
  EXPECT_EQ(
      account["seen"].get<std::uint64_t>(),
      account["filtered"].get<std::uint64_t>() + account["delivered"].get<std::uint64_t>() + lost);
  std::uint64_t calls = 0;
  for (const auto& row : report["calls"]) calls += row["calls"].get<std::uint64_t>();
  EXPECT_EQ(account["delivered"].get<std::uint64_t>(), calls);
}

// The rows of a call, by its name.
std::vector<nlohmann::json> rows_of(const nlohmann::json& report, const std::string& name) {
  std::vector<nlohmann::json> rows;
  for (const auto& row : report["calls"]) {
    if (row["evt.type"] == name) rows.push_back(row);
  }
  return rows;
}

class Syscalls : public ProgramTest {
 protected:
  // The report of a command, as JSON.
  nlohmann::json report_of(const Words& command, const Words& options = {}) {
    const std::string file = directory_ / "report";
    const auto words = with(with({"syscalls", "-o", "json", "-O", file}, options), {"--"});
    const Finished finished = run_program(with(words, command));
    EXPECT_EQ(finished.ending, Ending{.code = 0}) << finished.errors;
    EXPECT_EQ(finished.errors, "");
    auto report = nlohmann::json::parse(read_file(file), nullptr, false);
    EXPECT_FALSE(report.is_discarded()) << read_file(file);
    return report;
  }
};

TEST_F(Syscalls, TheTableOfACommandGoesToStandardError) {
  const Finished finished = run_program({"syscalls", "--", "mkdir", "/no/such/directory/here"});
  EXPECT_EQ(finished.ending, Ending{.code = 1});  // mkdir's own
  EXPECT_EQ(finished.output, "");
  EXPECT_NE(finished.errors.find("mkdir: cannot create directory"), std::string::npos);
  EXPECT_NE(finished.errors.find("% TIME"), std::string::npos) << finished.errors;
  EXPECT_NE(finished.errors.find("       1       1 "), std::string::npos) << finished.errors;
  EXPECT_NE(finished.errors.find(" mkdir\n"), std::string::npos) << finished.errors;
  EXPECT_NE(finished.errors.find(" total\n"), std::string::npos) << finished.errors;
}

TEST_F(Syscalls, CountsOfACommand) {
  const auto report = report_of({"mkdir", directory_ / "a", directory_ / "b", directory_ / "c"});
  const auto rows = rows_of(report, "mkdir");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["calls"], 3);
  EXPECT_EQ(rows[0]["errors"], 0);
  EXPECT_EQ(rows[0]["evt.abi"], "64");
  const auto execs = rows_of(report, "execve");
  ASSERT_EQ(execs.size(), 1U);
  EXPECT_EQ(execs[0]["calls"], 1);
  EXPECT_FALSE(execs[0].contains("untimed"));
  EXPECT_EQ(report["account"]["running_threads"], 0);
  expect_equation(report);
}

TEST_F(Syscalls, WhatACommandStartsIsCounted) {
  const std::string made = directory_ / "made";
  const std::string script =
      fmt::format("(mkdir {0}; mkdir {0}; (mkdir {0}) & wait) 2> /dev/null; exit 0", made);
  const auto report = report_of({"sh", "-c", script}, {"--by", "process", "--errors"});
  const auto rows = rows_of(report, "mkdir");
  ASSERT_EQ(rows.size(), 3U);
  int failed = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(row["calls"], 1);
    EXPECT_EQ(row["proc.name"], "mkdir");
    if (row["errors"] != 1) continue;
    ++failed;
    EXPECT_EQ(row["by_error"], (nlohmann::json{{"EEXIST", 1}}));
  }
  EXPECT_EQ(failed, 2);
  expect_equation(report);
}

TEST_F(Syscalls, EndsAsTheCommandDoes) {
  struct Case {
    Words command;
    int code;
  };
  const Case cases[] = {
      {{"true"}, 0},
      {{"sh", "-c", "exit 7"}, 7},
      {{"sh", "-c", "kill -KILL $$"}, 128 + SIGKILL},
      {{"no-such-command-anywhere"}, 2},
      {{"/etc/hostname"}, 2},
      {{}, 2},
  };
  for (const Case& each : cases) {
    const Finished finished = run_program(with({"syscalls", "--"}, each.command));
    EXPECT_EQ(finished.ending, Ending{.code = each.code}) << finished.errors;
  }
  const Finished finished = run_program({"syscalls", "--", "no-such-command-anywhere"});
  EXPECT_EQ(finished.errors, "outrider: there is no command 'no-such-command-anywhere' in PATH\n");
}

TEST_F(Syscalls, WhatIsNoSense) {
  const Words cases[] = {
      {"ls"},
      {"--pid", "x"},
      {"--pid", "1", "--", "true"},
      {"-c", "web", "--", "true"},
      {"--timeout", "1", "--", "true"},
      {"-f"},
      {"--by", "color"},
      {"--sort", "size"},
      {"--interval", "-1"},
      {"--pid", "99999999"},
      {"-O", "/no/such/file", "--", "true"},
  };
  for (const Words& words : cases) {
    const Finished finished = run_program(with({"syscalls"}, words));
    EXPECT_EQ(finished.ending, Ending{.code = 2}) << words[0] << ": " << finished.errors;
    EXPECT_TRUE(finished.errors.starts_with("outrider: ")) << finished.errors;
    EXPECT_EQ(finished.output, "");
  }
}

// The command has it from us if it is not from the terminal.
TEST_F(Syscalls, ASignalIsTheCommands) {
  const std::string file = directory_ / "table";
  const std::string ready = directory_ / "ready";
  Subprocess run({program(), "syscalls", "-O", file, "--", "sh", "-c",
                  fmt::format("trap 'exit 33' TERM; : > {}; while :; do sleep 0.1; done", ready)});
  ASSERT_TRUE(eventually([&] { return ::access(ready.c_str(), F_OK) == 0; }, kPatience));
  const KernelObjects objects = held_by(run.pid());
  EXPECT_EQ(objects.links.size(), 5U);
  run.send(SIGTERM);
  EXPECT_EQ(run.wait(kPatience), Ending{.code = 33}) << run.errors();
  EXPECT_NE(read_file(file).find(" total\n"), std::string::npos);
  EXPECT_EQ(remains_of(objects), "");
}

TEST_F(Syscalls, EverythingUntilCtrlC) {
  Subprocess run({program(), "syscalls", "-o", "json", "--by", "process"});
  ASSERT_TRUE(run.wait_for_errors("counting", kPatience)) << run.errors();
  Subprocess mkdir({"mkdir", "/no/such/directory/here"});
  mkdir.wait(kPatience);
  const KernelObjects objects = held_by(run.pid());
  EXPECT_EQ(objects.links.size(), 5U);
  run.send(SIGINT);
  EXPECT_EQ(run.wait(kPatience), Ending{.code = 0}) << run.errors();
  const auto reports = parse_lines(run.output());
  ASSERT_EQ(reports.size(), 1U);
  expect_equation(reports[0]);
  int found = 0;
  for (const auto& row : rows_of(reports[0], "mkdir")) {
    if (row["proc.pid"] == mkdir.pid()) found += row["calls"].get<int>();
    EXPECT_NE(row["proc.pid"], run.pid());
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(remains_of(objects), "");
}

TEST_F(Syscalls, AProcessUntilItsEnd) {
  const std::string gate = directory_ / "gate";
  ASSERT_EQ(::mkfifo(gate.c_str(), 0600), 0);
  for (const std::string option : {"--pid", "-p"}) {
    Subprocess process(
        {"sh", "-c", fmt::format("read line < {}; exec mkdir /no/such/directory", gate)});
    Subprocess run({program(), "syscalls", "-o", "json", option, std::to_string(process.pid())});
    ASSERT_TRUE(run.wait_for_errors("counting", kPatience)) << run.errors();
    std::ofstream(gate) << "go\n";
    EXPECT_EQ(process.wait(kPatience), Ending{.code = 1});
    EXPECT_EQ(run.wait(kPatience), Ending{.code = 0}) << run.errors();
    const auto reports = parse_lines(run.output());
    ASSERT_EQ(reports.size(), 1U);
    ASSERT_EQ(rows_of(reports[0], "mkdir").size(), 1U);
    EXPECT_EQ(rows_of(reports[0], "mkdir")[0]["calls"], 1);
    expect_equation(reports[0]);
  }
}

TEST_F(Syscalls, IntervalsAndTimeout) {
  const Finished finished =
      run_program({"syscalls", "-o", "json", "--interval", "0.2s", "--timeout", "1"});
  EXPECT_EQ(finished.ending, Ending{.code = 0}) << finished.errors;
  const auto reports = parse_lines(finished.output);
  EXPECT_GE(reports.size(), 3U);
  for (const auto& report : reports) {
    EXPECT_EQ(report.contains("account"), &report == &reports.back());
  }
}

// rows of strace -c: "% time  seconds  usecs/call  calls  errors  syscall"; errors may be empty.
std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> strace_counts(
    const std::string& text) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  for (const std::string& line : lines_of(text)) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.size() < 5 || words.back() == "total") continue;
    if (words[0].find_first_not_of("0123456789.") != std::string::npos) continue;
    counts[words.back()] = {std::stoull(words[3]), words.size() > 5 ? std::stoull(words[4]) : 0};
  }
  return counts;
}

TEST_F(Syscalls, CountsAsStraceDoes) {
  if (const auto missing = missing_program({"strace"}); !missing.empty()) {
    GTEST_SKIP() << "not installed: " << missing;
  }
  const Words commands[] = {
      {"dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=500", "status=none"},
      {"sh", "-c", "for i in 1 2 3; do mkdir /no/such/directory 2> /dev/null; done; exit 0"},
  };
  for (const Words& command : commands) {
    const std::string file = directory_ / "strace";
    Subprocess strace(with({"strace", "-c", "-f", "-o", file}, command));
    if (strace.wait(kPatience) != Ending{.code = 0}) {
      GTEST_SKIP() << "strace does not run here: " << strace.errors();
    }
    const auto theirs = strace_counts(read_file(file));
    ASSERT_GT(theirs.size(), 10U) << read_file(file);
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> ours;
    const auto report = report_of(command);
    for (const auto& row : report["calls"]) {
      // It has no return, so strace does not count it.
      if (row["calls"] == row.value("never_returned", 0)) continue;
      ours[row["evt.type"]] = {row["calls"], row["errors"]};
    }
    EXPECT_EQ(ours.size(), theirs.size());
    // What our table has no name for is compared as a whole.
    std::multiset<std::pair<std::uint64_t, std::uint64_t>> unnamed;
    std::multiset<std::pair<std::uint64_t, std::uint64_t>> their_rest;
    for (const auto& [name, counts] : ours) {
      if (name.starts_with("syscall_")) unnamed.insert(counts);
    }
    for (const auto& [name, counts] : theirs) {
      if (const auto found = ours.find(name); found != ours.end()) {
        EXPECT_EQ(found->second, counts) << name;
      } else {
        their_rest.insert(counts);
      }
    }
    EXPECT_EQ(unnamed, their_rest);
  }
}

TEST_F(Syscalls, AContainerThatComesLater) {
  if (const auto missing = missing_program({"busybox", "runc"}); !missing.empty()) {
    GTEST_SKIP() << "not installed: " << missing;
  }
  Bundles bundles;
  const std::string script = "mkdir /marker; mkdir /marker; mkdir /marker";
  const std::string bundle = bundles.make("one", {"sh", "-c", script + " 2> /dev/null; exit 0"});
  const std::string id = fmt::format("outrider-calls-{}", ::getpid());
  const std::string other = id + "-other";
  Subprocess run({program(), "syscalls", "-o", "json", "--by", "container", "--errors", "-c", id});
  ASSERT_TRUE(run.wait_for_errors("counting", kPatience)) << run.errors();
  EXPECT_EQ(
      run_all({{"runc", "run", "--bundle", bundle, id}, {"runc", "run", "--bundle", bundle, other}},
              1),
      "");
  Subprocess({"mkdir", "/no/such/directory/here"}).wait(kPatience);
  const KernelObjects objects = held_by(run.pid());
  run.send(SIGINT);
  EXPECT_EQ(run.wait(kPatience), Ending{.code = 0}) << run.errors();
  const auto reports = parse_lines(run.output());
  ASSERT_EQ(reports.size(), 1U);
  const auto rows = rows_of(reports[0], "mkdir");
  ASSERT_EQ(rows.size(), 1U) << reports[0].dump();
  EXPECT_EQ(rows[0]["container.name"], id);
  EXPECT_EQ(rows[0]["calls"], 3);
  EXPECT_EQ(rows[0]["by_error"], (nlohmann::json{{"EEXIST", 3}}));
  for (const auto& row : reports[0]["calls"]) EXPECT_EQ(row.value("container.name", "-"), id);
  expect_equation(reports[0]);
  EXPECT_EQ(remains_of(objects), "");
}

}  // namespace
}  // namespace outrider::test
