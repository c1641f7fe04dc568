// SPDX-License-Identifier: Apache-2.0
//
// The table with records made by hand, and a /proc of its own.
#include "workloads/process_table.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/fake_proc.h"
#include "support/hand_made_records.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::exit_of;
using test::FakeProcess;
using test::fork_of;
using test::header_of;
using test::inode_of;
using test::ns_per_tick;
using test::with_cwd;
using test::WithStrings;

constexpr std::uint64_t kSecond = 1'000'000'000;

class ProcessTableTest : public testing::Test {
 protected:
  ProcessTable table(std::size_t processes_max = 1000, bool show_secrets = false) {
    return ProcessTable(
        {.processes_max = processes_max, .show_secrets = show_secrets, .proc = proc_.path()});
  }
  void write(std::string_view name, std::string_view text) { proc_.write(name, text); }
  void make(const FakeProcess& process) { proc_.make(process); }

  test::FakeProc proc_;
};

TEST_F(ProcessTableTest, ReadsAllOfProc) {
  make({.pid = 10});
  make({.pid = 2,
        .comm = "kthreadd",
        .parent = 0,
        .flags = 0x208040,
        .start_ticks = 1,
        .arguments = "",
        .exe = ""});
  // What is no process, or has gone halfway.
  write("uptime", "1 2\n");
  for (const char* name : {"/self", "/12x", "/99999999999", "/13"}) {
    ASSERT_EQ(::mkdir((proc_.path() + name).c_str(), 0755), 0);
  }
  ProcessTable processes = table();
  EXPECT_EQ(processes.read_proc(), 2);
  EXPECT_EQ(processes.size(), 2);

  const Process* worker = processes.find(10, 500 * ns_per_tick());
  ASSERT_NE(worker, nullptr);
  EXPECT_EQ(worker->pid, 10);
  EXPECT_EQ(worker->parent_pid, 1);
  EXPECT_FALSE(worker->exact);
  EXPECT_FALSE(worker->kernel_thread);
  EXPECT_EQ(worker->name.text, "worker");
  EXPECT_TRUE(worker->exe.known);
  EXPECT_EQ(worker->exe.text, "/bin/worker");
  EXPECT_EQ(worker->cwd.text, "/");
  EXPECT_EQ(worker->cwd_inode, inode_of("/"));
  EXPECT_TRUE(worker->command_line.known);
  EXPECT_FALSE(worker->command_line.cut);
  EXPECT_EQ(worker->command_line.text, "/bin/worker --fast in put");
  EXPECT_EQ(worker->command_line.text.substr(worker->first_argument()), "--fast in put");

  const Process* kernel = processes.find(2, ns_per_tick());
  ASSERT_NE(kernel, nullptr);
  EXPECT_TRUE(kernel->kernel_thread);
  EXPECT_FALSE(kernel->exe.known);
  EXPECT_FALSE(kernel->command_line.known);

  // Whoever reads again wants to know what there is now.
  std::filesystem::remove_all(proc_.path() + "/2");
  EXPECT_EQ(processes.read_proc(), 1);
  EXPECT_EQ(processes.size(), 1);
  EXPECT_EQ(processes.find(2, ns_per_tick()), nullptr);
}

TEST_F(ProcessTableTest, NamesMayLookLikeTheRestOfTheLine) {
  struct Case {
    std::string_view comm;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"a b", "a b"}, {") S 7 (", ") S 7 ("}, {"", ""}, {"))))", "))))"}, {"x\ny", "x\ny"},
  };
  for (const Case& c : kCases) {
    make({.pid = 10, .comm = std::string(c.comm), .parent = 77});
    ProcessTable processes = table();
    EXPECT_EQ(processes.read_proc(), 1);
    const Process* process = processes.find(10, 500 * ns_per_tick());
    ASSERT_NE(process, nullptr) << c.comm;
    EXPECT_EQ(process->name.text, c.expected);
    EXPECT_EQ(process->parent_pid, 77) << c.comm;
  }
}

