// SPDX-License-Identifier: Apache-2.0
#include "base/beneath.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

// A root with a file, and things beside it that nobody beneath the root may reach.
class BeneathTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* directory : {"root", "root/etc", "root/etc/deep", "outside"}) {
      ASSERT_EQ(::mkdir((directory_ / directory).c_str(), 0755), 0);
    }
    write("root/etc/file", "inside");
    write("outside/file", "outside");
    write("root/large", std::string(100'000, 'x'));
    write("root/zeros", std::string("a\0b", 3));
    ASSERT_EQ(::mkfifo((directory_ / "root/fifo").c_str(), 0644), 0);
    link("file", "root/etc/link");
    link("/etc/file", "root/absolute");
    link("/etc/file", "root/etc/absolute");
    link("/../../../../../../outside/file", "root/above");
    link("../outside/file", "root/beside");
    link(directory_ / "outside/file", "root/host");
    link("etc/deep/..", "root/back");
    link("fifo", "root/to_fifo");
    link("round", "root/round");
    link("nowhere", "root/broken");
    link("/proc/self/root" + (directory_ / "outside"), "root/magic");
    root_ = FileDescriptor(::open((directory_ / "root").c_str(), O_PATH | O_CLOEXEC));
    ASSERT_TRUE(root_.valid());
    const FileDescriptor mountinfo(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
    mounts_ = std::make_unique<LocalMounts>(mountinfo.get());
    if (!mounts_->hold(root_.get())) GTEST_SKIP() << "/tmp is on no local file system";
  }

  void write(const char* name, const std::string& text) {
    std::ofstream(directory_ / name) << text;
  }
  void link(const std::string& target, const char* name) {
    ASSERT_EQ(::symlink(target.c_str(), (directory_ / name).c_str()), 0);
  }
  // What is in the file; "missing" or "refused".
  std::string read(std::string_view path, const LocalMounts* mounts) {
    const auto found = find_beneath(root_.get(), path, mounts);
    if (!found) return found.error() == NotRead::kMissing ? "missing" : "refused";
    const auto contents = read_found(*found, 1000);
    if (!contents) return "unread";
    return contents->cut ? "cut" : contents->text;
  }

  test::TemporaryDirectory directory_;
  FileDescriptor root_;
  std::unique_ptr<LocalMounts> mounts_;
};

TEST_F(BeneathTest, FollowsTheTable) {
  struct Case {
    std::string_view path;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"/etc/file", "inside"},
      {"etc/file", "inside"},
      {"//etc/.//deep/../file", "inside"},
      {"/etc/link", "inside"},
      {"/absolute", "inside"},
      {"/etc/absolute", "inside"},
      {"/back/file", "inside"},
      // Nothing leads out.
      {"/../../etc/file", "inside"},
      {"../outside/file", "missing"},
      {"/above", "missing"},
      {"/beside", "missing"},
      {"/host", "missing"},
      {"/magic/file", "missing"},
      // Nor is anything waited for.
      {"/fifo", "refused"},
      {"/to_fifo", "refused"},
      {"/etc", "refused"},
      {"/", "refused"},
      {"", "refused"},
      {"/round", "refused"},
      {"/broken", "missing"},
      {"/nowhere/file", "missing"},
      {"/etc/file/", "missing"},
      {"/etc/file/..", "missing"},
      {"/large", "cut"},
      {"/zeros", std::string_view("a\0b", 3)},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(read(c.path, mounts_.get()), c.expected) << c.path;
    EXPECT_EQ(read(c.path, nullptr), c.expected) << c.path << ", all trusted";
  }
  EXPECT_EQ(read("/" + std::string(300, 'x'), mounts_.get()), "missing");
  std::string deep = "/etc";
  for (int i = 0; i < 200; ++i) deep += "/deep/..";
  EXPECT_EQ(read(deep + "/file", mounts_.get()), "inside");
}

TEST_F(BeneathTest, DirectoriesMayNotBeTooManyAtATime) {
  std::string path = directory_ / "root";
  std::string inside;
  for (int i = 0; i < 70; ++i) {
    path += "/d";
    inside += "/d";
    ASSERT_EQ(::mkdir(path.c_str(), 0755), 0);
    if (i == 40) {
      std::ofstream(path + "/file") << "deep";
      EXPECT_EQ(read(inside + "/file", mounts_.get()), "deep");
    }
  }
  std::ofstream(path + "/file") << "deeper";
  EXPECT_EQ(read(inside + "/file", mounts_.get()), "refused");
}

TEST_F(BeneathTest, WhatTheKernelMakesUpIsNotRead) {
  const FileDescriptor machine(::open("/", O_PATH | O_CLOEXEC));
  if (!mounts_->hold(machine.get())) GTEST_SKIP() << "/ is on no local file system";
  // Files of /proc say that they are regular, and reading some takes away what they hold.
  const auto found = find_beneath(machine.get(), "/proc/version", mounts_.get());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), NotRead::kRefused);
  EXPECT_TRUE(find_beneath(machine.get(), "/proc/version", nullptr));
  const FileDescriptor proc(::open("/proc", O_PATH | O_CLOEXEC));
  EXPECT_FALSE(find_beneath(proc.get(), "version", mounts_.get()));
}

TEST_F(BeneathTest, TheVersionTellsOfChanges) {
  const auto version = [&] { return find_beneath(root_.get(), "/etc/file", nullptr)->version; };
  const FoundVersion before = version();
  EXPECT_EQ(before, version());
  EXPECT_EQ(before.size, 6u);
  write("root/etc/file", "longer than before");
  EXPECT_NE(before, version());
  // One that takes its place, of the same size.
  write("root/etc/new", "longer than before");
  const FoundVersion longer = version();
  ASSERT_EQ(::rename((directory_ / "root/etc/new").c_str(), (directory_ / "root/etc/file").c_str()),
            0);
  EXPECT_NE(longer, version());
}

TEST_F(BeneathTest, WhatWasFoundIsReadWhateverTakesItsPlace) {
  const auto found = find_beneath(root_.get(), "/etc/file", mounts_.get());
  ASSERT_TRUE(found);
  ASSERT_EQ(::unlink((directory_ / "root/etc/file").c_str()), 0);
  ASSERT_EQ(::mkfifo((directory_ / "root/etc/file").c_str(), 0644), 0);
  const auto contents = read_found(*found, 1000);
  ASSERT_TRUE(contents);
  EXPECT_EQ(contents->text, "inside");
  EXPECT_EQ(read("/etc/file", mounts_.get()), "refused");
}

TEST(LocalMounts, TakesTheTypesThatAreHereFromATable) {
  // Of no file: nothing holds.
  EXPECT_FALSE(LocalMounts(-1).hold(0));
  const FileDescriptor mountinfo(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  const LocalMounts mounts(mountinfo.get());
  const FileDescriptor proc(::open("/proc", O_PATH | O_CLOEXEC));
  EXPECT_FALSE(mounts.hold(proc.get()));
  EXPECT_FALSE(mounts.hold(-1));
}

}  // namespace
}  // namespace outrider
