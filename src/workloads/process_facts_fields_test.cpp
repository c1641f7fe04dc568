// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/hand_made_event.h"
#include "workloads/process_facts.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::HandMadeEvent;

constexpr std::int64_t kSecond = 1'000'000'000;

// An ordinary process: user 1000, session 7, group 8.
void make_ordinary(HandMadeEvent& event) {
  wire_header& header = event.header();
  header.time = 50 * kSecond;
  header.start_time = 20 * kSecond;
  header.parent_start_time = 10 * kSecond;
  header.pid = header.tid = 10;
  header.ppid = 9;
  header.vpid = 3;
  header.uid = 1000;
  header.session_id = 7;
  header.mount_namespace = 4026531001;
  event.event.wall_offset = 1000 * kSecond;
  ProcessContext& context = event.process.context;
  context.time = 1;
  context.uid = 1000;
  context.session_id = 7;
  context.capabilities = {0x3, 0x80000000000003ff, 0};
  context.namespaces = {11, 12, 13, 14, 15, 16};
  context.terminal = 34816;
  context.group_id = 8;
  context.vgroup_id = 2;
  context.vsession_id = 0;
  event.process.executable = Executable{.inode = 77,
                                        .change_time = 1015 * kSecond,
                                        .modify_time = 0,
                                        .from_memfd = false,
                                        .deleted = true,
                                        .writable = std::nullopt,
                                        .layer = Executable::Layer::kUpper};
  event.process.interpreter = {.text = "/bin/sh", .known = true};
  event.process.argument_count = 3;
  event.process.arguments_length = 9;
}

TEST(ProcessFactFields, WhatIsKnownIsShown) {
  HandMadeEvent event("open");
  make_ordinary(event);
  event.expect({{"proc.pgid", "8"},
                {"proc.vpgid", "2"},
                {"proc.vsid", "0"},
                {"proc.is_pgid_leader", "false"},
                {"proc.is_vpgid_leader", "false"},
                {"proc.tty", "34816"},
                {"thread.cap_effective", "CAP_CHOWN CAP_DAC_OVERRIDE"},
                {"thread.cap_permitted",
                 "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL "
                 "CAP_SETGID CAP_SETUID CAP_SETPCAP CAP_LINUX_IMMUTABLE"},
                {"thread.cap_inheritable", ""},
                {"proc.ns.pid", "11"},
                {"proc.ns.user", "12"},
                {"proc.ns.net", "13"},
                {"proc.ns.uts", "14"},
                {"proc.ns.ipc", "15"},
                {"proc.ns.cgroup", "16"},
                {"proc.ns.mnt", "4026531001"},
                {"proc.pid.ts", "1020000000000"},
                {"proc.ppid.ts", "1010000000000"},
                {"proc.duration", "30000000000"},
                {"proc.ppid.duration", "40000000000"},
                {"proc.cmdnargs", "2"},
                {"proc.cmdlenargs", "9"},
                {"proc.interpreter", "/bin/sh"},
                {"proc.exe_ino", "77"},
                {"proc.exe_ino.ctime", "1015000000000"},
                // Of a reproducible build.
                {"proc.exe_ino.mtime", "0"},
                {"proc.exe_ino.ctime_duration_proc_start", "5000000000"},
                {"proc.is_exe_from_memfd", "false"},
                {"proc.is_exe_deleted", "true"},
                {"proc.is_exe_writable", "?"},
                {"proc.is_exe_upper_layer", "true"},
                {"proc.is_exe_lower_layer", "false"}});
}

TEST(ProcessFactFields, WhatNobodyHasToldIsUnknown) {
  HandMadeEvent event("open");
  event.header().pid = event.header().tid = 10;
  event.header().ppid = 9;
  event.header().session_id = 7;
  for (const char* field : {"proc.pgid",
                            "proc.vpgid",
                            "proc.vsid",
                            "proc.is_pgid_leader",
                            "proc.is_vpgid_leader",
                            "proc.tty",
                            "proc.pvpid",
                            "thread.cap_effective",
                            "thread.cap_permitted",
                            "thread.cap_inheritable",
                            "proc.ns.pid",
                            "proc.ns.user",
                            "proc.ns.net",
                            "proc.ns.uts",
                            "proc.ns.ipc",
                            "proc.ns.cgroup",
                            "proc.ns.mnt",
                            "proc.ppid.ts",
                            "proc.ppid.duration",
                            "proc.cmdnargs",
                            "proc.cmdlenargs",
                            "proc.interpreter",
                            "proc.exe_ino",
                            "proc.exe_ino.ctime",
                            "proc.exe_ino.mtime",
                            "proc.exe_ino.ctime_duration_proc_start",
                            "proc.is_exe_from_memfd",
                            "proc.is_exe_deleted",
                            "proc.is_exe_writable",
                            "proc.is_exe_upper_layer",
                            "proc.is_exe_lower_layer",
                            "proc.pgid.name",
                            "proc.pgid.exe",
                            "proc.pgid.exepath",
                            "proc.loginshellid"}) {
    EXPECT_EQ(event.read(field), "?") << field;
  }
}