TEST_F(ProcessTableTest, RefusesStatsThatAreNone) {
  const std::string_view texts[] = {
      "",
      "10",
      "10 (worker",
      ")",
      ")(",
      "10 (worker)",
      "10 (worker) S",
      "10 (worker) S 1 1 1 0 -1 0 100 0 0 0 1 2 0 0 20 0 1 0",
      "10 (worker) S x 1 1 0 -1 0 100 0 0 0 1 2 0 0 20 0 1 0 500 0",
      "10 (worker) S 1 1 1 0 -1 x 100 0 0 0 1 2 0 0 20 0 1 0 500 0",
      "10 (worker) S 1 1 1 0 -1 0 100 0 0 0 1 2 0 0 20 0 1 0 x 0",
      "10 (worker) S 1 1 1 0 -1 0 100 0 0 0 1 2 0 0 20 0 1 0 99999999999999999999 0",
      "10 (worker)                    ",
  };
  make({.pid = 10});
  for (const std::string_view text : texts) {
    write("10/stat", text);
    ProcessTable processes = table();
    EXPECT_EQ(processes.read_proc(), 0) << text;
  }
}

TEST_F(ProcessTableTest, MasksSecretsUnlessAskedNotTo) {
  make({.pid = 10, .arguments = "curl\0--password=geheim\0"s});
  ProcessTable masking = table();
  masking.read_proc();
  const Process* masked = masking.find(10, 500 * ns_per_tick());
  ASSERT_NE(masked, nullptr);
  EXPECT_EQ(masked->command_line.text.find("geheim"), std::string::npos);
  EXPECT_TRUE(masked->command_line.text.starts_with("curl --password="));

  ProcessTable showing = table(1000, /*show_secrets=*/true);
  showing.read_proc();
  const Process* shown = showing.find(10, 500 * ns_per_tick());
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(shown->command_line.text, "curl --password=geheim");
}

