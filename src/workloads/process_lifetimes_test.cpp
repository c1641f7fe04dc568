// SPDX-License-Identifier: Apache-2.0
//
// Who is in the table, and for how long: pids that are used again, records that come late or tell
// what /proc has told already, and more processes than there is room for.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "support/fake_proc.h"
#include "support/hand_made_records.h"
#include "workloads/process_table.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::exit_of;
using test::fork_of;
using test::header_of;
using test::ns_per_tick;
using test::WithStrings;

constexpr std::uint64_t kSecond = 1'000'000'000;

class ProcessLifetimes : public testing::Test {
 protected:
  ProcessTable table(std::size_t processes_max = 1000) {
    return ProcessTable({.processes_max = processes_max, .proc = proc_.path()});
  }

  // A process that runs /bin/`name` since an exec of this number.
  static void run(ProcessTable& processes, std::uint32_t pid, std::uint64_t start_time,
                  const std::string& name, std::uint64_t exec_id = 1) {
    wire_header header = header_of(pid, start_time);
    header.exec_id = exec_id;
    WithStrings<wire_exec> exec(header, {{WIRE_EXEC_EXE, name + "\0bin\0"s}});
    processes.apply_exec(*exec, name + '\0', true, false);
  }

  static wire_fork child_of(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
                            std::uint64_t parent_start_time, std::uint64_t exec_id) {
    wire_fork fork = fork_of(pid, start_time, ppid, parent_start_time);
    fork.header.exec_id = exec_id;
    return fork;
  }

  static std::string exe_of(const ProcessTable& processes, std::uint32_t pid,
                            std::uint64_t start_time) {
    const Process* process = processes.find(pid, start_time);
    if (process == nullptr) return "nobody";
    return process->exe.known ? process->exe.text : "?";
  }

  test::FakeProc proc_;
};

// ---- Pids that are used again

TEST_F(ProcessLifetimes, LateEventsAreOfWhoHadThePidThen) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "old");
  EXPECT_TRUE(processes.apply_exit(exit_of(10, kSecond, 2 * kSecond)));
  run(processes, 10, 2 * kSecond, "new");
  for (int i = 0; i < 2; ++i) {
    // By turns: neither takes the other's place, nor its name.
    EXPECT_EQ(processes.process_of(header_of(10, kSecond))->exe.text, "/bin/old");
    EXPECT_EQ(processes.process_of(header_of(10, 2 * kSecond))->exe.text, "/bin/new");
  }
  EXPECT_EQ(processes.size(), 2u);
  EXPECT_TRUE(processes.find(10, kSecond)->exited);
  EXPECT_FALSE(processes.find(10, 2 * kSecond)->exited);
}

// The old one is not known: an event of its last moments makes no difference to the new one.
TEST_F(ProcessLifetimes, LateEventsOfWhoIsNotKnown) {
  ProcessTable processes = table();
  proc_.make({.pid = 10, .start_ticks = 200});
  const std::uint64_t start = 200 * ns_per_tick() + 7;
  run(processes, 10, start, "new");
  wire_header late = header_of(10, kSecond);
  late.time = start + kSecond;
  const Process* old = processes.process_of(late);
  EXPECT_EQ(old->start_time, kSecond);
  EXPECT_FALSE(old->exe.known);
  EXPECT_FALSE(old->name.known);
  EXPECT_EQ(exe_of(processes, 10, start), "/bin/new");
  EXPECT_EQ(processes.find_parent(10, 0, start + 1)->start_time, start);
  // Its exit, which comes still later, is told once.
  EXPECT_TRUE(processes.apply_exit(exit_of(10, kSecond, start)));
  EXPECT_FALSE(processes.apply_exit(exit_of(10, kSecond, start)));
  EXPECT_FALSE(processes.find(10, start)->exited);
  // And it does not stay for ever.
  processes.sweep(start + 3 * kSecond + 1);
  EXPECT_EQ(exe_of(processes, 10, kSecond), "nobody");
  EXPECT_EQ(exe_of(processes, 10, start), "/bin/new");
}

