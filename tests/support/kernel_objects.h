// SPDX-License-Identifier: Apache-2.0
//
// What a program has put into the kernel, and whether it is still there.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace outrider::test {

// Ids of programs, maps and links. Others use BPF on the same machine, so a test asks for what
// one process holds, rather than for what came into the kernel meanwhile.
struct KernelObjects {
  std::set<std::uint32_t> programs;
  std::set<std::uint32_t> maps;
  std::set<std::uint32_t> links;
  [[nodiscard]] bool empty() const { return programs.empty() && maps.empty() && links.empty(); }
};

// What a running process has descriptors of; nothing if it has gone.
KernelObjects held_by(pid_t pid);

// Waits until none of them exists any more: the kernel frees them after a grace period of
// its own. Returns words for what is left: empty is good.
std::string remains_of(const KernelObjects& objects,
                       std::chrono::milliseconds patience = std::chrono::seconds(10));

// Paths in all bpffs that this process sees.
std::set<std::string> pins();

}  // namespace outrider::test
