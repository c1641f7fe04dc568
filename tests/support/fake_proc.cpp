// SPDX-License-Identifier: Apache-2.0
#include "support/fake_proc.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace outrider::test {

std::uint64_t ns_per_tick() {
  return 1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_ino;
}

void FakeProc::write(std::string_view name, std::string_view text) {
  std::ofstream(folder_ / name, std::ios::binary) << text;
}

void FakeProc::make(const FakeProcess& process) {
  const std::string folder = std::to_string(process.pid);
  std::filesystem::remove_all(folder_ / folder);
  std::filesystem::create_directories(folder_ / (folder + "/ns"));
  write(folder + "/stat",
        fmt::format("{} ({}) S {} {} {} {} -1 {} 100 0 0 0 1 2 0 0 20 0 1 0 {} 4096 100 18446744\n",
                    process.pid, process.comm, process.parent, process.group, process.session,
                    process.terminal, process.flags, process.start_ticks));
  write(folder + "/status", fmt::format("Name:\t{}\n{}", process.comm, process.status));
  write(folder + "/cmdline", process.arguments);
  write(folder + "/environ", process.environment);
  std::uint32_t number = process.namespaces;
  for (const char* name : {"pid", "user", "net", "uts", "ipc", "cgroup"}) {
    std::filesystem::create_symlink(fmt::format("{}:[{}]", name, number++),
                                    folder_ / fmt::format("{}/ns/{}", folder, name));
  }
  if (!process.exe.empty()) {
    std::filesystem::create_symlink(process.exe, folder_ / (folder + "/exe"));
  }
  std::filesystem::create_symlink(process.cwd, folder_ / (folder + "/cwd"));
}

}  // namespace outrider::test
