// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/host_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/host_directory.h"

namespace outrider {
namespace {

constexpr std::size_t kMax = 1000;

TEST(HostFiles, ReadsWhatIsThere) {
  const test::HostDirectory host;
  host.write("/a/b", "text");
  host.write("/a/empty", "");
  const HostFiles files(host.path());
  const auto file = files.read("/a/b", kMax);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->text, "text");
  EXPECT_EQ(file->owner, ::getuid());
  EXPECT_EQ(files.root_user(), ::getuid());
  EXPECT_EQ(files.look_at("/a/b")->version, file->version);
  EXPECT_EQ(files.read("/a/empty", kMax)->text, "");
  EXPECT_FALSE(files.read("/a/c", kMax));
  EXPECT_FALSE(files.read("/a/b/c", kMax));
  EXPECT_FALSE(files.read("a/b", kMax));
  EXPECT_FALSE(files.read("", kMax));
  EXPECT_FALSE(files.read("/a", kMax));
}

TEST(HostFiles, NotMoreThanItMay) {
  const test::HostDirectory host;
  host.write("/a", std::string(10, 'x'));
  const HostFiles files(host.path());
  EXPECT_TRUE(files.read("/a", 10));
  EXPECT_FALSE(files.read("/a", 9));
  // Its size is 0 until it is read.
  EXPECT_TRUE(HostFiles("").read("/proc/self/status", 100'000));
  EXPECT_FALSE(HostFiles("").read("/proc/self/status", 10));
}

TEST(HostFiles, WaitsForNoFifo) {
  const test::HostDirectory host;
  ASSERT_EQ(::mkfifo(host.at("/fifo").c_str(), 0600), 0);
  EXPECT_FALSE(HostFiles(host.path()).read("/fifo", kMax));
  EXPECT_FALSE(HostFiles(host.path()).look_at("/fifo"));
  EXPECT_FALSE(HostFiles("").read("/dev/zero", kMax));
}

TEST(HostFiles, LinksDoNotLeadOut) {
  const test::HostDirectory host;
  const test::HostDirectory outside;
  outside.write("/secret", "s");
  host.write("/in/file", "f");
  ASSERT_EQ(::symlink((outside.path() + "/secret").c_str(), host.at("/out").c_str()), 0);
  ASSERT_EQ(::symlink("file", host.at("/in/last").c_str()), 0);
  ASSERT_EQ(::symlink("/in", host.at("/directory").c_str()), 0);
  ASSERT_EQ(::symlink(outside.path().c_str(), host.at("/away").c_str()), 0);
  const HostFiles files(host.path());
  EXPECT_FALSE(files.read("/out", kMax));
  EXPECT_FALSE(files.read("/away/secret", kMax));
  EXPECT_FALSE(files.read("/../.." + outside.path() + "/secret", kMax));
  EXPECT_FALSE(files.read("/in/last", kMax)) << "no link at the end, wherever it leads";
  EXPECT_TRUE(files.read("/directory/file", kMax)) << "as /var/run is";
  EXPECT_FALSE(HostFiles("").read("/proc/self/root" + outside.path() + "/secret", kMax));
  EXPECT_FALSE(HostFiles("/nonexistent").read("/etc/passwd", kMax));
}

TEST(HostFiles, ListsDirectories) {
  const test::HostDirectory host;
  for (const char* name : {"/d/a", "/d/b", "/d/c"}) host.write(name, "");
  const HostFiles files(host.path());
  std::vector<std::string> names = files.list("/d", 10);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(files.list("/d", 2).size(), 2u);
  EXPECT_TRUE(files.list("/none", 10).empty());
  EXPECT_TRUE(files.list("/d/a", 10).empty());
  const auto version = files.version_of_directory("/d");
  ASSERT_TRUE(version);
  host.remove("/d/a");
  EXPECT_NE(files.version_of_directory("/d"), version);
  EXPECT_FALSE(files.version_of_directory("/none"));
}

}  // namespace
}  // namespace outrider