TEST_F(ProcessLifetimes, WhoIsKnownOnlyByALateEventDoesNotStay) {
  ProcessTable processes = table();
  run(processes, 10, 5 * kSecond, "new");
  wire_header late = header_of(10, kSecond);
  late.time = 6 * kSecond;
  processes.process_of(late);
  EXPECT_EQ(processes.size(), 2u);
  processes.sweep(8 * kSecond + 1);
  EXPECT_EQ(processes.size(), 1u);
  EXPECT_EQ(exe_of(processes, 10, 5 * kSecond), "/bin/new");
}

// Its exit was lost: that another has its pid says as much.
TEST_F(ProcessLifetimes, WhoseExitWasLostEndsWhenItsPidIsUsedAgain) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "old");
  wire_fork fork = fork_of(10, 5 * kSecond, 1, 1);
  fork.header.time = 5 * kSecond;
  processes.apply_fork(fork);
  EXPECT_EQ(exe_of(processes, 10, kSecond), "/bin/old");
  EXPECT_EQ(exe_of(processes, 10, 5 * kSecond), "?") << "not its predecessor's";
  processes.sweep(7 * kSecond + 1);
  EXPECT_EQ(exe_of(processes, 10, kSecond), "nobody");
  EXPECT_NE(exe_of(processes, 10, 5 * kSecond), "nobody");
}

TEST_F(ProcessLifetimes, ParentsAreThoseOfTheirTime) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "first");
  run(processes, 10, 3 * kSecond, "third");
  run(processes, 10, 2 * kSecond, "second");
  const auto parent_at = [&](std::uint64_t time) {
    const Process* parent = processes.find_parent(10, 0, time);
    return parent != nullptr ? parent->exe.text : "nobody";
  };
  EXPECT_EQ(parent_at(kSecond / 2), "nobody");
  EXPECT_EQ(parent_at(kSecond + 1), "/bin/first");
  EXPECT_EQ(parent_at(2 * kSecond + 1), "/bin/second");
  EXPECT_EQ(parent_at(9 * kSecond), "/bin/third");
  // A child inherits from the one that made it.
  processes.apply_fork(child_of(11, 3 * kSecond, 10, 2 * kSecond, 1));
  EXPECT_EQ(exe_of(processes, 11, 3 * kSecond), "/bin/second");
}

// ---- Records that come late

TEST_F(ProcessLifetimes, AForkThatComesAfterTheExec) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "shell", 3);
  run(processes, 11, 2 * kSecond, "cat", 4);
  processes.apply_fork(child_of(11, 2 * kSecond, 10, kSecond, 3));
  EXPECT_EQ(exe_of(processes, 11, 2 * kSecond), "/bin/cat");
}

TEST_F(ProcessLifetimes, AForkThatComesAfterTheExit) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "shell", 3);
  EXPECT_TRUE(processes.apply_exit(exit_of(11, 2 * kSecond, 3 * kSecond)));
  processes.apply_fork(child_of(11, 2 * kSecond, 10, kSecond, 3));
  EXPECT_TRUE(processes.find(11, 2 * kSecond)->exited) << "it does not live again";
  EXPECT_EQ(exe_of(processes, 11, 2 * kSecond), "/bin/shell");
  processes.sweep(5 * kSecond + 1);
  EXPECT_EQ(exe_of(processes, 11, 2 * kSecond), "nobody");
}

TEST_F(ProcessLifetimes, ExecsInTheWrongOrder) {
  ProcessTable processes = table();
  run(processes, 10, kSecond, "second", 4);
  run(processes, 10, kSecond, "first", 3);
  EXPECT_EQ(exe_of(processes, 10, kSecond), "/bin/second");
  run(processes, 10, kSecond, "third", 5);
  EXPECT_EQ(exe_of(processes, 10, kSecond), "/bin/third");
}

