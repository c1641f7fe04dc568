// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "support/temporary_directory.h"

namespace outrider::test {

// Of the clock in which /proc tells when a process started.
std::uint64_t ns_per_tick();

std::uint64_t inode_of(const std::string& path);

// What the files of /proc say of a process; the defaults are those of an ordinary one.
struct FakeProcess {
  std::uint32_t pid;
  std::string comm = "worker";
  std::uint32_t parent = 1;
  std::uint64_t flags = 0x400000;
  std::uint64_t start_ticks = 500;
  std::string arguments = std::string("/bin/worker\0--fast\0in put\0", 26);
  std::string environment = std::string("HOME=/root\0PASSWORD=x\0", 22);
  std::string exe = "/bin/worker";
  std::string cwd = "/";
  std::string group = "8";  // as in its stat
  std::string session = "7";
  std::string terminal = "34816";
  // The rest of its status, after its name.
  std::string status =
      "Uid:\t1000\t1001\t1002\t1003\nGid:\t100\t101\t102\t103\n"
      "NSpid:\t10\t3\nNSpgid:\t8\t2\nNSsid:\t7\t0\n"
      "CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\n"
      "CapEff:\t00000000a80425fb\nCapBnd:\t000001ffffffffff\n";
  // The number of the first of its namespaces; the others have the next.
  std::uint32_t namespaces = 4026531000;
};

// A folder that looks like /proc.
class FakeProc {
 public:
  const std::string& path() const { return folder_.path(); }
  std::string operator/(std::string_view name) const { return folder_ / name; }
  void write(std::string_view name, std::string_view text);
  // Makes the files of a process, in the place of those that there are.
  void make(const FakeProcess& process);

 private:
  TemporaryDirectory folder_;
};

}  // namespace outrider::test