TEST_F(ProcessTableTest, CommandLinesAreBounded) {
  struct Case {
    std::size_t size;
    bool cut;
  };
  constexpr Case kCases[] = {
      {4'095, false},
      {4'096, false},
      {4'097, false},
      {WIRE_ARGUMENTS_MAX - 1, false},
      {WIRE_ARGUMENTS_MAX, false},
      {WIRE_ARGUMENTS_MAX + 1, true},
      {3 * WIRE_ARGUMENTS_MAX, true},
  };
  for (const Case& c : kCases) {
    make({.pid = 10, .arguments = std::string(c.size, 'a')});
    ProcessTable processes = table();
    processes.read_proc();
    const Process* process = processes.find(10, 500 * ns_per_tick());
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->command_line.text.size(), std::min<std::size_t>(c.size, WIRE_ARGUMENTS_MAX))
        << c.size;
    EXPECT_EQ(process->command_line.cut, c.cut) << c.size;
  }
}

TEST_F(ProcessTableTest, FirstArgumentIsBehindTheName) {
  struct Case {
    std::string arguments;
    std::string_view line;
    std::string_view program;
    std::string_view rest;
  };
  const Case cases[] = {
      {"", "", "", ""},
      {"\0"s, "", "", ""},
      {"ls\0"s, "ls", "ls", ""},
      {"ls", "ls", "ls", ""},
      {"ls\0-l\0"s, "ls -l", "ls", "-l"},
      {"ls\0-l\0a b\0"s, "ls -l a b", "ls", "-l a b"},
      {"my program\0x\0"s, "my program x", "my program", "x"},
      {"ls\0\0"s, "ls ", "ls", ""},
      {"\0x\0"s, " x", "", "x"},
  };
  ProcessTable processes = table();
  for (const Case& c : cases) {
    WithStrings<wire_exec> exec(header_of(10, 5 * kSecond), {});
    processes.apply_exec(*exec, c.arguments, true, false);
    const Process* process = processes.find(10, 5 * kSecond);
    ASSERT_NE(process, nullptr);
    EXPECT_EQ(process->command_line.text, c.line);
    EXPECT_EQ(process->command_line.text.substr(0, process->program_size), c.program);
    ASSERT_LE(process->first_argument(), process->command_line.text.size());
    EXPECT_EQ(process->command_line.text.substr(process->first_argument()), c.rest);
  }
}

// /proc names the parent, not when it started: whoever has its id and was there before.
TEST_F(ProcessTableTest, ParentsOfWhichOnlyTheIdIsKnown) {
  make({.pid = 10, .parent = 5, .start_ticks = 500});
  make({.pid = 5, .parent = 1, .start_ticks = 400});
  make({.pid = 6, .parent = 1, .start_ticks = 600});
  ProcessTable processes = table();
  EXPECT_EQ(processes.read_proc(), 3u);
  const std::uint64_t start = 500 * ns_per_tick();
  const Process* parent = processes.find_parent(5, 0, start);
  ASSERT_NE(parent, nullptr);
  EXPECT_EQ(parent->pid, 5);
  EXPECT_EQ(processes.find_parent(6, 0, start), nullptr) << "started after its child";
  EXPECT_EQ(processes.find_parent(7, 0, start), nullptr);
  // In the same tick both may have started in either order.
  EXPECT_NE(processes.find_parent(6, 0, 600 * ns_per_tick()), nullptr);
  // A time that is known must be the right one.
  EXPECT_EQ(processes.find_parent(5, 400 * ns_per_tick(), start), parent);
  EXPECT_EQ(processes.find_parent(5, 401 * ns_per_tick(), start), nullptr);
}

TEST_F(ProcessTableTest, RecordsFindWhatProcKnowsByItsTick) {
  make({.pid = 10});
  ProcessTable processes = table();
  processes.read_proc();
  const std::uint64_t within = 500 * ns_per_tick() + ns_per_tick() / 2;
  EXPECT_NE(processes.find(10, within), nullptr) << "the tick is all that /proc tells";
  EXPECT_EQ(processes.find(10, within + ns_per_tick()), nullptr);
  EXPECT_EQ(processes.find(11, within), nullptr);

  const Process* process = processes.process_of(header_of(10, within, 1, 7));
  ASSERT_NE(process, nullptr);
  EXPECT_TRUE(process->exact);
  EXPECT_EQ(process->start_time, within);
  EXPECT_EQ(process->parent_start_time, 7);
  EXPECT_EQ(process->exe.text, "/bin/worker");
  // From now on the whole time counts.
  EXPECT_EQ(processes.find(10, within + 1), nullptr);
  EXPECT_EQ(processes.find(10, within), process);
}

TEST_F(ProcessTableTest, UnknownProcessesAreReadWhenTheyAreSeen) {
  ProcessTable processes = table();
  make({.pid = 10});
  const std::uint64_t start = 500 * ns_per_tick() + 1;
  EXPECT_EQ(processes.find(10, start), nullptr);
  EXPECT_EQ(processes.process_of(header_of(10, start))->exe.text, "/bin/worker");

  // Of another process that had this pid, /proc says nothing about this one.
  const Process* other = processes.process_of(header_of(10, start + kSecond));
  EXPECT_EQ(other->start_time, start + kSecond);
  EXPECT_FALSE(other->exe.known);
  EXPECT_FALSE(other->name.known);
  EXPECT_FALSE(other->command_line.known);
  EXPECT_EQ(processes.find(10, start)->exe.text, "/bin/worker") << "its last events may come yet";
  EXPECT_EQ(processes.size(), 2);

  // Nor of one that has gone.
  EXPECT_FALSE(processes.process_of(header_of(11, start))->exe.known);
}

// Records come after a while: /proc has been read in between, of a process that was ending.
TEST_F(ProcessTableTest, AnExecIsToldByItsRecordAndNotByWhatProcHasSaidSince) {
  ProcessTable processes = table();
  make({.pid = 10, .terminal = "0"});
  const std::uint64_t start = 500 * ns_per_tick() + 1;
  EXPECT_EQ(processes.process_of(header_of(10, start))->context.terminal, 0u);
  WithStrings<wire_exec> exec(with_cwd(header_of(10, start), 42), {{WIRE_EXEC_EXE, "sh\0bin\0"s}});
  (*exec).context.terminal = 136U << 20;
  processes.apply_exec(*exec, "sh\0"s, true, false);
  EXPECT_EQ(processes.find(10, start)->context.terminal, 34816u);
}

TEST_F(ProcessTableTest, OfAProcessThatEndsProcSaysNothingOfItsTerminal) {
  ProcessTable processes = table();
  make({.pid = 10, .flags = 0x400004, .terminal = "0"});
  const std::uint64_t start = 500 * ns_per_tick() + 1;
  EXPECT_FALSE(processes.process_of(header_of(10, start))->context.terminal);
}

TEST_F(ProcessTableTest, ChildrenInheritUntilTheyExec) {
  ProcessTable processes = table();
  const std::uint64_t parent_start = 5 * kSecond;
  const std::uint64_t child_start = 6 * kSecond;
  WithStrings<wire_exec> parent(with_cwd(header_of(10, parent_start), 42),
                                {{WIRE_EXEC_EXE, "sh\0bin\0"s}, {WIRE_EXEC_CWD, "user\0home\0"s}});
  (*parent).argument_count = 2;
  processes.apply_exec(*parent, "sh\0-i\0"s, true, false);

  processes.apply_fork(fork_of(11, child_start, 10, parent_start));
  const Process* child = processes.find(11, child_start);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->pid, 11);
  EXPECT_TRUE(child->exact);
  EXPECT_EQ(child->parent_pid, 10);
  EXPECT_EQ(child->parent_start_time, parent_start);
  EXPECT_EQ(child->name.text, "thread");
  EXPECT_EQ(child->exe.text, "/bin/sh");
  EXPECT_EQ(child->cwd.text, "/home/user");
  EXPECT_EQ(child->cwd_inode, 42);
  EXPECT_EQ(child->command_line.text, "sh -i");
  EXPECT_EQ(child->argument_count, 2);

  WithStrings<wire_exec> exec(with_cwd(header_of(11, child_start, 10, parent_start), 42),
                              {{WIRE_EXEC_EXE, "ls\0bin\0"s}, {WIRE_EXEC_CWD, "user\0home\0"s}});
  processes.apply_exec(*exec, "ls\0"s, true, true);
  child = processes.find(11, child_start);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->exe.text, "/bin/ls");
  EXPECT_EQ(child->command_line.text, "ls");
  EXPECT_TRUE(child->command_line.cut);
  // The parent keeps its own.
  EXPECT_EQ(processes.find(10, parent_start)->exe.text, "/bin/sh");
}