// ---- Started from /proc

// Hooks are attached before /proc is read: what is told twice is known once.
TEST_F(ProcessLifetimes, WhatProcHasToldIsNotDoubled) {
  proc_.make({.pid = 10, .start_ticks = 500, .exe = "/bin/shell"});
  proc_.make({.pid = 11, .parent = 10, .start_ticks = 600, .exe = "/bin/cat"});
  ProcessTable processes = table();
  ASSERT_EQ(processes.read_proc(), 2u);
  const std::uint64_t shell = 500 * ns_per_tick() + 3;
  const std::uint64_t cat = 600 * ns_per_tick() + 4;
  processes.apply_fork(child_of(11, cat, 10, shell, 7));
  EXPECT_EQ(processes.size(), 2u);
  run(processes, 11, cat, "cat", 8);
  EXPECT_EQ(processes.size(), 2u);
  EXPECT_TRUE(processes.find(11, cat)->exact);
  EXPECT_TRUE(processes.apply_exit(exit_of(11, cat, cat + 1)));
  EXPECT_FALSE(processes.apply_exit(exit_of(11, cat, cat + 1)));
  EXPECT_EQ(processes.size(), 2u);
  processes.sweep(cat + 3 * kSecond);
  EXPECT_EQ(processes.size(), 1u);
}

// It was read after the parent had run another program: only what /proc says of the child is sure.
TEST_F(ProcessLifetimes, AParentThatHasRunAnotherProgramSince) {
  proc_.make({.pid = 10, .start_ticks = 500, .exe = "/bin/after"});
  proc_.make({.pid = 11, .parent = 10, .start_ticks = 600, .exe = "/bin/before"});
  ProcessTable processes = table();
  ASSERT_EQ(processes.read_proc(), 2u);
  const std::uint64_t parent = 500 * ns_per_tick() + 3;
  const std::uint64_t child = 600 * ns_per_tick() + 4;
  processes.apply_fork(child_of(11, child, 10, parent, 7));
  EXPECT_EQ(exe_of(processes, 11, child), "/bin/before");
  run(processes, 10, parent, "after", 8);
  EXPECT_EQ(exe_of(processes, 11, child), "/bin/before");
  // One that had gone when /proc was read has nobody else to tell of it.
  processes.apply_fork(child_of(12, child, 10, parent, 8));
  EXPECT_EQ(exe_of(processes, 12, child), "/bin/after");
}

// A process of which /proc tells has got the pid of one whose records are still under way.
TEST_F(ProcessLifetimes, ProcIsAheadOfTheRecords) {
  proc_.make({.pid = 10, .start_ticks = 600, .exe = "/bin/new"});
  ProcessTable processes = table();
  ASSERT_EQ(processes.read_proc(), 1u);
  const std::uint64_t old = 500 * ns_per_tick() + 3;
  processes.apply_fork(child_of(10, old, 1, 1, 3));
  EXPECT_EQ(exe_of(processes, 10, old), "?");
  run(processes, 10, old, "old", 4);
  EXPECT_TRUE(processes.apply_exit(exit_of(10, old, old + 1)));
  EXPECT_EQ(exe_of(processes, 10, old), "/bin/old");
  EXPECT_EQ(exe_of(processes, 10, 600 * ns_per_tick() + 9), "/bin/new");
  const wire_fork fork = child_of(10, 600 * ns_per_tick() + 9, 1, 1, 5);
  processes.apply_fork(fork);
  EXPECT_EQ(exe_of(processes, 10, fork.header.start_time), "/bin/new");
  EXPECT_FALSE(processes.find(10, fork.header.start_time)->exited);
}

