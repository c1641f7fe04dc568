// SPDX-License-Identifier: Apache-2.0
//
// Names of users and groups of real processes: in a mount namespace with a root of their own, in a
// user namespace, and behind a file system that never answers.
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "engine/engine.h"
#include "sensors/registry.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

constexpr uid_t kUser = 4321;

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  return !file.fail();
}

// In the child: `root` becomes a file system of its own with these names, and the root of all.
bool enter_container(const std::string& root) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", root.c_str(), "tmpfs", 0, nullptr) == 0 &&
         ::mkdir((root + "/etc").c_str(), 0755) == 0 &&
         ::mkdir((root + "/old").c_str(), 0755) == 0 &&
         write_file(
             root + "/etc/passwd",
             "root:x:0:0::/:/bin/sh\ninmate:x:4321:4321::/cell:/bin/dash\nseventh:x:7:7\n") &&
         write_file(root + "/etc/group", "inmates:x:4321:\nsevenths:x:7:\n") &&
         ::syscall(SYS_pivot_root, root.c_str(), (root + "/old").c_str()) == 0 &&
         ::chdir("/") == 0 && ::umount2("/old", MNT_DETACH) == 0;
}

bool become(uid_t user) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(user, user, user) == 0 &&
         ::setresuid(user, user, user) == 0;
}

// Where we are 7, and there is nobody else.
bool enter_user_namespace() {
  return ::unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", "7 0 1\n") && write_file("/proc/self/gid_map", "7 0 1\n");
}

struct Seen {
  std::uint64_t pid = 0;
  std::string path;
  std::string user;
  std::string group;
  std::string login;
};

class UsersTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    EngineOptions options;
    options.kinds = {find_kind("mkdir")};
    auto engine = Engine::start(options);
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    const auto added = engine_->add({.kinds = options.kinds, .deliver = [this](const Event& event) {
                                       seen_.push_back({.pid = event.header->pid,
                                                        .path = read(event, "fd.name"),
                                                        .user = read(event, "user.name"),
                                                        .group = read(event, "group.name"),
                                                        .login = read(event, "user.loginname")});
                                       return Outcome::kDelivered;
                                     }});
    ASSERT_TRUE(added);
  }

  static std::string read(const Event& event, std::string_view name) {
    const Value value = find_field(*event.descriptor, name)->read(event);
    if (value.kind == Value::Kind::kText) return std::string(value.text);
    return value.kind == Value::Kind::kUnknown ? "?" : "-";
  }

  // A child that does this, makes a directory called `name`, which need not succeed, and lives
  // until that has been read. Nothing if it could not do it.
  std::vector<Seen> run(const std::function<bool()>& act, const std::string& name) {
    seen_.clear();
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (!act()) ::_exit(1);
      ::mkdir(name.c_str(), 0755);
      while (true) ::pause();
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    std::vector<Seen> found;
    while (found.empty() && std::chrono::steady_clock::now() < deadline &&
           ::waitpid(child, nullptr, WNOHANG) == 0) {
      drain();
      for (const Seen& event : seen_) {
        if (event.path.ends_with(name)) found.push_back(event);
      }
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return found;
  }
  void drain() {
    const auto begin = std::chrono::steady_clock::now();
    engine_->drain();
    longest_ = std::max(longest_, std::chrono::steady_clock::now() - begin);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::unique_ptr<Engine> engine_;
  std::vector<Seen> seen_;
  std::chrono::nanoseconds longest_{};
  test::TemporaryDirectory root_;
};

TEST_F(UsersTest, AContainerHasItsOwnNames) {
  const auto seen =
      run([&] { return enter_container(root_.path()) && become(kUser); }, "/made-own");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].user, "inmate");
  EXPECT_EQ(seen[0].group, "inmates");
}

TEST_F(UsersTest, WhatHasGoneIsNotCalledByTheHostsNames) {
  const auto act = [&] {
    if (!enter_container(root_.path())) return false;
    // It lives a moment, and so does its parent; the container's first process stays.
    const pid_t parent = ::fork();
    if (parent == 0) {
      const pid_t child = ::fork();
      if (child == 0) {
        ::mkdir(become(kUser) ? "/made-gone" : "/made-failed", 0755);
        ::_exit(0);
      }
      ::waitpid(child, nullptr, 0);
      ::_exit(0);
    }
    ::waitpid(parent, nullptr, 0);
    // What is looked at first, of one who is here.
    ::mkdir("/made-here", 0755);
    return true;
  };
  const auto first = run(act, "/made-last");
  ASSERT_EQ(first.size(), 1u);
  std::string here;
  for (const Seen& event : seen_) {
    if (event.path == "/made-here") here = event.user;
  }
  EXPECT_EQ(here, "root");
  // Nobody had been seen of its view when this one came: it may be unknown, but not the host's.
  for (const Seen& event : seen_) {
    if (event.path == "/made-gone") {
      EXPECT_TRUE(event.user == "?" || event.user == "inmate") << event.user;
    }
  }
}

TEST_F(UsersTest, AShortLifeIsEnoughWhereTheContainerIsKnown) {
  const auto act = [&] {
    if (!enter_container(root_.path())) return false;
    ::mkdir("/made-here", 0755);
    ::usleep(200'000);
    const pid_t child = ::fork();
    if (child == 0) {
      ::mkdir(become(kUser) ? "/made-short" : "/made-failed", 0755);
      ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    return true;
  };
  ASSERT_EQ(run(act, "/made-last").size(), 1u);
  std::string name = "not seen";
  for (const Seen& event : seen_) {
    if (event.path == "/made-short") name = event.user;
  }
  EXPECT_EQ(name, "inmate");
}

TEST_F(UsersTest, IdsOfAUserNamespaceAreItsOwn) {
  const auto seen =
      run([&] { return enter_user_namespace() && enter_container(root_.path()); }, "/made-seventh");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].user, "seventh");
  EXPECT_EQ(seen[0].group, "sevenths");
}

TEST_F(UsersTest, AMountNamespaceAloneIsNoContainer) {
  const std::string name = root_ / "made";
  const auto seen = run([&] { return ::unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0; }, name);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].user, "root");
  EXPECT_EQ(seen[0].group, "root");
}

TEST_F(UsersTest, AFileSystemThatNeverAnswersHoldsNobodyUp) {
  const FileDescriptor fuse(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!fuse.valid()) GTEST_SKIP() << "there is no /dev/fuse";
  const auto seen = run(
      [&] {
        // Nobody reads what the kernel asks there.
        const std::string options =
            fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", fuse.get());
        return enter_container(root_.path()) &&
               ::mount("hangs", "/etc", "fuse", 0, options.c_str()) == 0;
      },
      "/made-hangs");
  if (seen.empty()) GTEST_SKIP() << "FUSE cannot be mounted here";
  // It may have been read before, while the container was being made.
  EXPECT_TRUE(seen[0].user == "?" || seen[0].user == "root") << seen[0].user;
  EXPECT_LT(longest_, std::chrono::milliseconds(500));
  // Nor is a thread of ours caught in it, which nobody could kill.
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream stack(task.path() / "wchan");
    std::string function;
    stack >> function;
    EXPECT_EQ(function.find("fuse"), std::string::npos) << function;
  }
}

}  // namespace
}  // namespace outrider
