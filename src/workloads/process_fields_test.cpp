// SPDX-License-Identifier: Apache-2.0
//
// The fields that every kind has, of the event itself and of who did it.
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

#include "support/hand_made_event.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::HandMadeEvent;

TEST(ProcessFields, TheHeaderSaysWhoItWas) {
  HandMadeEvent event("fork");
  wire_header& header = event.header();
  header.time = 5'000'000'000;
  header.start_time = 4'000'000'001;
  header.parent_start_time = 3;
  header.pid = 4194304;
  header.tid = 4194305;
  header.ppid = 17;
  header.vpid = 1;
  header.session_id = 9;
  header.uid = 4294967294;
  header.gid = 1000;
  header.login_uid = 1001;
  header.cgroup_id = 1ull << 40;
  event.set_comm("worker");
  event.event.wall_offset = 1'000'000'000;
  event.expect({{"proc.pid", "4194304"},
                {"proc.vpid", "1"},
                {"thread.tid", "4194305"},
                {"proc.ppid", "17"},
                {"proc.key", "4194304:4000000001"},
                {"proc.pkey", "17:3"},
                {"proc.sid", "9"},
                {"proc.name", "worker"},
                {"user.uid", "4294967294"},
                {"group.gid", "1000"},
                {"user.loginuid", "1001"},
                {"cgroup.id", "1099511627776"},
                {"evt.boottime", "5000000000"},
                {"evt.time", "6000000000"},
                {"evt.kind", "fork"},
                {"evt.late", "-"}});
  header.login_uid = 0xffffffff;
  event.event.late = true;
  // The kernel ends it with a NUL; should it not, nothing behind it is read.
  event.set_comm("0123456789abcdef");
  event.expect({{"user.loginuid", "-1"}, {"evt.late", "1"}, {"proc.name", "0123456789abcdef"}});
}

TEST(ProcessFields, KeysHaveRoomForTheLargestNumbers) {
  HandMadeEvent event("fork");
  event.header().pid = std::numeric_limits<std::uint32_t>::max();
  event.header().start_time = std::numeric_limits<std::uint64_t>::max();
  event.expect({{"proc.key", "4294967295:18446744073709551615"}});
}

TEST(ProcessFields, WhatTheTableDoesNotKnowIsUnknown) {
  HandMadeEvent event("fork");
  event.header().ppid = 17;
  event.expect({{"proc.exepath", "?"},
                {"proc.cmdline", "?"},
                {"proc.args", "?"},
                {"proc.cwd", "?"},
                {"proc.pname", "?"},
                {"cgroup.path", "?"}});
}

TEST(ProcessFields, WhatTheTableKnowsIsShown) {
  HandMadeEvent event("fork");
  event.process.exe = {.text = "/bin/cat", .known = true};
  event.process.cwd = {.text = "/srv", .known = true};
  event.process.command_line = {.text = "cat -n a b", .known = true, .cut = true};
  event.process.program_size = 3;
  event.event.cgroup_path = "/";
  event.expect({{"proc.exepath", "/bin/cat"},
                {"proc.cwd", "/srv"},
                {"proc.cmdline", "cat -n a b..."},
                {"proc.args", "-n a b..."},
                {"cgroup.path", "/"}});
  // A program that was given nothing has arguments, and they are empty.
  event.process.command_line = {.text = "cat", .known = true};
  event.expect({{"proc.cmdline", "cat"}, {"proc.args", ""}});
  event.process.command_line = {.text = "", .known = true};
  event.process.program_size = 0;
  event.expect({{"proc.cmdline", ""}, {"proc.args", ""}});
  // Who ran it need not have told the truth, and may have told nothing.
  event.process.command_line = {.text = "-my shell -l", .known = true};
  event.process.program_size = 9;
  event.expect({{"proc.exe", "-my shell"}, {"proc.args", "-l"}, {"proc.exeline", "-my shell -l"}});
  event.process.command_line = {.text = "/bin/a-very-long-na", .known = true, .cut = true};
  event.process.program_size = event.process.command_line.text.size();
  event.expect({{"proc.exe", "/bin/a-very-long-na..."}});
  // Of threads of the kernel there is none to be known.
  event.process.kernel_thread = true;
  event.expect({{"proc.exepath", "-"}, {"proc.cmdline", "-"}, {"proc.args", "-"}});
}

