// SPDX-License-Identifier: Apache-2.0
//
// What the kernel says that processes use, against what it says elsewhere.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "engine/process_usage.h"
#include "support/subprocess.h"
#include "support/temporary_directory.h"

namespace outrider {
namespace {

void burn(std::chrono::milliseconds time) {
  timespec now{};
  do {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  } while (now.tv_sec * 1000 + now.tv_nsec / 1'000'000 < time.count());
}

std::uint64_t number_in(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    std::uint64_t number = 0;
    if (word == key && file >> number) return number;
  }
  return 0;
}

// A process that has done its work and waits, so that what it has used stands still.
class Worker {
 public:
  explicit Worker(const std::function<void()>& work)
      : done_(static_cast<std::atomic<int>*>(::mmap(nullptr, sizeof(std::atomic<int>),
                                                    PROT_READ | PROT_WRITE,
                                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
        child_([this, &work] {
          work();
          done_->store(1);
          while (true) ::pause();
          return 0;
        }) {
    test::eventually([this] { return done_->load() == 1; }, std::chrono::seconds(30));
    // It sleeps, too.
    test::eventually(
        [this] {
          std::ifstream file(fmt::format("/proc/{}/stat", child_.pid()));
          std::string pid, comm, state;
          return file >> pid >> comm >> state && state == "S";
        },
        std::chrono::seconds(30));
  }
  ~Worker() { ::munmap(done_, sizeof(*done_)); }
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

 private:
  std::atomic<int>* done_;
  test::Child child_;
};

class ProcessUsageTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    auto usage = ProcessUsage::load(find_cgroup_hierarchies());
    ASSERT_TRUE(usage) << usage.error().message;
    usage_ = std::move(*usage);
    ASSERT_TRUE(usage_->attach());
  }

  // By thread; those that have ended by their process.
  std::map<std::uint32_t, wire_usage> threads_of(pid_t pid) {
    std::map<std::uint32_t, wire_usage> threads;
    const auto taken = usage_->take([&](const wire_usage& usage) {
      if (usage.header.pid == static_cast<std::uint32_t>(pid)) threads[usage.header.tid] = usage;
    });
    EXPECT_TRUE(taken);
    return threads;
  }

  std::unique_ptr<ProcessUsage> usage_;
};

TEST_F(ProcessUsageTest, OfOneThatWaits) {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "file";
  const Worker worker([&path] {
    burn(std::chrono::milliseconds(30));
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT, 0600));
    const std::string bytes(1 << 20, 'x');
    if (::write(file.get(), bytes.data(), bytes.size()) < 0) ::_exit(1);
    // More than what CPUs may keep for themselves.
    auto* memory = static_cast<char*>(
        ::mmap(nullptr, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    std::memset(memory, 1, 16 << 20);
    // One that has ended counts, too.
    std::thread(burn, std::chrono::milliseconds(20)).join();
  });
  const auto threads = threads_of(worker.pid());
  ASSERT_EQ(threads.size(), 1u);
  const wire_usage& usage = threads.begin()->second;
  EXPECT_EQ(usage.ended, 0u);
  clockid_t clock{};
  ASSERT_EQ(::clock_getcpuclockid(worker.pid(), &clock), 0);
  timespec time{};
  ::clock_gettime(clock, &time);
  EXPECT_EQ(usage.runtime, static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
                               static_cast<std::uint64_t>(time.tv_nsec));
  EXPECT_GE(usage.runtime, 50'000'000u);
  const std::string io = fmt::format("/proc/{}/io", worker.pid());
  EXPECT_EQ(usage.read_bytes, number_in(io, "read_bytes:"));
  EXPECT_EQ(usage.written_bytes, number_in(io, "write_bytes:"));
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::ifstream(fmt::format("/proc/{}/statm", worker.pid())) >> size >> resident;
  // Each CPU may have some pages that are not in the sum yet.
  EXPECT_NEAR(static_cast<double>(usage.resident), static_cast<double>(resident), 1000);
  EXPECT_GE(usage.resident, (16u << 20) / static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 2);
  EXPECT_NE(usage.header.start_time, 0u);
  EXPECT_NE(usage.header.cgroup_id, 0u);
  // schedstat: time on the CPU, time in the queue, how often.
  std::uint64_t ran = 0;
  std::uint64_t waited = 0;
  std::ifstream(fmt::format("/proc/{}/schedstat", worker.pid())) >> ran >> waited;
  EXPECT_EQ(usage.wait, waited);
}

TEST_F(ProcessUsageTest, ThreadsAreListed) {
  const Worker worker([] {
    for (int i = 0; i < 3; ++i) {
      std::thread([] {
        while (true) ::pause();
      }).detach();
    }
  });
  EXPECT_EQ(threads_of(worker.pid()).size(), 4u);
}

// Not a tick long, and gone before anybody looks.
TEST_F(ProcessUsageTest, OfOneThatHasGone) {
  const pid_t child = ::fork();
  if (child == 0) {
    burn(std::chrono::milliseconds(3));
    std::thread(burn, std::chrono::milliseconds(2)).join();
    ::_exit(0);
  }
  rusage resources{};
  ASSERT_EQ(::wait4(child, nullptr, 0, &resources), child);
  std::optional<wire_usage> usage;
  // The kernel lets go of it some time later.
  ASSERT_TRUE(test::eventually(
      [&] {
        const auto threads = threads_of(child);
        if (!threads.empty() && threads.begin()->second.ended != 0) {
          usage = threads.begin()->second;
        }
        return usage.has_value();
      },
      std::chrono::seconds(20)));
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  const double used = microseconds(resources.ru_utime) + microseconds(resources.ru_stime);
  EXPECT_GE(static_cast<double>(usage->runtime) / 1e3, 5000);
  // What it used after its parent was told is in the sum as well.
  EXPECT_GE(static_cast<double>(usage->runtime) / 1e3, used - 2);
  EXPECT_NE(usage->header.start_time, 0u);
  EXPECT_EQ(usage->resident, 0u);
  EXPECT_EQ(usage_->lost(), 0u);
}

}  // namespace
}  // namespace outrider