TEST_F(ProcessTableTest, WhatAnExecCouldNotReadIsUnknown) {
  ProcessTable processes = table();
  WithStrings<wire_exec> first(header_of(10, kSecond), {{WIRE_EXEC_EXE, "sh\0bin\0"s}});
  processes.apply_exec(*first, "sh\0"s, true, false);
  EXPECT_FALSE(processes.find(10, kSecond)->cwd.known) << "missing";
  WithStrings<wire_exec> exec(header_of(10, kSecond), {{WIRE_EXEC_EXE, "x\0"s}});
  (*exec).strings[WIRE_EXEC_EXE].state = WIRE_STRING_FAULTED;
  processes.apply_exec(*exec, "", false, false);
  const Process* process = processes.find(10, kSecond);
  ASSERT_NE(process, nullptr);
  EXPECT_FALSE(process->exe.known);
  EXPECT_FALSE(process->command_line.known);
  EXPECT_EQ(process->command_line.value().kind, Value::Kind::kUnknown);
}

TEST_F(ProcessTableTest, ChildrenOfUnknownParentsAreReadFromProc) {
  make({.pid = 11, .start_ticks = 600});
  ProcessTable processes = table();
  const std::uint64_t start = 600 * ns_per_tick() + 3;
  processes.apply_fork(fork_of(11, start, 10, kSecond));
  const Process* child = processes.find(11, start);
  ASSERT_NE(child, nullptr);
  EXPECT_EQ(child->exe.text, "/bin/worker");
  EXPECT_EQ(child->parent_pid, 10) << "as the record says, not /proc";

  // A parent with the right pid but another start time is another process.
  processes.apply_fork(fork_of(12, start, 11, start + 1));
  EXPECT_FALSE(processes.find(12, start)->exe.known);
}

