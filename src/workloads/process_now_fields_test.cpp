// SPDX-License-Identifier: Apache-2.0
//
// Fields for which /proc is asked when they are read.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/fake_proc.h"
#include "support/hand_made_event.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using test::HandMadeEvent;

class ProcessNowFields : public testing::Test {
 protected:
  ProcessNowFields() : processes_({.proc = proc_.path()}) {
    event_.event.processes = &processes_;
    event_.header().pid = 10;
    event_.header().tid = 11;
    event_.header().vpid = 3;
    event_.header().start_time = 500 * test::ns_per_tick();
    event_.set_comm("worker");
    proc_.make({.pid = 10,
                .status = "VmSize:\t 2048 kB\nVmRSS:\t  512 kB\nVmSwap:\t 0 kB\n"
                          "Threads:\t3\n"});
    std::filesystem::create_directories(proc_ / "10/task/11");
    std::filesystem::create_directories(proc_ / "10/net");
    std::filesystem::create_directories(proc_ / "10/fd");
  }

  void link(const std::string& number, const std::string& target) {
    std::filesystem::create_symlink(target, proc_ / ("10/fd/" + number));
  }

  test::FakeProc proc_;
  ProcessTable processes_;
  HandMadeEvent event_{"open"};
};

TEST_F(ProcessNowFields, OfTheProcess) {
  proc_.write("10/limits",
              "Limit                     Soft Limit           Hard Limit           Units     \n"
              "Max cpu time              unlimited            unlimited            seconds   \n"
              "Max open files            8                    4096                 files     \n");
  link("0", "/dev/null");
  link("1", "pipe:[77]");
  link("2", "anon_inode:[eventfd]");
  link("7", "/memfd:x (deleted)");
  event_.expect({{"proc.vmsize", "2048"},
                 {"proc.vmrss", "512"},
                 {"proc.vmswap", "0"},
                 {"proc.nthreads", "3"},
                 {"proc.nchilds", "2"},
                 {"proc.fdopencount", "4"},
                 {"proc.fdlimit", "8"},
                 {"proc.fdusage", "50"},
                 {"proc.stdin.type", "file"},
                 {"proc.stdin.name", "/dev/null"},
                 {"proc.stdout.type", "pipe"},
                 {"proc.stdout.name", "pipe:[77]"},
                 {"proc.stderr.type", "event"}});
}

TEST_F(ProcessNowFields, OfTheThread) {
  proc_.write("10/task/11/status", "Name:\tx\nNSpid:\t11\t4\n");
  proc_.write("10/task/11/stat", "11 (a) b) S 1 2 3 4 5 6 70 71 72 73 0\n");
  proc_.write("10/task/11/schedstat", "123456 1 2\n");
  proc_.write("10/task/11/cgroup", "4:cpu,cpuacct:/a:b\n2:name=systemd:/s\n0::/unified\nnone\n");
  event_.expect({{"thread.vtid", "4"},
                 {"thread.pfminor", "70"},
                 {"thread.pfmajor", "72"},
                 {"thread.totexectime", "123456"},
                 {"thread.vmsize", "0"},
                 {"thread.nametid", "worker11"},
                 {"thread.cgroups", "cpu=/a:b|cpuacct=/a:b|name=systemd=/s|=/unified"},
                 {"thread.cgroup[cpuacct]", "/a:b"},
                 {"thread.cgroup[pids]", "-"}});
  event_.header().tid = 10;
  event_.expect({{"thread.vtid", "3"}, {"thread.vmsize", "2048"}, {"thread.vmrss", "512"}});
}

// Another process has its id: nothing of that one is told.
TEST_F(ProcessNowFields, OfAProcessThatHasGone) {
  link("0", "/dev/null");
  event_.header().start_time += 10 * test::ns_per_tick();
  for (const char* field : {"proc.vmsize", "proc.nthreads", "proc.fdopencount", "proc.fdlimit",
                            "proc.fdusage", "proc.stdin.type", "proc.stdin.name", "thread.vtid",
                            "thread.pfmajor", "thread.cgroups", "thread.cgroup[cpu]"}) {
    EXPECT_EQ(event_.read(field), "?") << field;
  }
}

TEST_F(ProcessNowFields, WhatIsNotUnderstoodIsUnknown) {
  proc_.make({.pid = 10, .status = "VmSize:\nVmRSS:\t-1 kB\nThreads:\t99999999999999999999\n"});
  std::filesystem::create_directories(proc_ / "10/fd");
  std::filesystem::create_directories(proc_ / "10/task/11");
  proc_.write("10/limits", "Max open files\nMax open files            unlimited\n");
  proc_.write("10/task/11/stat", "11 (a");
  link("0", "nothing known");
  event_.expect({{"proc.vmsize", "?"},
                 {"proc.vmrss", "?"},
                 {"proc.vmswap", "?"},
                 {"proc.nthreads", "?"},
                 {"proc.fdlimit", "?"},
                 {"proc.fdusage", "?"},
                 {"proc.stdin.type", "?"},
                 {"proc.stdin.name", "nothing known"},
                 // It has none.
                 {"proc.stdout.type", "-"},
                 {"proc.stdout.name", "-"},
                 {"thread.pfminor", "?"}});
}

}  // namespace
}  // namespace outrider