// Nobody has told what became of them while no hook was attached.
TEST_F(ProcessLifetimes, ReadingAgainForgetsTheRest) {
  proc_.make({.pid = 10, .start_ticks = 500, .exe = "/bin/old"});
  ProcessTable processes = table();
  ASSERT_EQ(processes.read_proc(), 1u);
  const std::uint64_t start = 500 * ns_per_tick() + 3;
  processes.process_of(header_of(10, start));
  run(processes, 11, kSecond, "gone");
  processes.apply_exit(exit_of(12, kSecond, kSecond));
  proc_.make({.pid = 10, .start_ticks = 500, .exe = "/bin/new"});
  ASSERT_EQ(processes.read_proc(), 1u);
  EXPECT_EQ(processes.size(), 1u);
  EXPECT_EQ(exe_of(processes, 10, start), "/bin/new");
  EXPECT_EQ(exe_of(processes, 11, kSecond), "nobody");
}

// ---- What they act with

TEST_F(ProcessLifetimes, ContextsComeWithForksAndExecs) {
  ProcessTable processes = table();
  wire_fork fork = child_of(11, 2 * kSecond, 10, kSecond, 3);
  fork.header.time = 2 * kSecond;
  fork.header.session_id = 5;
  fork.header.vpid = 4;
  fork.context.group_id = 6;
  processes.apply_fork(fork);
  EXPECT_EQ(processes.find(11, 2 * kSecond)->context.group_id, 6u);
  EXPECT_EQ(processes.find(11, 2 * kSecond)->vpid, 4u);
  EXPECT_FALSE(processes.find(11, 2 * kSecond)->executable) << "nobody has told of its parent";
  WithStrings<wire_exec> exec(fork.header,
                              {{WIRE_EXEC_INTERPRETER, "/bin/sh"}, {WIRE_EXEC_EXE, "cat\0bin\0"s}});
  exec->header.time = 3 * kSecond;
  exec->header.exec_id = 4;
  exec->exe_inode = 77;
  exec->executable.mode = 0100755;
  exec->context.group_id = 11;
  processes.apply_exec(*exec, "cat\0"s, true, false);
  const Process* process = processes.find(11, 2 * kSecond);
  EXPECT_EQ(process->context.group_id, 11u);
  ASSERT_TRUE(process->executable);
  EXPECT_EQ(process->executable->inode, 77u);
  EXPECT_EQ(process->interpreter.text, "/bin/sh");
  // A child has another context, and runs the same.
  wire_fork child = child_of(12, 4 * kSecond, 11, 2 * kSecond, 4);
  child.header.time = 4 * kSecond;
  child.context.group_id = 12;
  processes.apply_fork(child);
  process = processes.find(12, 4 * kSecond);
  EXPECT_EQ(process->context.group_id, 12u);
  ASSERT_TRUE(process->executable);
  EXPECT_EQ(process->executable->inode, 77u);
  EXPECT_EQ(process->interpreter.text, "/bin/sh");
}

// What /proc has told since is newer than the record.
TEST_F(ProcessLifetimes, ContextsOfProcMayBeNewer) {
  proc_.make({.pid = 10, .start_ticks = 500});
  ProcessTable processes = table();
  processes.read_proc();
  const std::uint64_t start = 500 * ns_per_tick() + 3;
  wire_fork fork = child_of(10, start, 1, 1, 3);
  fork.header.time = 1;
  fork.context.group_id = 99;
  processes.apply_fork(fork);
  EXPECT_EQ(processes.find(10, start)->context.group_id, 8u);
  fork.header.time = boot_time() + kSecond;
  processes.apply_fork(fork);
  EXPECT_EQ(processes.find(10, start)->context.group_id, 99u);
}

