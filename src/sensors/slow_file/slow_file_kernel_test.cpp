// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/file_descriptor.h"
#include "support/recorder.h"
#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {

namespace {

constexpr long kHeld = 80'000'000;  // ns

class SlowFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  test::TemporaryDirectory directory_;
};

// An open that waits until another process gives its lease up (fcntl(2), F_SETLEASE): slow on any
// file system. The others of the process are not.
TEST_F(SlowFiles, OnlyWhatIsSlow) {
  const std::string path = directory_ / "leased";
  const std::string ready = directory_ / "ready";
  const test::Child holder([&] {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGIO);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) != 0) return 1;
    const FileDescriptor told(::open(ready.c_str(), O_WRONLY | O_CREAT, 0600));
    int signal = 0;
    ::sigwait(&set, &signal);
    const timespec time{.tv_sec = 0, .tv_nsec = kHeld};
    ::nanosleep(&time, nullptr);
    ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
    ::pause();
    return 0;
  });
  ASSERT_TRUE(test::eventually([&] { return ::access(ready.c_str(), F_OK) == 0; },
                               std::chrono::seconds(20)));
  Recorder recorder({"fsslow"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&path] {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY));
    char byte;
    for (int i = 0; i < 100; ++i) {
      if (::pread(file.get(), &byte, 1, 0) < 0) return 1;
    }
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_FALSE(events.empty());
  std::size_t opens = 0;
  for (const Recorded& event : events) {
    // Whatever else was held up by a busy machine.
    EXPECT_GE(std::stoull(event.at("evt.latency")), 10'000'000u);
    if (event.at("evt.arg.op") != "openat" || event.at("fd.name") != path) continue;
    ++opens;
    EXPECT_GE(std::stoull(event.at("evt.latency")), static_cast<std::uint64_t>(kHeld));
    EXPECT_EQ(event.at("fd.realpath"), path);
    EXPECT_EQ(event.at("evt.res"), "SUCCESS");
    EXPECT_TRUE(event.at("evt.info").starts_with("openat took ")) << event.at("evt.info");
  }
  EXPECT_EQ(opens, 1u);
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_GE(account.kinds[0].filtered_kernel, 50u) << "decided in the kernel";
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
}

// With a bound of nothing, every call, and only those about files and directories.
TEST_F(SlowFiles, EveryField) {
  const std::string directory = directory_.path();
  const std::string path = directory_ / "file";
  Recorder recorder({"fsslow"}, {}, "evt.latency > 0");
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&] {
    const FileDescriptor where(::open(directory.c_str(), O_RDONLY | O_DIRECTORY));
    const FileDescriptor file(::openat(where.get(), "file", O_RDWR | O_CREAT, 0600));
    char bytes[512] = {};
    int ends[2];
    if (::write(file.get(), bytes, 10) != 10 || ::fsync(file.get()) != 0) return 1;
    if (::syscall(SYS_getdents64, where.get(), bytes, sizeof(bytes)) <= 0) return 2;
    if (::pipe(ends) != 0 || ::write(ends[1], bytes, 1) != 1) return 3;
    if (::unlink((directory + "/nothing").c_str()) == 0) return 4;
    if (::mkdirat(where.get(), "./new", 0700) != 0) return 5;
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  struct Expected {
    std::string_view operation;
    std::string name;
    std::string_view result;
    bool has_object;
  };
  const Expected expected[] = {
      {"openat", directory, "SUCCESS", true},
      {"openat", path, "SUCCESS", true},
      {"write", path, "SUCCESS", true},
      {"fsync", path, "SUCCESS", true},
      {"getdents64", directory, "SUCCESS", true},
      {"unlink", directory + "/nothing", "ENOENT", false},
      {"mkdirat", directory + "/new", "SUCCESS", false},
  };
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), std::size(expected)) << "and nothing of the pipe";
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Recorded& event = events[i];
    EXPECT_EQ(event.at("evt.arg.op"), expected[i].operation);
    EXPECT_EQ(event.at("fd.name"), expected[i].name) << i;
    EXPECT_EQ(event.at("evt.res"), expected[i].result) << i;
    EXPECT_EQ(event.contains("fd.realpath"), expected[i].has_object) << i;
    EXPECT_EQ(event.contains("fd.dev"), expected[i].has_object) << i;
  }
  EXPECT_EQ(events[2].at("fd.realpath"), path);
  EXPECT_EQ(events[2].at("fd.ino"), std::to_string(status.st_ino));
  const Account account = recorder.finish();
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

}  // namespace

}  // namespace outrider
