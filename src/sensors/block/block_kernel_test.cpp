// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "support/recorder.h"
#include "support/temporary_directory.h"

namespace outrider {

namespace {

constexpr std::size_t kBlock = 4096;
constexpr off_t kSize = 1 << 20;

// A disk that is a file, gone with it.
class LoopDevice {
 public:
  explicit LoopDevice(FileDescriptor backing) : backing_(std::move(backing)) {
    const FileDescriptor control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
    if (!control.valid() || !backing_.valid() || ::ftruncate(backing_.get(), kSize) != 0) return;
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return;
    name_ = fmt::format("loop{}", number);
    device_ = FileDescriptor(::open(path().c_str(), O_RDWR | O_CLOEXEC));
    if (device_.valid() && ::ioctl(device_.get(), LOOP_SET_FD, backing_.get()) == 0) bound_ = true;
  }
  ~LoopDevice() {
    if (bound_) ::ioctl(device_.get(), LOOP_CLR_FD, 0);
  }
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;

  [[nodiscard]] bool bound() const { return bound_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string path() const { return "/dev/" + name_; }
  [[nodiscard]] int backing() const { return backing_.get(); }
  [[nodiscard]] std::string number() const {
    struct stat status{};
    ::fstat(device_.get(), &status);
    return fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev));
  }

 private:
  FileDescriptor backing_;
  FileDescriptor device_;
  std::string name_;
  bool bound_ = false;
};

std::vector<Recorded> of_disk(const Recorder& recorder, const std::string& disk) {
  std::vector<Recorded> found;
  for (const Recorded& event : recorder.events()) {
    const auto name = event.find("evt.arg.disk");
    if (name != event.end() && name->second == disk) found.push_back(event);
  }
  return found;
}

std::vector<Recorded> of_operation(const std::vector<Recorded>& events,
                                   std::string_view operation) {
  std::vector<Recorded> found;
  std::ranges::copy_if(events, std::back_inserter(found),
                       [&](const Recorded& event) { return event.at("evt.arg.op") == operation; });
  return found;
}

class Block : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    disk_ = std::make_unique<LoopDevice>(
        FileDescriptor(::open((directory_ / "disk").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)));
    if (!disk_->bound()) GTEST_SKIP() << "needs a loop device";
  }

  test::TemporaryDirectory directory_;
  std::unique_ptr<LoopDevice> disk_;
};

TEST_F(Block, EveryField) {
  const std::string path = disk_->path();
  Recorder recorder({"block"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&path] {
    // Past the page cache, so that each call is a request.
    const FileDescriptor device(::open(path.c_str(), O_RDWR | O_DIRECT));
    void* memory = std::aligned_alloc(kBlock, 2 * kBlock);
    if (!device.valid() || memory == nullptr) return 1;
    if (::pwrite(device.get(), memory, 2 * kBlock, 3 * kBlock) != 2 * kBlock) return 2;
    if (::pread(device.get(), memory, kBlock, 4 * kBlock) != kBlock) return 3;
    std::uint64_t range[2] = {64 * kBlock, 16 * kBlock};
    if (::ioctl(device.get(), BLKDISCARD, range) != 0) return 4;
    if (::fsync(device.get()) != 0) return 5;
    std::free(memory);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  // Its completion may come after the child's end.
  const Account account = recorder.finish();
  const auto events = of_disk(recorder, disk_->name());

  const auto writes = of_operation(events, "write");
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].at("proc.pid"), std::to_string(child));
  EXPECT_EQ(writes[0].at("evt.res"), "SUCCESS");
  EXPECT_EQ(writes[0].at("evt.arg.dev"), disk_->number());
  EXPECT_EQ(writes[0].at("evt.arg.sector"), std::to_string(3 * kBlock / 512));
  EXPECT_EQ(writes[0].at("evt.arg.bytes"), std::to_string(2 * kBlock));
  EXPECT_GT(std::stoull(writes[0].at("evt.latency")), 0u);
  EXPECT_TRUE(writes[0]
                  .at("evt.info")
                  .starts_with(fmt::format("write {} at {} of {} in ", 2 * kBlock, 3 * kBlock / 512,
                                           disk_->name())))
      << writes[0].at("evt.info");

  const auto reads = of_operation(events, "read");
  const auto direct = std::ranges::find_if(reads, [&](const Recorded& event) {
    return event.at("evt.arg.sector") == std::to_string(4 * kBlock / 512);
  });
  ASSERT_NE(direct, reads.end());
  EXPECT_EQ(direct->at("proc.pid"), std::to_string(child));
  EXPECT_EQ(direct->at("evt.arg.bytes"), std::to_string(kBlock));
  EXPECT_EQ(direct->at("evt.failed"), "false");

  const auto discards = of_operation(events, "discard");
  ASSERT_EQ(discards.size(), 1u);
  EXPECT_EQ(discards[0].at("proc.pid"), std::to_string(child));
  EXPECT_EQ(discards[0].at("evt.arg.sector"), std::to_string(64 * kBlock / 512));
  EXPECT_EQ(discards[0].at("evt.arg.bytes"), std::to_string(16 * kBlock));

  // The kernel makes a request of its own of it, and may leave that to a thread of its own.
  const auto flushes = of_operation(events, "flush");
  ASSERT_EQ(flushes.size(), 1u);
  EXPECT_EQ(flushes[0].at("evt.arg.bytes"), "0");
  EXPECT_FALSE(flushes[0].contains("evt.arg.sector"));

  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
}

