// SPDX-License-Identifier: Apache-2.0
//
// A process in a cgroup with little memory, which takes more: where the memory controller is in
// version 1, and where it is in version 2.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/recorder.h"

namespace outrider {

namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;
constexpr std::size_t kLimit = 16 * kMegabyte;
constexpr std::size_t kShared = 4 * kMegabyte;
constexpr std::size_t kWanted = 64 * kMegabyte;
// By how much counters of pages may lag behind, kB: percpu_counter_batch pages for each CPU.
constexpr double kLag = 1024;

bool put(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return static_cast<bool>(file);
}

// A cgroup with a limit, removed at the end.
class LimitedCgroup {
 public:
  LimitedCgroup() {
    const std::string root = "/sys/fs/cgroup";
    const std::string name = fmt::format("outrider-oom-{}", ::getpid());
    if (std::filesystem::exists(root + "/memory/memory.limit_in_bytes")) {
      path_ = root + "/memory/" + name;
      limit_ = "/memory.limit_in_bytes";
    } else if (put(root + "/cgroup.subtree_control", "+memory")) {
      path_ = root + "/" + name;
      limit_ = "/memory.max";
    } else {
      return;
    }
    std::error_code error;
    if (!std::filesystem::create_directory(path_, error) ||
        !put(path_ + limit_, std::to_string(kLimit))) {
      ready_ = false;
      return;
    }
    ready_ = true;
    put(path_ + "/memory.swap.max", "0");
    put(path_ + "/memory.swappiness", "0");
  }
  ~LimitedCgroup() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove(path_, error);  // of a cgroup: rmdir
  }
  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] bool join() const { return put(path_ + "/cgroup.procs", "0"); }

 private:
  std::string path_;
  std::string limit_;
  bool ready_ = false;
};

void take_memory(std::size_t size, int flags) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  for (std::size_t at = 0; at < size; at += page) static_cast<char*>(memory)[at] = 1;
}

// What the kernel logs of a victim; empty if that was not seen.
std::string line_about(const Recorder& recorder, const std::string& pid) {
  for (const Recorded& event : recorder.events()) {
    if (event.at("evt.kind") != "kernel_log") continue;
    const std::string& text = event.at("evt.arg.text");
    if (text.find("Killed process " + pid + " ") != std::string::npos) return text;
  }
  return {};
}

TEST(Oom, TheVictimAndItsMemory) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const LimitedCgroup cgroup;
  if (!cgroup.ready()) GTEST_SKIP() << "no cgroup with a limit of memory can be made here";
  Recorder recorder({"oom", "kernel_log"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([&cgroup] {
    const pid_t victim = ::fork();
    if (victim == 0) {
      if (!cgroup.join() || !put("/proc/self/oom_score_adj", "300")) ::_exit(2);
      if (::setgid(77) != 0 || ::setuid(66) != 0) ::_exit(2);
      take_memory(kShared, MAP_SHARED);
      take_memory(kWanted, MAP_PRIVATE);  // until it is killed
      ::_exit(3);
    }
    int status = 0;
    ::waitpid(victim, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : 1;
  });
  ASSERT_EQ(recorder.status(), 0);
  // Somewhere else in the machine memory may run out, too.
  std::vector<Recorded> ours;
  for (const Recorded& event : recorder.events()) {
    if (event.at("evt.kind") == "oom" && event.at("user.uid") == "66") ours.push_back(event);
  }
  ASSERT_EQ(ours.size(), 1u);
  const Recorded& event = ours[0];
  const auto number = [&event](const char* field) { return std::stoull(event.at(field)); };
  EXPECT_EQ(event.at("proc.name"), "outrider_kernel");
  EXPECT_EQ(event.at("proc.ppid"), std::to_string(number("proc.ppid")));
  EXPECT_EQ(event.at("group.gid"), "77");
  EXPECT_EQ(event.at("evt.arg.oom_score_adj"), "300");
  // A process alone in its cgroup asks for the memory itself.
  EXPECT_EQ(event.at("evt.arg.asker.pid"), event.at("proc.pid"));
  EXPECT_EQ(event.at("evt.arg.asker.name"), "outrider_kernel");
  EXPECT_GE(number("evt.arg.total_vm"), (kWanted + kShared) / 1024);
  // It had nearly all that the cgroup may have, and what it had from its parent before.
  EXPECT_GE(number("evt.arg.anon_rss"), kLimit / 1024 / 2);
  EXPECT_GE(number("evt.arg.shmem_rss"), kShared / 1024 / 2);
  // Its program is a file, or on tmpfs.
  EXPECT_GT(number("evt.arg.file_rss") + number("evt.arg.shmem_rss"), kShared / 1024 + 256);
  EXPECT_EQ(event.at("evt.arg.swap"), "0");
  EXPECT_GT(number("evt.arg.pgtables"), 32u);
  // The same as the kernel logs a little later, where its line can be seen.
  const std::string line = line_about(recorder, event.at("proc.pid"));
  for (const auto& [field, name] :
       {std::pair("evt.arg.total_vm", "total-vm:"), std::pair("evt.arg.anon_rss", "anon-rss:"),
        std::pair("evt.arg.file_rss", "file-rss:"), std::pair("evt.arg.shmem_rss", "shmem-rss:"),
        std::pair("evt.arg.pgtables", "pgtables:")}) {
    const std::size_t at = line.find(name);
    if (at == std::string::npos) continue;
    const std::uint64_t logged = std::stoull(line.substr(at + std::string(name).size()));
    EXPECT_NEAR(static_cast<double>(number(field)), static_cast<double>(logged), kLag) << line;
  }
  EXPECT_EQ(event.at("evt.info"),
            fmt::format("killed with {} kB, as outrider_kernel ({}) asked for memory",
                        event.at("evt.arg.anon_rss"), event.at("proc.pid")));

  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 2u);
  for (const KindAccount& kind : account.kinds) {
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
    EXPECT_EQ(kind.lost_total(), 0u) << kind.kind;
  }
}

}  // namespace

}  // namespace outrider
