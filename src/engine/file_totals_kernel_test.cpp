// SPDX-License-Identifier: Apache-2.0
//
// The totals of files against the generator's own counts.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "base/arena.h"
#include "base/file_descriptor.h"
#include "engine/file_totals.h"
#include "events/decode.h"
#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

// What the kernel has told of one process, by inode.
struct Told {
  std::map<std::uint64_t, wire_file_sum> sums;
  std::map<std::uint64_t, std::string> paths;
  std::map<std::uint64_t, std::string> comms;

  void take(FileTotals& totals, pid_t pid, bool at_end) {
    const auto sum_up = [&](const wire_file_key& key, const wire_file_sum& sum) {
      if (key.pid != static_cast<std::uint32_t>(pid)) return;
      wire_file_sum& whole = sums[key.inode];
      whole.reads += sum.reads;
      whole.writes += sum.writes;
      whole.read_bytes += sum.read_bytes;
      whole.written_bytes += sum.written_bytes;
      whole.errors += sum.errors;
    };
    const auto name = [&](const wire_file& file) {
      if (file.header.pid != static_cast<std::uint32_t>(pid)) return;
      Arena arena;
      paths[file.inode] = path_of(file, WIRE_FILE_OBJECT, arena).text;
      comms[file.inode] = file.header.comm;
    };
    at_end ? totals.finish(sum_up, name) : totals.take(sum_up, name);
  }
};

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

class FileTotalsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
  void start(FileTotals::Options options = {}) {
    auto totals = FileTotals::load(options);
    ASSERT_TRUE(totals) << totals.error().message;
    totals_ = std::move(*totals);
    ASSERT_TRUE(totals_->attach());
  }
  void expect_equation() const {
    const FileAccount account = totals_->account();
    EXPECT_EQ(account.difference(), 0u);
    EXPECT_EQ(account.no_room, 0u);
    EXPECT_EQ(account.missed, 0u);
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<FileTotals> totals_;
};

TEST_F(FileTotalsTest, EveryCall) {
  const std::string from = directory_ / "from";
  const std::string to = directory_ / "to";
  test::WaitingChild generator([&] {
    const FileDescriptor a(::open(from.c_str(), O_RDWR | O_CREAT, 0600));
    const FileDescriptor b(::open(to.c_str(), O_WRONLY | O_CREAT, 0600));
    const FileDescriptor only(::open(from.c_str(), O_RDONLY));
    char bytes[64] = "all that there is in this file, as many bytes as there is room";
    iovec two[2] = {{bytes, 10}, {bytes, 20}};
    bool good = ::write(a.get(), bytes, 50) == 50 && ::pwrite(a.get(), bytes, 7, 50) == 7 &&
                ::writev(a.get(), two, 2) == 30 && ::pwritev(a.get(), two, 2, 80) == 30 &&
                ::pwritev2(a.get(), two, 1, 110, 0) == 10;
    good = good && ::pread(a.get(), bytes, 3, 0) == 3 && ::preadv(a.get(), two, 2, 0) == 30 &&
           ::preadv2(a.get(), two, 1, 0, 0) == 10 && ::lseek(a.get(), 0, SEEK_SET) == 0 &&
           ::read(a.get(), bytes, 60) == 60 && ::readv(a.get(), two, 2) == 30 &&
           ::lseek(a.get(), 0, SEEK_END) == 120 && ::read(a.get(), bytes, 60) == 0;
    // A descriptor that may only be read; one that there is not.
    good = good && ::write(only.get(), bytes, 5) < 0 && ::read(999, bytes, 5) < 0;
    off_t start = 0;
    good = good && ::sendfile(b.get(), a.get(), &start, 40) == 40;
    off_t again = 0;
    good = good && ::copy_file_range(a.get(), &again, b.get(), nullptr, 25, 0) == 25;
    // Neither a file nor a disk.
    int ends[2];
    good = good && ::pipe(ends) == 0 && ::write(ends[1], bytes, 9) == 9 &&
           ::read(ends[0], bytes, 9) == 9;
    if (!good) ::_exit(1);
  });
  start();
  generator.begin();
  generator.wait();
  Told told;
  told.take(*totals_, generator.pid(), /*at_end=*/true);

  const wire_file_sum a = told.sums[inode_of(from)];
  EXPECT_EQ(a.writes, 5u);
  EXPECT_EQ(a.written_bytes, 50u + 7 + 30 + 30 + 10);
  EXPECT_EQ(a.reads, 6u + 2);
  EXPECT_EQ(a.read_bytes, 3u + 30 + 10 + 60 + 30 + 0 + 40 + 25);
  EXPECT_EQ(a.errors, 1u);
  const wire_file_sum b = told.sums[inode_of(to)];
  EXPECT_EQ(b.writes, 2u);
  EXPECT_EQ(b.written_bytes, 40u + 25);
  EXPECT_EQ(b.reads, 0u);
  EXPECT_EQ(told.paths[inode_of(from)], from);
  EXPECT_EQ(told.paths[inode_of(to)], to);
  EXPECT_FALSE(told.comms[inode_of(to)].empty());
  EXPECT_EQ(told.sums.size(), 2u) << "no pipe";
  expect_equation();
}

TEST_F(FileTotalsTest, AllKindsOfFiles) {
  test::WaitingChild generator([] {
    int ends[2];
    char bytes[8] = {};
    if (::pipe(ends) != 0 || ::write(ends[1], bytes, 8) != 8) ::_exit(1);
  });
  start({.all = true});
  generator.begin();
  generator.wait();
  Told told;
  told.take(*totals_, generator.pid(), /*at_end=*/true);
  bool found = false;
  for (const auto& [inode, sum] : told.sums) {
    // A pipe's name is empty in the kernel.
    found |= sum.writes == 1 && sum.written_bytes == 8 && told.paths.at(inode).empty();
  }
  EXPECT_TRUE(found);
  expect_equation();
}

// Taken again and again while they are written: nothing is lost, nothing counted twice.
TEST_F(FileTotalsTest, ExactWhileTheyAreTaken) {
  constexpr int kWrites = 60'000;
  const std::string path = directory_ / "busy";
  test::WaitingChild generator([&path] {
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    const char bytes[16] = {};
    for (int i = 0; i < kWrites; ++i) {
      if (::pwrite(file.get(), bytes, static_cast<std::size_t>(i % 16) + 1, 0) < 0) ::_exit(1);
    }
  });
  start();
  Told told;
  generator.begin();
  for (int i = 0; i < 30; ++i) {
    told.take(*totals_, generator.pid(), /*at_end=*/false);
    ::usleep(2000);
  }
  generator.wait();
  told.take(*totals_, generator.pid(), /*at_end=*/true);
  const wire_file_sum sum = told.sums[inode_of(path)];
  EXPECT_EQ(sum.writes, std::uint64_t{kWrites});
  EXPECT_EQ(sum.written_bytes, std::uint64_t{kWrites} / 16 * 136);
  EXPECT_EQ(sum.reads, 0u);
  EXPECT_EQ(told.paths[inode_of(path)], path);
  expect_equation();
}

}  // namespace
}  // namespace outrider