// A disk of memory that has been made smaller and may not grow again: writing behind its end fails.
TEST_F(Block, ARequestThatFails) {
  FileDescriptor memory(::memfd_create("disk", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  const LoopDevice disk(std::move(memory));
  ASSERT_TRUE(disk.bound());
  ASSERT_EQ(::ftruncate(disk.backing(), 8 * kBlock), 0);
  ASSERT_EQ(::fcntl(disk.backing(), F_ADD_SEALS, F_SEAL_GROW), 0);
  const std::string path = disk.path();
  Recorder recorder({"block"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&path] {
    const FileDescriptor device(::open(path.c_str(), O_RDWR | O_DIRECT));
    void* bytes = std::aligned_alloc(kBlock, kBlock);
    if (!device.valid() || bytes == nullptr) return 1;
    const ssize_t written = ::pwrite(device.get(), bytes, kBlock, 100 * kBlock);
    std::free(bytes);
    return written < 0 && errno == EIO ? 0 : 2;
  });
  ASSERT_EQ(recorder.status(), 0);
  const Account account = recorder.finish();
  const auto writes = of_operation(of_disk(recorder, disk.name()), "write");
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].at("proc.pid"), std::to_string(child));
  EXPECT_EQ(writes[0].at("evt.res"), "EIO");
  EXPECT_EQ(writes[0].at("evt.failed"), "true");
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

// Every request of the child, by its own count: also where many are under way at once.
TEST_F(Block, NoneIsMissing) {
  const std::string path = disk_->path();
  constexpr int kRequests = 2000;
  Recorder recorder({"block"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([&path] {
    const FileDescriptor device(::open(path.c_str(), O_RDWR | O_DIRECT));
    void* memory = std::aligned_alloc(kBlock, kBlock);
    if (!device.valid() || memory == nullptr) return 1;
    for (int i = 0; i < kRequests; ++i) {
      if (::pwrite(device.get(), memory, kBlock, (i % 256) * static_cast<off_t>(kBlock)) < 0) {
        return 2;
      }
    }
    std::free(memory);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const Account account = recorder.finish();
  const auto writes = of_operation(of_disk(recorder, disk_->name()), "write");
  ASSERT_EQ(account.kinds.size(), 1u);
  // Runs of the program that the kernel itself has skipped are told.
  EXPECT_LE(writes.size(), static_cast<std::size_t>(kRequests));
  EXPECT_GE(writes.size() + account.kinds[0].missed, static_cast<std::size_t>(kRequests));
  for (const Recorded& event : writes) EXPECT_EQ(event.at("proc.pid"), std::to_string(child));
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

}  // namespace

}  // namespace outrider