TEST(ProcessFields, TheEnvironment) {
  HandMadeEvent event("fork");
  event.expect({{"proc.env", "?"}, {"proc.env[PATH]", "?"}});
  event.process.environment = std::make_shared<const std::string>("PATH=/bin\0EMPTY=\0A\0"s);
  event.expect({{"proc.env", "PATH=/bin|EMPTY=|A"},
                {"proc.env[PATH]", "/bin"},
                {"proc.env[EMPTY]", ""},
                {"proc.env[A]", "-"},
                {"proc.env[PAT]", "-"},
                {"proc.env[ATH]", "-"}});
  // What is cut may have had it.
  event.process.environment = std::make_shared<const std::string>("PATH=/bin\0LANG=C.UT\0"s);
  event.process.environment_cut = true;
  event.expect({{"proc.env[PATH]", "/bin"}, {"proc.env[LANG]", "C.UT..."}, {"proc.env[A]", "?"}});
  event.process.kernel_thread = true;
  event.expect({{"proc.env", "-"}, {"proc.env[PATH]", "-"}});
}

// A shell (30) ran a script (20) that ran the process of the event (40); who ran the shell, only
// its id is known of.
class Family {
 public:
  Family() {
    add(20, 2'000, 10, 1'000, "bash", "bash\0-l\0"s, "/bin/bash");
    add(30, 3'000, 20, 2'000, "backup.sh", "/bin/sh\0backup.sh\0"s, "/bin/dash");
    add(40, 4'000, 30, 3'000, "cat", "cat\0/etc/passwd\0"s, "/bin/cat");
    event.header() = header_of(40, 4'000, 30, 3'000);
    event.set_comm("cat");
    event.process = *event.processes.find(40, 4'000);
  }

  void add(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
           std::uint64_t parent_start_time, std::string_view comm, const std::string& arguments,
           std::string_view exe) {
    HandMadeEvent exec("exec");
    exec.header() = header_of(pid, start_time, ppid, parent_start_time);
    exec.header().kind = WIRE_EXEC;
    exec.set_comm(comm);
    exec.set_walked(WIRE_EXEC_EXE, exe);
    event.processes.apply_exec(exec.get().as<wire_exec>(), arguments, true, cut);
  }

  HandMadeEvent event{"fork"};
  bool cut = false;

 private:
  static wire_header header_of(std::uint32_t pid, std::uint64_t start_time, std::uint32_t ppid,
                               std::uint64_t parent_start_time) {
    wire_header header{};
    header.kind = WIRE_FORK;
    header.pid = header.tid = pid;
    header.start_time = start_time;
    header.ppid = ppid;
    header.parent_start_time = parent_start_time;
    return header;
  }
};

TEST(AncestorFields, ByGeneration) {
  Family family;
  family.event.expect({{"proc.aname[0]", "cat"},
                       {"proc.aname[1]", "backup.sh"},
                       {"proc.aname[2]", "bash"},
                       {"proc.aname[3]", "?"},
                       {"proc.aname[99]", "?"},
                       {"proc.aexe[0]", "cat"},
                       {"proc.aexe[1]", "/bin/sh"},
                       {"proc.aexepath[0]", "/bin/cat"},
                       {"proc.aexepath[1]", "/bin/dash"},
                       {"proc.acmdline[0]", "cat /etc/passwd"},
                       {"proc.acmdline[2]", "bash -l"},
                       {"proc.apid[0]", "40"},
                       {"proc.apid[1]", "30"},
                       {"proc.apid[2]", "20"},
                       // Its child has told.
                       {"proc.apid[3]", "10"},
                       {"proc.apid[4]", "?"},
                       {"proc.pname", "backup.sh"},
                       {"proc.pexe", "/bin/sh"},
                       {"proc.pexepath", "/bin/dash"},
                       {"proc.pcmdline", "/bin/sh backup.sh"}});
  // A thread may be called otherwise than its process.
  family.event.header().tid = 41;
  family.event.set_comm("worker");
  family.event.expect({{"proc.name", "worker"}, {"proc.aname[0]", "cat"}});
}

// What is not known is behind the last: an item of which nothing is there, and the list is cut.
TEST(AncestorFields, AllOfThem) {
  Family family;
  family.event.expect({{"proc.aname", "backup.sh|bash|..."},
                       {"proc.aexe", "/bin/sh|bash|..."},
                       {"proc.aexepath", "/bin/dash|/bin/bash|..."},
                       {"proc.acmdline", "/bin/sh backup.sh|bash -l|..."},
                       {"proc.apid", "30|20|10|..."}});
  family.add(10, 1'000, 0, 0, "init", "init\0"s, "/bin/init");
  family.event.expect({{"proc.aname", "backup.sh|bash|init"},
                       {"proc.aname[3]", "init"},
                       {"proc.aname[4]", "-"},
                       {"proc.apid", "30|20|10"},
                       {"proc.apid[3]", "10"},
                       {"proc.apid[4]", "-"}});
  // What is known only in part is not in the list.
  family.cut = true;
  family.add(20, 2'000, 10, 1'000, "bash", "bash\0-c\0bunzip"s, "/bin/bash");
  family.event.expect(
      {{"proc.acmdline", "/bin/sh backup.sh|init|..."}, {"proc.aname", "backup.sh|bash|init"}});

  // The id of the parent was given to another process since.
  family.event.header().parent_start_time = 2'999;
  family.event.expect({{"proc.aname", "?"}, {"proc.aname[1]", "?"}, {"proc.apid", "30|..."}});
  // There is no parent.
  family.event.header().ppid = 0;
  family.event.expect({{"proc.aname", ""}, {"proc.aname[1]", "-"}, {"proc.apid", ""}});
}

TEST(AncestorFields, HaveAnEnd) {
  Family family;
  // 100 generations, and one that is its own ancestor.
  for (std::uint32_t pid = 100; pid < 200; ++pid) {
    family.add(pid, pid * 1'000, pid == 100 ? 0 : pid - 1, (pid - 1) * 1'000, "x", "x\0"s, "/x");
  }
  family.event.header().ppid = 199;
  family.event.header().parent_start_time = 199'000;
  family.event.header().start_time = 200'000;
  family.event.expect({{"proc.aname[64]", "x"}, {"proc.aname[65]", "?"}, {"proc.aname[200]", "?"}});
  std::string all;
  for (int i = 0; i < 64; ++i) all += "x|";
  family.event.expect({{"proc.aname", all + "..."}});

  family.add(50, 5'000, 50, 5'000, "loop", std::string(40'000, 'l') + '\0', "/loop");
  family.event.header().ppid = 50;
  family.event.header().parent_start_time = 5'000;
  family.event.expect({{"proc.aname[64]", "loop"}, {"proc.aname[1000000]", "?"}});
  // Long ones do not fill the memory.
  EXPECT_LE(family.event.read("proc.acmdline").size(), 41'000u);
}

TEST(ProcessFields, TheLeaderOfTheSession) {
  Family family;
  family.event.header().session_id = 20;
  family.event.expect({{"proc.sname", "bash"},
                       {"proc.sid.exe", "bash"},
                       {"proc.sid.exepath", "/bin/bash"},
                       {"proc.is_sid_leader", "false"}});
  family.event.header().session_id = 40;
  family.event.expect({{"proc.sname", "cat"}, {"proc.is_sid_leader", "true"}});
  family.event.header().session_id = 21;
  family.event.expect({{"proc.sname", "?"}});
  family.event.header().session_id = 0;
  family.event.expect({{"proc.sname", "-"}});
}

TEST(ProcessFields, TheMainThread) {
  HandMadeEvent event("fork");
  event.header().pid = event.header().tid = 7;
  event.expect({{"thread.ismain", "true"}});
  event.header().tid = 8;
  event.expect({{"thread.ismain", "false"}});
}

}  // namespace
}  // namespace outrider