// A change that no record tells: the header says that there was one, /proc what.
TEST_F(ProcessLifetimes, AnotherUserHasOtherRights) {
  proc_.make({.pid = 10, .start_ticks = 500});
  ProcessTable processes = table();
  processes.read_proc();
  wire_header header = header_of(10, 500 * ns_per_tick());
  header.time = boot_time() + 1;
  header.uid = 1000;
  header.session_id = 7;
  EXPECT_EQ(processes.process_of(header)->context.group_id, 8u);
  proc_.make({.pid = 10, .start_ticks = 500, .group = "10", .session = "10"});
  EXPECT_EQ(processes.process_of(header)->context.group_id, 8u) << "as the header has it";
  header.session_id = 10;
  // Of a thread, or of before, it is no news.
  wire_header other = header;
  other.tid = 11;
  EXPECT_EQ(processes.process_of(other)->context.group_id, 8u);
  other = header;
  other.time = 1;
  EXPECT_EQ(processes.process_of(other)->context.group_id, 8u);
  header.time = boot_time() + 1;
  EXPECT_EQ(processes.process_of(header)->context.group_id, 10u);
  // It has gone: nothing is known of what it was then.
  std::filesystem::remove_all(proc_.path() + "/10");
  header.uid = 0;
  header.time = boot_time() + kSecond;
  EXPECT_EQ(processes.process_of(header)->context.time, 0u);
  EXPECT_FALSE(processes.process_of(header)->context.capabilities);
}

// ---- Room

TEST_F(ProcessLifetimes, WhoEndedFirstIsForgottenFirst) {
  ProcessTable processes = table(4);
  for (std::uint32_t pid = 10; pid < 14; ++pid) run(processes, pid, kSecond, "x");
  processes.apply_exit(exit_of(12, kSecond, 2 * kSecond));
  processes.apply_exit(exit_of(11, kSecond, 3 * kSecond));
  run(processes, 20, kSecond, "x");
  EXPECT_EQ(exe_of(processes, 12, kSecond), "nobody");
  EXPECT_NE(exe_of(processes, 11, kSecond), "nobody");
  run(processes, 21, kSecond, "x");
  EXPECT_EQ(exe_of(processes, 11, kSecond), "nobody");
  EXPECT_EQ(processes.evicted(), 2u);
  // Of the living, that of which nothing has been heard for longest.
  processes.process_of(header_of(10, kSecond));
  run(processes, 22, kSecond, "x");
  EXPECT_EQ(exe_of(processes, 13, kSecond), "nobody");
  EXPECT_NE(exe_of(processes, 10, kSecond), "nobody");
  EXPECT_EQ(processes.size(), 4u);
  EXPECT_EQ(processes.evicted(), 3u);
  // One that has ended before it came is not forgotten at once: it is asked for.
  wire_header late = header_of(22, kSecond / 2);
  EXPECT_EQ(processes.process_of(late)->start_time, kSecond / 2);
  EXPECT_EQ(processes.size(), 4u);
}

// Memory stays flat, whatever passes through.
TEST_F(ProcessLifetimes, AMillionPassThrough) {
  constexpr std::size_t kMost = 1000;
  ProcessTable processes({.processes_max = kMost, .proc = "/nonexistent"});
  run(processes, 1, 1, "init");
  std::size_t most = 0;
  for (std::uint64_t i = 1; i <= 1'000'000; ++i) {
    const auto pid = static_cast<std::uint32_t>(2 + i % 32'000);
    const std::uint64_t start = i * 1000;
    wire_fork fork = child_of(pid, start, 1, 1, 1);
    fork.header.time = start;
    processes.apply_fork(fork);
    // One in ten is told to have ended by nobody.
    if (i % 10 != 0) processes.apply_exit(exit_of(pid, start, start + 500));
    if (i % 1000 == 0) processes.sweep(start);
    if (i % 100 == 0) processes.process_of(header_of(1, 1));
    most = std::max(most, processes.size());
  }
  EXPECT_EQ(most, kMost);
  EXPECT_GT(processes.evicted(), 900'000u);
  EXPECT_EQ(exe_of(processes, 1, 1), "/bin/init") << "it was heard of all the time";
  processes.sweep(~std::uint64_t{0});
  EXPECT_LE(processes.size(), kMost);
}

}  // namespace
}  // namespace outrider
