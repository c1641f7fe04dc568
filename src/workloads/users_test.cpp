// SPDX-License-Identifier: Apache-2.0
#include "workloads/users.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "support/child_with_root.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

using test::ChildWithRoot;
using test::TemporaryDirectory;

constexpr std::uint32_t kNobodysPid = 0x7ffffff0;

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

wire_header header_with(std::uint32_t pid, const std::string& root) {
  wire_header header{};
  header.pid = header.tid = pid;
  header.start_time = 1;
  header.uid = ::geteuid();
  header.gid = ::getegid();
  header.mount_namespace = static_cast<std::uint32_t>(inode_of("/proc/self/ns/mnt"));
  header.root_inode = inode_of(root);
  return header;
}

void write_names(const std::string& root, const std::string& passwd, const std::string& group) {
  ::mkdir((root + "/etc").c_str(), 0755);
  std::ofstream(root + "/etc/passwd") << passwd;
  std::ofstream(root + "/etc/group") << group;
}

// "name:home:shell", "-" or "?".
std::string shown(const UserTable::Name& name) {
  switch (name.answer) {
    case UserTable::Answer::kUnknown:
      return "?";
    case UserTable::Answer::kNone:
      return "-";
    case UserTable::Answer::kFound:
      break;
  }
  std::string text(name.name);
  if (!name.home.empty()) text.append(":").append(name.home).append(":").append(name.shell);
  return text;
}

std::string line_of(const std::string& name, unsigned id, const std::string& rest = "") {
  return name + ":x:" + std::to_string(id) + ":" + rest + "\n";
}