TEST(ProcessFactFields, WhatDoesNotApplyIsMissing) {
  HandMadeEvent event("open");
  make_ordinary(event);
  event.process.interpreter = {.text = "", .known = true};
  event.header().ppid = 0;
  event.expect({{"proc.interpreter", "-"},
                {"proc.pvpid", "-"},
                {"proc.ppid.ts", "-"},
                {"proc.ppid.duration", "-"},
                {"proc.loginshellid", "-"}});
  // Younger than the process: written, and then run.
  event.process.executable->change_time = 1020 * kSecond + 1;
  event.expect({{"proc.exe_ino.ctime_duration_proc_start", "-"}});
  event.process.executable->change_time = 1020 * kSecond;
  event.expect({{"proc.exe_ino.ctime_duration_proc_start", "0"}});
  event.process.executable->change_time = -1;
  event.expect({{"proc.exe_ino.ctime_duration_proc_start", "?"}, {"proc.exe_ino.ctime", "?"}});
  event.process.kernel_thread = true;
  for (const char* field : {"proc.cmdnargs", "proc.cmdlenargs", "proc.interpreter", "proc.exe_ino",
                            "proc.exe_ino.ctime", "proc.exe_ino.ctime_duration_proc_start",
                            "proc.is_exe_from_memfd", "proc.is_exe_deleted", "proc.is_exe_writable",
                            "proc.is_exe_upper_layer", "proc.is_exe_lower_layer"}) {
    EXPECT_EQ(event.read(field), "-") << field;
  }
}

// It has changed since it was told of, and nobody has told how.
TEST(ProcessFactFields, OfAnotherUserOrSessionNothingIsKnown) {
  HandMadeEvent event("open");
  make_ordinary(event);
  event.header().uid = 0;
  event.expect({{"thread.cap_effective", "?"}, {"proc.pgid", "8"}});
  event.header().session_id = 9;
  event.expect({{"proc.pgid", "?"},
                {"proc.vpgid", "?"},
                {"proc.vsid", "?"},
                {"proc.tty", "?"},
                {"proc.is_pgid_leader", "?"}});
  // Who leads a session leads its group, and cannot be in another.
  event.header().session_id = 10;
  event.expect({{"proc.pgid", "10"},
                {"proc.vpgid", "3"},
                {"proc.vsid", "3"},
                {"proc.tty", "?"},
                {"proc.is_pgid_leader", "true"},
                {"proc.is_vpgid_leader", "true"}});
}

TEST(ProcessFactFields, AllCapabilities) {
  HandMadeEvent event("open");
  make_ordinary(event);
  event.process.context.capabilities = {~0ull, 1ull << 40, 1ull << 41};
  const std::string all = event.read("thread.cap_effective");
  EXPECT_TRUE(all.starts_with("CAP_CHOWN CAP_DAC_OVERRIDE "));
  EXPECT_TRUE(all.ends_with(" CAP_BPF CAP_CHECKPOINT_RESTORE"));
  event.expect(
      {{"thread.cap_permitted", "CAP_CHECKPOINT_RESTORE"}, {"thread.cap_inheritable", ""}});
}

// A process and others of its family, by records.
class Groups {
 public:
  Groups() {
    add(1, 1, 0, 0, "init", 0);
    add(20, 2'000, 1, 1, "bash", 20);
    add(30, 3'000, 20, 2'000, "dash", 30);
    add(40, 4'000, 30, 3'000, "cat", 41);
    add(41, 5'000, 30, 3'000, "sort", 41);
    event.header() = header_of(40, 4'000, 30, 3'000);
    event.header().time = 6'000;
    event.set_comm("cat");
    event.process = *event.processes.find(40, 4'000);
  }

  void add(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
           std::uint64_t parent_start_time, std::string_view comm, std::uint32_t group) {
    HandMadeEvent exec("exec");
    exec.header() = header_of(pid, start_time, ppid, parent_start_time);
    exec.header().kind = WIRE_EXEC;
    exec.set_comm(comm);
    exec.set_walked(WIRE_EXEC_EXE, "/bin/" + std::string(comm));
    exec.as<wire_exec>().context.group_id = group;
    event.processes.apply_exec(exec.get().as<wire_exec>(), std::string(comm) + '\0', true, false);
  }

  HandMadeEvent event{"fork"};

 private:
  static wire_header header_of(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
                               std::uint64_t parent_start_time) {
    wire_header header{};
    header.kind = WIRE_FORK;
    header.time = start_time;
    header.pid = header.tid = pid;
    header.vpid = pid + 100;
    header.start_time = start_time;
    header.ppid = ppid;
    header.parent_start_time = parent_start_time;
    return header;
  }
};

TEST(ProcessFactFields, TheLeaderOfTheGroup) {
  Groups family;
  // Younger than the process, as it may be.
  family.event.expect({{"proc.pgid", "41"},
                       {"proc.pgid.name", "sort"},
                       {"proc.pgid.exe", "sort"},
                       {"proc.pgid.exepath", "/bin/sort"},
                       {"proc.is_pgid_leader", "false"},
                       {"proc.pvpid", "130"}});
  family.event.process.context.group_id = 40;
  family.event.expect({{"proc.pgid.name", "cat"}, {"proc.is_pgid_leader", "true"}});
  family.event.process.context.group_id = 42;
  family.event.expect({{"proc.pgid.name", "?"}});
  family.event.process.context.group_id = 0;
  family.event.expect({{"proc.pgid.name", "-"}, {"proc.is_pgid_leader", "false"}});
}

TEST(ProcessFactFields, TheOldestShell) {
  Groups family;
  family.event.expect({{"proc.loginshellid", "20"}});
  // One of its own, if there is none above it.
  family.add(20, 2'000, 1, 1, "login", 20);
  family.event.expect({{"proc.loginshellid", "30"}});
  family.add(30, 3'000, 20, 2'000, "make", 30);
  family.event.expect({{"proc.loginshellid", "-"}});
  family.event.set_comm("zsh");
  family.event.expect({{"proc.loginshellid", "40"}});
  // There may be an older one where nothing is known.
  family.add(20, 2'000, 2, 1, "login", 20);
  family.event.expect({{"proc.loginshellid", "?"}});
}

}  // namespace
}  // namespace outrider
