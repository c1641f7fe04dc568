// SPDX-License-Identifier: Apache-2.0
#include "workloads/path_lookup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <string>

#include "support/child_with_root.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

wire_header header_with(std::uint32_t pid, std::uint64_t root_inode) {
  wire_header header{};
  header.pid = header.tid = pid;
  header.mount_namespace = static_cast<std::uint32_t>(inode_of("/proc/self/ns/mnt"));
  header.root_inode = root_inode;
  return header;
}

// Where links lead: see SetUp().
class PathLookupTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir((root_ / "folder").c_str(), 0755), 0);
    std::ofstream(root_ / "folder/file") << "x";
    ASSERT_EQ(::symlink("file", (root_ / "folder/link").c_str()), 0);
    ASSERT_EQ(::symlink("folder", (root_ / "folder_link").c_str()), 0);
    ASSERT_EQ(::symlink("/folder/file", (root_ / "absolute").c_str()), 0);
    ASSERT_EQ(::symlink("nowhere", (root_ / "broken").c_str()), 0);

    // Whoever follows a link may have to write down when; a lookup that does not wait cannot, and
    // leaves it to the call that it is made for. Here no call has been before it.
    timespec times[2]{};
    ASSERT_EQ(::clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec += 3600;
    times[1].tv_nsec = UTIME_OMIT;
    for (const char* link : {"folder/link", "folder_link", "absolute", "broken"}) {
      ASSERT_EQ(::utimensat(AT_FDCWD, (root_ / link).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
    }

    // The lookup takes only what is cached; file systems may refuse to say so.
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_CACHED;
    const auto found =
        ::syscall(SYS_openat2, AT_FDCWD, (root_ / "folder_link/link").c_str(), &how, sizeof(how));
    if (found < 0) GTEST_SKIP() << "openat2 with RESOLVE_CACHED does not work on /tmp";
    ::close(static_cast<int>(found));
  }

  test::TemporaryDirectory root_;
};

TEST_F(PathLookupTest, FollowsTheTable) {
  enum End { kFollowed, kNotFollowed, kTaken };
  struct Case {
    std::string_view path;
    End end;
    std::string_view expected;  // "" for nothing
  };
  constexpr Case kCases[] = {
      {"/folder/file", kFollowed, "/folder/file"},
      {"/folder/file", kNotFollowed, "/folder/file"},
      {"/folder/../folder/./file", kFollowed, "/folder/file"},
      {"//folder//file", kFollowed, "/folder/file"},
      {"/folder/", kFollowed, "/folder"},
      // A link at the end, and on the way.
      {"/folder/link", kFollowed, "/folder/file"},
      {"/folder/link", kNotFollowed, "/folder/link"},
      {"/folder/link", kTaken, "/folder/link"},
      {"/folder_link/file", kFollowed, "/folder/file"},
      {"/folder_link/file", kNotFollowed, "/folder/file"},
      {"/folder_link/link", kTaken, "/folder/link"},
      {"/folder_link", kNotFollowed, "/folder_link"},
      {"/broken", kFollowed, ""},
      {"/broken", kNotFollowed, "/broken"},
      // Names that are not there, or not any more.
      {"/folder/new", kFollowed, ""},
      {"/folder/new", kTaken, "/folder/new"},
      {"/folder/new/", kTaken, "/folder/new"},
      {"/folder_link/new", kTaken, "/folder/new"},
      {"/nowhere/new", kTaken, ""},
      {"/folder/file/new", kTaken, ""},
      // These are no names.
      {"/folder/.", kTaken, ""},
      {"/folder/..", kTaken, ""},
  };
  PathLookup lookup;
  const wire_header self = header_with(static_cast<std::uint32_t>(::getpid()), inode_of("/"));
  for (const Case& c : kCases) {
    const auto found =
        lookup.find(self, root_.path() + std::string(c.path), c.end == kTaken, c.end == kFollowed);
    EXPECT_EQ(found.has_value(), !c.expected.empty()) << c.path << ' ' << c.end;
    if (found) {
      EXPECT_EQ(*found, root_.path() + std::string(c.expected)) << c.path << ' ' << c.end;
    }
  }
}

TEST_F(PathLookupTest, TheRootHasNoNameOfItsOwn) {
  PathLookup lookup;
  const wire_header self = header_with(static_cast<std::uint32_t>(::getpid()), inode_of("/"));
  EXPECT_EQ(lookup.find(self, "/", false, true), "/");
  EXPECT_EQ(lookup.find(self, "///", false, true), "/");
  EXPECT_EQ(lookup.find(self, "/..", false, true), "/");
  EXPECT_EQ(lookup.find(self, "/", true, false), std::nullopt);
  EXPECT_EQ(lookup.find(self, "/outrider-test-new", true, false), "/outrider-test-new");
  EXPECT_EQ(lookup.find(self, "", false, true), std::nullopt);
  EXPECT_EQ(lookup.find(self, "", true, true), std::nullopt);
  EXPECT_EQ(lookup.find(self, "x", true, true), std::nullopt);
}

TEST_F(PathLookupTest, MagicLinksAreNotFollowed) {
  PathLookup lookup;
  const wire_header self = header_with(static_cast<std::uint32_t>(::getpid()), inode_of("/"));
  const std::string magic = "/proc/" + std::to_string(::getpid()) + "/root";
  EXPECT_EQ(lookup.find(self, magic + root_.path(), false, true), std::nullopt);
}

TEST_F(PathLookupTest, WhatIsNotKnownIsNotGuessed) {
  PathLookup lookup;
  const std::string path = root_ / "folder/file";
  wire_header header = header_with(0x7ffffff0, inode_of("/"));
  header.mount_namespace = 0;
  EXPECT_EQ(lookup.find(header, path, false, true), std::nullopt) << "unknown mount namespace";
  header = header_with(0x7ffffff0, inode_of("/"));
  header.mount_namespace += 1;
  EXPECT_EQ(lookup.find(header, path, false, true), std::nullopt) << "another, of nobody";
  header = header_with(0x7ffffff0, inode_of(root_.path()));
  EXPECT_EQ(lookup.find(header, path, false, true), std::nullopt) << "another root, of nobody";
  // This process lives, but has another root than its record says.
  header = header_with(static_cast<std::uint32_t>(::getpid()), inode_of(root_.path()));
  EXPECT_EQ(lookup.find(header, path, false, true), std::nullopt) << "not the root of the pid";
  // A process that has gone, with the root that we have, too.
  header = header_with(0x7ffffff0, inode_of("/"));
  EXPECT_EQ(lookup.find(header, path, false, true), path);
}

TEST_F(PathLookupTest, PathsAreSeenFromTheRootOfTheProcess) {
  test::ChildWithRoot child(root_.path());
  if (!child.ready()) GTEST_SKIP() << "no process with a root of its own can be made here";
  PathLookup lookup;
  wire_header header = header_with(child.pid(), inode_of(root_.path()));
  EXPECT_EQ(lookup.find(header, "/folder/file", false, true), "/folder/file");
  EXPECT_EQ(lookup.find(header, "/folder_link/new", true, false), "/folder/new");
  EXPECT_EQ(lookup.find(header, "/new", true, false), "/new");
  EXPECT_EQ(lookup.find(header, "/", false, true), "/");
  // Links and ".." stay below it.
  EXPECT_EQ(lookup.find(header, "/absolute", false, true), "/folder/file");
  EXPECT_EQ(lookup.find(header, "/../../folder", false, true), "/folder");
  EXPECT_EQ(lookup.find(header, root_ / "folder", false, true), std::nullopt);
}

TEST_F(PathLookupTest, OthersWithTheSameRootStandInForThoseThatHaveGone) {
  test::ChildWithRoot child(root_.path());
  if (!child.ready()) GTEST_SKIP() << "no process with a root of its own can be made here";
  const std::uint64_t root_inode = inode_of(root_.path());
  const wire_header gone = header_with(0x7ffffff0, root_inode);
  {
    PathLookup lookup;
    EXPECT_EQ(lookup.find(gone, "/folder", false, true), std::nullopt) << "nobody seen yet";
    wire_header orphan = gone;
    orphan.ppid = child.pid();
    EXPECT_EQ(lookup.find(orphan, "/folder", false, true), "/folder") << "its parent lives";
    EXPECT_EQ(lookup.find(gone, "/folder", false, true), "/folder") << "that was seen";
  }
  PathLookup lookup;
  EXPECT_EQ(lookup.find(header_with(child.pid(), root_inode), "/folder", false, true), "/folder");
  EXPECT_EQ(lookup.find(gone, "/folder", false, true), "/folder");
  child.end();
  EXPECT_EQ(lookup.find(gone, "/folder", false, true), std::nullopt) << "the last one has gone";
}

}  // namespace
}  // namespace outrider