class UserTableTest : public testing::Test {
 protected:
  void SetUp() override {
    write_names(host_.path(),
                line_of("hostess", ::geteuid(), "0::/home/hostess:/bin/zsh") + line_of("guest", 99),
                line_of("hosts", ::getegid()));
    write_names(root_.path(),
                line_of("inmate", ::geteuid(), "0::/cell:/bin/dash") + line_of("seventh", 7),
                line_of("inmates", ::getegid()) + line_of("sevenths", 7));
    const FileDescriptor mountinfo(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    const FileDescriptor root(::open(root_.path().c_str(), O_PATH | O_CLOEXEC));
    if (!LocalMounts(mountinfo.get()).hold(root.get())) {
      GTEST_SKIP() << "/tmp is on no local file system";
    }
  }

  // As if this were the host's root. Slow machines get more patience.
  UserTable::Options options() const {
    return {.host_root = host_.path(),
            .patience = std::chrono::seconds(5),
            .patience_in_a_second = std::chrono::seconds(5)};
  }

  TemporaryDirectory host_;
  TemporaryDirectory root_;
};

TEST_F(UserTableTest, TheHostsProcessesHaveTheHostsNames) {
  UserTable users(options());
  wire_header header = header_with(kNobodysPid, host_.path());
  EXPECT_EQ(shown(users.user(header)), "hostess:/home/hostess:/bin/zsh");
  EXPECT_EQ(shown(users.group(header)), "hosts");
  header.uid = header.gid = 54321;
  EXPECT_EQ(shown(users.user(header)), "-");
  EXPECT_EQ(shown(users.group(header)), "-");
  EXPECT_EQ(shown(users.host_user(99)), "guest");
  EXPECT_EQ(shown(users.host_user(7)), "-");
}

TEST_F(UserTableTest, ContainersHaveTheirOwn) {
  ChildWithRoot child(root_.path(), {.inside_uid = static_cast<int>(::geteuid())});
  if (!child.ready()) GTEST_SKIP() << "no process with a root of its own can be made here";
  UserTable users(options());
  wire_header header = header_with(child.pid(), root_.path());
  EXPECT_EQ(shown(users.user(header)), "inmate:/cell:/bin/dash");
  EXPECT_EQ(shown(users.group(header)), "inmates");
  EXPECT_EQ(shown(users.host_user(99)), "guest");
  // One that has no id in the user namespace.
  header.uid = header.gid = ::geteuid() + 1;
  EXPECT_EQ(shown(users.user(header)), "?");
  EXPECT_EQ(shown(users.group(header)), "?");
}

TEST_F(UserTableTest, IdsAreThoseOfTheUserNamespace) {
  ChildWithRoot child(root_.path(), {.inside_uid = 7});
  if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
  UserTable users(options());
  const wire_header header = header_with(child.pid(), root_.path());
  EXPECT_EQ(shown(users.user(header)), "seventh");
  EXPECT_EQ(shown(users.group(header)), "sevenths");
}

TEST_F(UserTableTest, WhoHasTheHostsRootHasTheHostsNames) {
  // In a user namespace of its own: the ids are the machine's all the same.
  ChildWithRoot child(host_.path(), {.inside_uid = 7});
  if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
  UserTable users(options());
  EXPECT_EQ(shown(users.user(header_with(child.pid(), host_.path()))),
            "hostess:/home/hostess:/bin/zsh");
}

TEST_F(UserTableTest, ThoseThatHaveGoneHaveTheNamesOfTheirView) {
  ChildWithRoot child(root_.path(), {.inside_uid = 7});
  if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
  UserTable users(options());
  const wire_header gone = header_with(kNobodysPid, root_.path());
  EXPECT_EQ(shown(users.user(gone)), "?") << "nobody seen yet";
  wire_header orphan = header_with(kNobodysPid + 1, root_.path());
  orphan.ppid = child.pid();
  EXPECT_EQ(shown(users.user(orphan)), "seventh") << "its parent lives";
  child.end();
  EXPECT_EQ(shown(users.user(orphan)), "seventh") << "looked at before";
  const wire_header another = header_with(kNobodysPid + 2, root_.path());
  EXPECT_EQ(shown(users.user(another)), "seventh") << "of the same view";
  // At its end a process has no namespaces; it is who it was.
  orphan.mount_namespace = 0;
  EXPECT_EQ(shown(users.user(orphan)), "seventh");
  wire_header stranger = another;
  stranger.pid = kNobodysPid + 3;
  stranger.mount_namespace = 0;
  EXPECT_EQ(shown(users.user(stranger)), "?");
}

TEST_F(UserTableTest, ChangesAreSeenWhenItLooksAgain) {
  ChildWithRoot child(root_.path(), {.inside_uid = 7});
  if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
  UserTable::Options often = options();
  often.interval = {};
  UserTable users(often);
  UserTable once(options());
  const wire_header header = header_with(child.pid(), root_.path());
  const wire_header host = header_with(kNobodysPid, host_.path());
  EXPECT_EQ(shown(users.user(header)), "seventh");
  EXPECT_EQ(shown(once.user(header)), "seventh");
  EXPECT_EQ(shown(users.user(host)), "hostess:/home/hostess:/bin/zsh");
  write_names(root_.path(), line_of("renamed", 7), "");
  write_names(host_.path(), line_of("renamed", ::geteuid()), "");
  EXPECT_EQ(shown(users.user(host)), "renamed");
  // Nobody waits for a second answer.
  std::string name;
  for (int i = 0; i < 500 && name != "renamed"; ++i) {
    ::usleep(10'000);
    name = shown(users.user(header));
  }
  EXPECT_EQ(name, "renamed");
  EXPECT_EQ(shown(users.group(header)), "-");
}

// What may stand where the files should be. A user of the host is in none of the answers.
TEST_F(UserTableTest, HostileFilesAreHarmless) {
  const std::string passwd = root_ / "etc/passwd";
  ASSERT_EQ(::mkdir((root_ / "home").c_str(), 0755), 0);
  const auto link = [&](const std::string& target) {
    return [&passwd, target] { EXPECT_EQ(::symlink(target.c_str(), passwd.c_str()), 0); };
  };
  struct Case {
    std::string_view name;
    std::function<void()> make;
    std::string_view expected;
  };
  const Case cases[] = {
      {"nothing", [] {}, "-"},
      {"a link above the root", link("/../../.." + (host_ / "etc/passwd")), "-"},
      {"a link to the host's by name", link(host_ / "etc/passwd"), "-"},
      {"a relative link above the root", link("../../../../" + (host_ / "etc/passwd")), "-"},
      {"a magic link", link("/proc/1/root" + (host_ / "etc/passwd")), "-"},
      {"a link to itself", link("passwd"), "?"},
      {"a link within the root", link("../other"), "other"},
      {"a FIFO", [&] { EXPECT_EQ(::mkfifo(passwd.c_str(), 0644), 0); }, "?"},
      {"a directory", [&] { EXPECT_EQ(::mkdir(passwd.c_str(), 0755), 0); }, "?"},
      {"zeros", [&] { std::ofstream(passwd) << std::string(5000, '\0'); }, "-"},
      {"a huge file",
       [&] {
         std::ofstream(passwd) << "a:x:5\n";
         EXPECT_EQ(::truncate(passwd.c_str(), std::int64_t{1} << 40), 0);
       },
       "?"},
      {"a file that is its own user's alone",
       [&] {
         std::ofstream(passwd) << line_of("private", 7);
         EXPECT_EQ(::chmod(passwd.c_str(), 0600), 0);
       },
       "private"},
  };
  std::ofstream(root_ / "other") << line_of("other", 7);
  for (const Case& c : cases) {
    ::unlink(passwd.c_str());
    ::rmdir(passwd.c_str());
    c.make();
    ChildWithRoot child(root_.path(), {.inside_uid = 7});
    if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
    UserTable users(options());
    EXPECT_EQ(shown(users.user(header_with(child.pid(), root_.path()))), c.expected) << c.name;
  }
}

TEST_F(UserTableTest, WhatManyContainersSayIsNotAllKept) {
  constexpr std::size_t kContainers = 24;
  std::string large;
  while (large.size() < (1u << 20)) large += "user:x:" + std::to_string(large.size()) + "\n";
  std::deque<TemporaryDirectory> roots;
  UserTable users(options());
  for (std::size_t i = 0; i < kContainers; ++i) {
    const TemporaryDirectory& root = roots.emplace_back();
    write_names(root.path(), line_of("seventh", 7) + large, "");
    ChildWithRoot child(root.path(), {.inside_uid = 7});
    if (!child.ready()) GTEST_SKIP() << "no user namespace can be made here";
    EXPECT_EQ(shown(users.user(header_with(child.pid(), root.path()))), "seventh");
  }
  EXPECT_LT(users.views(), kContainers);
  EXPECT_GT(users.views(), 2u);
}

}  // namespace
}  // namespace outrider