TEST_F(ProcessTableTest, APidIsUsedAgain) {
  ProcessTable processes = table();
  processes.apply_fork(fork_of(10, kSecond, 1, 1));
  WithStrings<wire_exec> exec(header_of(10, kSecond), {{WIRE_EXEC_EXE, "old\0"s}});
  processes.apply_exec(*exec, "old\0"s, true, false);
  EXPECT_TRUE(processes.apply_exit(exit_of(10, kSecond, 2 * kSecond)));
  processes.apply_fork(fork_of(10, 3 * kSecond, 1, 1));
  const Process* process = processes.find(10, 3 * kSecond);
  ASSERT_NE(process, nullptr);
  EXPECT_FALSE(process->exited);
  EXPECT_FALSE(process->exe.known);
  EXPECT_TRUE(processes.find(10, kSecond)->exited);
  // The end of the first, when it is forgotten, does not take the second with it.
  processes.sweep(5 * kSecond);
  EXPECT_EQ(processes.find(10, kSecond), nullptr);
  EXPECT_NE(processes.find(10, 3 * kSecond), nullptr);

  // Not even when the second has just ended, too.
  EXPECT_TRUE(processes.apply_exit(exit_of(10, 3 * kSecond, 6 * kSecond)));
  processes.apply_fork(fork_of(10, 7 * kSecond, 1, 1));
  EXPECT_TRUE(processes.apply_exit(exit_of(10, 7 * kSecond, 20 * kSecond)));
  processes.sweep(21 * kSecond);
  EXPECT_NE(processes.find(10, 7 * kSecond), nullptr);
  processes.sweep(23 * kSecond);
  EXPECT_EQ(processes.find(10, 7 * kSecond), nullptr);
}

TEST_F(ProcessTableTest, ExitedProcessesStayForAWhile) {
  ProcessTable processes = table();
  processes.apply_fork(fork_of(10, kSecond, 1, 1));
  EXPECT_TRUE(processes.apply_exit(exit_of(10, kSecond, 10 * kSecond)));
  EXPECT_FALSE(processes.apply_exit(exit_of(10, kSecond, 10 * kSecond))) << "told twice";
  ASSERT_NE(processes.find(10, kSecond), nullptr);
  EXPECT_TRUE(processes.find(10, kSecond)->exited);
  processes.sweep(12 * kSecond);
  EXPECT_NE(processes.find(10, kSecond), nullptr) << "its last events may still come";
  processes.sweep(12 * kSecond + 1);
  EXPECT_EQ(processes.find(10, kSecond), nullptr);
  EXPECT_EQ(processes.size(), 0);
  // The last one that was looked up is forgotten as well, not remembered by its address.
  EXPECT_FALSE(processes.process_of(header_of(10, kSecond))->exited);
}

TEST_F(ProcessTableTest, ChildrenOfWhatHasExitedLive) {
  ProcessTable processes = table();
  processes.apply_fork(fork_of(10, kSecond, 1, 1));
  processes.apply_exit(exit_of(10, kSecond, 2 * kSecond));
  processes.apply_fork(fork_of(11, kSecond + 1, 10, kSecond));
  EXPECT_FALSE(processes.find(11, kSecond + 1)->exited);
  EXPECT_TRUE(processes.apply_exit(exit_of(11, kSecond + 1, 3 * kSecond)));
}

TEST_F(ProcessTableTest, WorkingDirectoriesFollowTheirRecords) {
  ProcessTable processes = table();
  WithStrings<wire_file> change(with_cwd(header_of(10, kSecond), 7),
                                {{WIRE_FILE_OBJECT, "x\0tmp\0"s}});
  processes.apply_working_directory(*change);
  const Process* process = processes.find(10, kSecond);
  ASSERT_NE(process, nullptr);
  EXPECT_TRUE(process->cwd.known);
  EXPECT_EQ(process->cwd.text, "/tmp/x");
  EXPECT_EQ(process->cwd_inode, 7);
  EXPECT_EQ(processes.process_of(with_cwd(header_of(10, kSecond), 7))->cwd.text, "/tmp/x");
  // A record that does not know the directory does not say it is another.
  EXPECT_EQ(processes.process_of(with_cwd(header_of(10, kSecond), 0))->cwd.text, "/tmp/x");

  (*change).strings[WIRE_FILE_OBJECT].state = WIRE_STRING_FAULTED;
  processes.apply_working_directory(*change);
  EXPECT_FALSE(processes.find(10, kSecond)->cwd.known);
}

