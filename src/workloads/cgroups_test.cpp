// SPDX-License-Identifier: Apache-2.0
#include "workloads/cgroups.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace outrider {
namespace {

// Tells the table of a cgroup as the kernel does.
void tell(CgroupTable& table, std::uint64_t id, std::string_view path,
          wire_string_state state = WIRE_STRING_WHOLE) {
  std::vector<std::uint64_t> words((sizeof(wire_cgroup) + path.size() + 7) / 8);
  auto* made = reinterpret_cast<wire_cgroup*>(words.data());
  made->id = id;
  made->path.length = static_cast<wire_u16>(path.size());
  made->path.state = static_cast<wire_u8>(state);
  std::memcpy(made + 1, path.data(), path.size());
  table.apply_made(*made);
}

bool knows(CgroupTable& table, std::uint64_t id) { return table.path_of(id).data() != nullptr; }

std::string mount_point_in(std::string_view mountinfo) {
  test::TemporaryDirectory directory;
  std::ofstream(directory / "mountinfo") << mountinfo;
  return CgroupTable(directory / "mountinfo").hierarchies().unified;
}

TEST(Cgroups, FindsTheUnifiedHierarchy) {
  struct Case {
    std::string_view mountinfo;
    std::string_view mount_point;
  };
  constexpr Case kCases[] = {
      {"", ""},
      // systemd's unified layout, after other mounts.
      {"22 27 0:20 / /proc rw,nosuid shared:5 - proc proc rw\n"
       "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n",
       "/sys/fs/cgroup"},
      // Hybrid: the controllers in the first version, the unified hierarchy beside them.
      {"30 23 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
       "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
       "32 30 0:28 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw\n",
       "/sys/fs/cgroup/unified"},
      // The first version only.
      {"31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n", ""},
      // No optional fields, several of them, and no newline at the end.
      {"32 30 0:28 / /a rw - cgroup2 none rw", "/a"},
      {"32 30 0:28 / /b rw shared:1 master:2 - cgroup2 none rw\n", "/b"},
      // proc(5): blanks in names are octal.
      {"32 30 0:28 / /my\\040groups\\134x rw - cgroup2 none rw\n", "/my groups\\x"},
      {"32 30 0:28 / /odd\\0 rw - cgroup2 none rw\n", "/odd\\0"},
  };
  for (const Case& c : kCases) EXPECT_EQ(mount_point_in(c.mountinfo), c.mount_point);
  EXPECT_EQ(CgroupTable("/nonexistent").hierarchies().unified, "");
}

TEST(Cgroups, KnowsWhatTheKernelTold) {
  CgroupTable table("/nonexistent");
  EXPECT_FALSE(knows(table, 11));
  tell(table, 11, "/a.slice");
  tell(table, 12, "/a.slice/b.scope");
  EXPECT_EQ(table.path_of(11), "/a.slice") << "also after it was asked for in vain";
  EXPECT_EQ(table.path_of(12), "/a.slice/b.scope");
  EXPECT_EQ(table.path_of(11), "/a.slice");
  EXPECT_FALSE(knows(table, 13));
  EXPECT_EQ(table.path_of(11), "/a.slice");
  EXPECT_EQ(table.path_of(11), "/a.slice");
  EXPECT_FALSE(knows(table, 13));
}

TEST(Cgroups, TheLastWordCounts) {
  CgroupTable table("/nonexistent");
  tell(table, 11, "/first");
  EXPECT_EQ(table.path_of(11), "/first");
  tell(table, 11, "/second");
  EXPECT_EQ(table.path_of(11), "/second");
}

TEST(Cgroups, HalfAPathIsNoPath) {
  for (const auto state : {WIRE_STRING_MISSING, WIRE_STRING_CUT, WIRE_STRING_FAULTED}) {
    CgroupTable table("/nonexistent");
    tell(table, 11, "/a.sl", state);
    EXPECT_FALSE(knows(table, 11)) << state;
  }
}

TEST(Cgroups, ForgetsAllRatherThanGrowForEver) {
  CgroupTable table("/nonexistent");
  constexpr std::uint64_t kMany = 100'000;
  for (std::uint64_t id = 11; id < 11 + kMany; ++id) tell(table, id, "/a");
  EXPECT_TRUE(knows(table, 11));
  tell(table, 11 + kMany, "/b");
  EXPECT_FALSE(knows(table, 11));
  EXPECT_EQ(table.path_of(11 + kMany), "/b");
}

// With version 1 only there is nothing to ask for those that are in no cgroup.
TEST(Cgroups, RootsAreKnownWithoutAMount) {
  CgroupTable table("/nonexistent");
  EXPECT_EQ(table.path_of(1), "/");
  EXPECT_EQ(table.path_of(1 | std::uint64_t{1} << WIRE_CGROUP_V1_BIT), "/");
}

// A file system that is no cgroup's does not make up names.
TEST(Cgroups, HandlesOfOtherFileSystemsAreUnknown) {
  test::TemporaryDirectory directory;
  std::ofstream(directory / "mountinfo")
      << "32 30 0:28 / " << directory.path() << " rw - cgroup2 none rw\n";
  CgroupTable table(directory / "mountinfo");
  ASSERT_EQ(table.hierarchies().unified, directory.path());
  struct stat status{};
  ASSERT_EQ(::stat((directory / "mountinfo").c_str(), &status), 0);
  EXPECT_FALSE(knows(table, status.st_ino));
  EXPECT_FALSE(knows(table, 0));
}

TEST(Cgroups, AsksTheKernelForThoseThatWereThereBefore) {
  CgroupTable table;
  if (table.hierarchies().unified.empty()) GTEST_SKIP() << "no unified hierarchy is mounted here";
  struct stat root{};
  ASSERT_EQ(::stat(table.hierarchies().unified.c_str(), &root), 0);
  if (!knows(table, root.st_ino)) GTEST_SKIP() << "file handles may not be opened here";
  EXPECT_EQ(table.path_of(root.st_ino), "/");

  std::ifstream cgroups("/proc/self/cgroup");
  std::string line;
  while (std::getline(cgroups, line)) {
    if (!line.starts_with("0::")) continue;
    const std::string path = line.substr(3);
    struct stat own{};
    if (::stat((table.hierarchies().unified + path).c_str(), &own) != 0) continue;
    EXPECT_EQ(table.path_of(own.st_ino), path);
  }
}

}  // namespace
}  // namespace outrider
