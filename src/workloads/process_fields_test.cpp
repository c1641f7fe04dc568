// SPDX-License-Identifier: Apache-2.0
//
// The fields that every kind has, of the event itself and of who did it.
#include <gtest/gtest.h>

#include <limits>

#include "support/hand_made_event.h"

namespace outrider {
namespace {

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
  event.process.first_argument = 4;
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
  event.expect({{"proc.cmdline", ""}, {"proc.args", ""}});
  // Of threads of the kernel there is none to be known.
  event.process.kernel_thread = true;
  event.expect({{"proc.exepath", "-"}, {"proc.cmdline", "-"}, {"proc.args", "-"}});
}

}  // namespace
}  // namespace outrider