TEST_F(ProcessTableTest, AStaleWorkingDirectoryIsNotShown) {
  test::TemporaryDirectory now;
  make({.pid = 10, .cwd = now.path()});
  ProcessTable processes = table();
  const std::uint64_t start = 500 * ns_per_tick();
  WithStrings<wire_file> change(with_cwd(header_of(10, start), 7), {{WIRE_FILE_OBJECT, "old\0"s}});
  processes.apply_working_directory(*change);
  // Its chdir was lost; /proc agrees with the record about where it is.
  const Process* process =
      processes.process_of(with_cwd(header_of(10, start), inode_of(now.path())));
  EXPECT_TRUE(process->cwd.known);
  EXPECT_EQ(process->cwd.text, now.path());

  // /proc tells of a third directory: nobody knows what the second is called.
  process = processes.process_of(with_cwd(header_of(10, start), 7));
  EXPECT_FALSE(process->cwd.known);
}

TEST_F(ProcessTableTest, KnowsOnlySoMany) {
  ProcessTable processes = table(/*processes_max=*/3);
  for (std::uint32_t pid = 10; pid < 20; ++pid) {
    processes.apply_fork(fork_of(pid, kSecond, 1, 1));
    // The newest is never the one that is forgotten.
    EXPECT_NE(processes.find(pid, kSecond), nullptr);
    EXPECT_EQ(processes.process_of(header_of(pid, kSecond))->pid, pid);
    EXPECT_LE(processes.size(), 3);
  }
  EXPECT_EQ(processes.size(), 3);
  EXPECT_EQ(processes.evicted(), 7);
  // Also a parent that must go for its child is inherited from first.
  ProcessTable small = table(/*processes_max=*/1);
  WithStrings<wire_exec> exec(header_of(10, kSecond), {{WIRE_EXEC_EXE, "sh\0bin\0"s}});
  small.apply_exec(*exec, "sh\0"s, true, false);
  small.apply_fork(fork_of(11, kSecond, 10, kSecond));
  EXPECT_EQ(small.size(), 1);
  EXPECT_EQ(small.find(11, kSecond)->exe.text, "/bin/sh");
  EXPECT_EQ(small.process_of(header_of(11, kSecond))->exe.text, "/bin/sh");
}

TEST_F(ProcessTableTest, CommsNeedNoNulAtTheirEnd) {
  ProcessTable processes = table();
  wire_fork fork = fork_of(10, kSecond, 1, 1);
  std::memset(fork.header.comm, 'x', sizeof(fork.header.comm));
  processes.apply_fork(fork);
  EXPECT_EQ(processes.find(10, kSecond)->name.text, std::string(16, 'x'));
}

TEST(ProcessTable, WithoutProcOnlyRecordsCount) {
  ProcessTable processes({.proc = "/nonexistent"});
  EXPECT_EQ(processes.read_proc(), 0);
  EXPECT_EQ(processes.process_of(header_of(10, kSecond))->pid, 10);
}

TEST(ProcessTable, FindsThisTestInTheRealProc) {
  ProcessTable processes;
  ASSERT_GT(processes.read_proc(), 0u);
  std::ifstream stat("/proc/self/stat");
  std::string text;
  std::getline(stat, text);
  std::istringstream words(text.substr(text.rfind(')') + 1));
  std::string word;
  for (int field = 3; field <= 22; ++field) words >> word;
  const auto pid = static_cast<std::uint32_t>(::getpid());
  const Process* self = processes.find(pid, std::stoull(word) * ns_per_tick());
  ASSERT_NE(self, nullptr);
  EXPECT_EQ(self->parent_pid, static_cast<std::uint32_t>(::getppid()));
  EXPECT_EQ(self->exe.text, std::filesystem::read_symlink("/proc/self/exe"));
  EXPECT_EQ(self->cwd.text, std::filesystem::current_path());
}

}  // namespace
}  // namespace outrider
