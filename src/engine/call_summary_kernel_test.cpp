// SPDX-License-Identifier: Apache-2.0
//
// The summary of system calls against the generator's own counts.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <deque>
#include <fstream>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "bpf/features.h"
#include "engine/call_summary.h"
#include "support/subprocess.h"
#include "syscalls/call_sums.h"

namespace outrider {
namespace {

using Generator = test::WaitingChild;

constexpr int kGetppid = 1000;
constexpr int kMissing = 77;
constexpr long kPause = 2'000'000;  // ns

void call_getppid(int times) {
  for (int i = 0; i < times; ++i) ::syscall(SYS_getppid);
}

void open_missing(int times) {
  for (int i = 0; i < times; ++i) ::syscall(SYS_openat, AT_FDCWD, "/no/such/file", O_RDONLY);
}

void sleep_so_often(int times) {
  for (int i = 0; i < times; ++i) {
    const timespec time{.tv_sec = 0, .tv_nsec = kPause};
    ::syscall(SYS_nanosleep, &time, nullptr);
  }
}

// Until it waits: before, it may not even have returned from the fork.
void wait_until_it_waits(const Generator& generator) {
  ASSERT_TRUE(test::eventually(
      [&] {
        std::ifstream file(fmt::format("/proc/{}/syscall", generator.pid()));
        long number = -1;
        return file >> number && number == SYS_read;
      },
      std::chrono::seconds(30)));
}

class CallSummaryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  static wire_call_summary of_threads() {
    wire_call_summary options{};
    options.of_threads = 1;
    options.errors = 1;
    return options;
  }

  void load(const wire_call_summary& options) {
    options_ = options;
    auto loaded = CallSummary::load(options, find_cgroup_hierarchies());
    ASSERT_TRUE(loaded) << loaded.error().message;
    summary_ = std::move(*loaded);
    EXPECT_EQ(summary_->refused(), "");
  }

  void take() {
    summary_->take([this](const auto& key, const auto& sum) { add(key, sum); });
  }
  void add(const wire_call_key& key, const wire_call_sum& sum) {
    std::array<char, 17> comm{};
    std::memcpy(comm.data(), key.comm, sizeof(key.comm));
    CallKey row{.pid = key.pid, .tid = key.tid, .comm = comm.data(), .call = key.call};
    if (key.abi == WIRE_ABI_32) row.abi = WIRE_ABI_32;
    cgroups_.insert(key.cgroup);
    sums_.add(row, key, sum, options_.errors != 0);
  }

  // Lets the generators work and adds up what they do; looks at the kernel's sums all the time, or
  // only at the end.
  void run(std::deque<Generator>& generators, bool often = false) {
    for (const Generator& generator : generators) wait_until_it_waits(generator);
    ASSERT_TRUE(summary_->attach());
    if (options_.of_threads != 0) {
      for (const Generator& generator : generators) {
        ASSERT_TRUE(summary_->add_process(generator.pid()));
      }
    }
    for (Generator& generator : generators) generator.begin();
    std::atomic<bool> done = false;
    std::thread waiter([&] {
      for (Generator& generator : generators) generator.wait();
      done = true;
    });
    while (!done) {
      if (often) take();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    waiter.join();
    finish();
  }
  void run(const wire_call_summary& options, const std::function<void()>& work) {
    load(options);
    if (HasFatalFailure()) return;
    std::deque<Generator> generators;
    generators.emplace_back(work);
    pid_ = static_cast<std::uint32_t>(generators.front().pid());
    run(generators);
  }

  void finish() {
    summary_->finish([this](const auto& key, const auto& sum) { add(key, sum); });
    const CallAccount account = summary_->account();
    EXPECT_EQ(account.difference(), 0U);
    EXPECT_EQ(account.no_room, 0U);
    EXPECT_EQ(account.unfollowed, 0U);
    missed_ = account.missed;
    if (!tracepoints_may_be_preempted(KernelTypes())) {
      EXPECT_EQ(missed_, 0U);
    }
    EXPECT_EQ(sums_.total().calls, account.taken);
  }

  // Of so many calls each is there, but where programs may be preempted: the kernel skips runs of
  // them, and says how many. With that of a thread's making all of its calls are missing.
  void expect_calls(std::uint64_t calls, std::uint64_t made) const {
    if (missed_ == 0) {
      EXPECT_EQ(calls, made);
    } else {
      EXPECT_LE(calls, made);
    }
  }

  // All rows of a call together.
  CallRow row(long call, wire_abi abi = WIRE_ABI_64,
              const std::function<bool(const CallKey&)>& wanted = nullptr) const {
    CallRow all;
    for (const auto& [key, row] : sums_.rows(CallOrder::kTotal)) {
      if (key->call == call && key->abi == abi && (!wanted || wanted(*key))) all.add(*row);
    }
    return all;
  }
  std::uint64_t unfinished(long call) const {
    std::uint64_t count = 0;
    summary_->for_each_unfinished([&](const wire_call_key& key) { count += key.call == call; });
    return count;
  }

  wire_call_summary options_{};
  std::unique_ptr<CallSummary> summary_;
  CallSums sums_;
  std::uint64_t missed_ = 0;  // runs of programs that the kernel has skipped
  std::set<std::uint64_t> cgroups_;
  std::uint32_t pid_ = 0;
};

TEST_F(CallSummaryTest, CountsErrorsAndTimesAreTrue) {
  run(of_threads(), [] {
    call_getppid(kGetppid);
    open_missing(kMissing);
    sleep_so_often(5);
  });
  EXPECT_EQ(row(SYS_getppid).calls, std::uint64_t{kGetppid});
  EXPECT_EQ(row(SYS_getppid).errors, 0U);
  EXPECT_EQ(row(SYS_openat).errors, std::uint64_t{kMissing});
  EXPECT_EQ(row(SYS_openat).by_error, (std::map<std::uint16_t, std::uint64_t>{{ENOENT, kMissing}}));
  const CallRow sleeps = row(SYS_nanosleep);
  EXPECT_EQ(sleeps.calls, 5U);
  EXPECT_GE(sleeps.percentile(0.5), std::uint64_t{kPause});
  EXPECT_GE(sleeps.time, 5 * std::uint64_t{kPause});
  EXPECT_LE(sleeps.longest, sleeps.time);
  EXPECT_GE(sleeps.longest, sleeps.time / 5);
  // It waited when we came; and nobody returns from its end.
  EXPECT_EQ(row(SYS_read).calls, 1U);
  EXPECT_EQ(row(SYS_read).untimed, 1U);
  EXPECT_EQ(row(SYS_exit_group).endless, 1U);
  EXPECT_EQ(summary_->threads(), 0U);
}

TEST_F(CallSummaryTest, WithoutTheirNamesErrorsAreOnlyCounted) {
  wire_call_summary options = of_threads();
  options.errors = 0;
  run(options, [] { open_missing(kMissing); });
  EXPECT_EQ(row(SYS_openat).errors, std::uint64_t{kMissing});
  EXPECT_TRUE(row(SYS_openat).by_error.empty());
}

TEST_F(CallSummaryTest, AllThreads) {
  wire_call_summary options = of_threads();
  options.by_thread = 1;
  run(options, [] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([] {
        ::prctl(PR_SET_NAME, "of-eight");
        call_getppid(100);
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  expect_calls(row(SYS_getppid).calls, 800);
  std::set<std::uint32_t> tids;
  for (const auto& [key, row] : sums_.rows(CallOrder::kTotal)) {
    EXPECT_EQ(key->pid, pid_);
    if (key->call != SYS_getppid) continue;
    tids.insert(key->tid);
    EXPECT_EQ(key->comm, "of-eight");
    expect_calls(row->calls, 100);
  }
  expect_calls(tids.size(), 8);
  // The return of a new thread is nobody's call.
  expect_calls(row(SYS_clone).calls + row(SYS_clone3).calls, 8);
  EXPECT_EQ(row(SYS_clone).untimed + row(SYS_clone3).untimed, 0U);
}

void fork_and_call() {
  call_getppid(3);
  const auto child = static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  if (child == 0) {
    call_getppid(50);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST_F(CallSummaryTest, WhatAProcessStartsIfThatIsAskedFor) {
  run(of_threads(), fork_and_call);
  EXPECT_EQ(row(SYS_getppid).calls, 3U);
  EXPECT_EQ(row(SYS_clone).calls, 1U);
}

TEST_F(CallSummaryTest, ChildrenAreFollowed) {
  wire_call_summary options = of_threads();
  options.follow = 1;
  options.by_process = 1;
  run(options, fork_and_call);
  const auto own = [this](const CallKey& key) { return key.pid == pid_; };
  EXPECT_EQ(row(SYS_getppid).calls, 53U);
  EXPECT_EQ(row(SYS_getppid, WIRE_ABI_64, own).calls, 3U);
  EXPECT_EQ(row(SYS_clone).calls, 1U);
  EXPECT_EQ(row(SYS_clone).untimed, 0U);
  EXPECT_EQ(row(SYS_exit_group).endless, 2U);
  EXPECT_EQ(summary_->threads(), 0U);
}

// It takes the number of the first thread in the middle of the call.
TEST_F(CallSummaryTest, ExecOfAThreadThatIsNotTheFirst) {
  run(of_threads(), [] { std::thread([] { ::execl("/bin/true", "true", nullptr); }).join(); });
  EXPECT_EQ(row(SYS_execve).calls, 1U);
  EXPECT_EQ(row(SYS_execve).untimed, 0U);
  EXPECT_GT(row(SYS_execve).time, 0U);
  EXPECT_GT(row(SYS_brk).calls, 0U);  // of the new program
  EXPECT_EQ(row(SYS_exit_group).endless, 1U);
  EXPECT_EQ(summary_->threads(), 0U);
}

#if defined(__x86_64__)
TEST_F(CallSummaryTest, CallsOf32BitsHaveTheirOwnNumbers) {
  constexpr int kGetpid32 = 20;
  run(of_threads(), [] {
    for (int i = 0; i < 9; ++i) {
      long result = kGetpid32;
      asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
      if (result != ::getpid()) ::_exit(1);
    }
  });
  EXPECT_EQ(row(kGetpid32, WIRE_ABI_32).calls, 9U);
  EXPECT_EQ(row(kGetpid32, WIRE_ABI_64).calls, 0U);  // writev
}
#endif

TEST_F(CallSummaryTest, WhatIsUnderWayAtTheEndIsUnfinished) {
  load(of_threads());
  ASSERT_FALSE(HasFatalFailure());
  Generator generator([] { ::pause(); });
  wait_until_it_waits(generator);
  ASSERT_TRUE(summary_->attach());
  ASSERT_TRUE(summary_->add_process(generator.pid()));
  generator.begin();
  ASSERT_TRUE(
      test::eventually([&] { return unfinished(SYS_pause) == 1; }, std::chrono::seconds(30)));
  finish();
  EXPECT_EQ(unfinished(SYS_pause), 1U);
  EXPECT_EQ(row(SYS_pause).calls, 0U);
  EXPECT_EQ(summary_->threads(), 1U);
}

// It shows at the end although nothing of it was seen.
TEST_F(CallSummaryTest, WhatWasUnderWayAllTheTime) {
  load(of_threads());
  ASSERT_FALSE(HasFatalFailure());
  Generator generator([] {});
  wait_until_it_waits(generator);
  ASSERT_TRUE(summary_->attach());
  ASSERT_TRUE(summary_->add_process(generator.pid()));
  finish();
  EXPECT_EQ(unfinished(SYS_read), 1U);
  EXPECT_TRUE(sums_.empty());
}

// As a command is begun: what it does before is not its own.
TEST_F(CallSummaryTest, WhoWaitsIsCountedFromItsExecveOn) {
  load(of_threads());
  ASSERT_FALSE(HasFatalFailure());
  std::deque<Generator> generators;
  generators.emplace_back([] {
    call_getppid(5);
    ::execl("/bin/true", "true", nullptr);
  });
  const pid_t waiting = generators.front().pid();
  ASSERT_TRUE(summary_->add_thread(waiting, waiting, WIRE_CALL_WAITS));
  run(generators);
  EXPECT_EQ(row(SYS_getppid).calls, 0U);
  EXPECT_EQ(row(SYS_execve).calls, 1U);
  EXPECT_EQ(sums_.total().untimed, 0U);
}

TEST_F(CallSummaryTest, AProcessThatIsNotThere) {
  load(of_threads());
  ASSERT_FALSE(HasFatalFailure());
  ASSERT_TRUE(summary_->attach());
  const auto added = summary_->add_process(0x7fffffff);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ExitCode::kBadInput);
  EXPECT_EQ(summary_->threads(), 0U);
}

TEST_F(CallSummaryTest, EverythingButItself) {
  wire_call_summary options{};
  options.by_process = 1;
  run(options, [] {
    ::prctl(PR_SET_NAME, "everything");
    call_getppid(kGetppid);
    fork_and_call();
  });
  const auto of_generator = [this](const CallKey& key) { return key.pid == pid_; };
  EXPECT_EQ(row(SYS_getppid, WIRE_ABI_64, of_generator).calls, std::uint64_t{kGetppid + 3});
  EXPECT_EQ(row(SYS_clone, WIRE_ABI_64, of_generator).untimed, 0U);
  std::uint64_t of_child = 0;
  for (const auto& [key, row] : sums_.rows(CallOrder::kTotal)) {
    EXPECT_NE(key->pid, static_cast<std::uint32_t>(::getpid()));
    if (key->comm != "everything" || key->pid == pid_) continue;
    if (key->call == SYS_sigaltstack) continue;  // of a sanitizer's runtime
    of_child += row->calls;
    EXPECT_EQ(row->untimed, 0U) << key->call;  // its return from clone is none
  }
  EXPECT_EQ(of_child, 51U);  // and its exit
}

TEST_F(CallSummaryTest, CgroupsThatAreUnwanted) {
  wire_call_summary options = of_threads();
  options.by_cgroup = 1;
  options.of_cgroups = 1;
  // What nobody has said anything of passes.
  run(options, [] { call_getppid(10); });
  EXPECT_EQ(row(SYS_getppid).calls, 10U);
  ASSERT_EQ(cgroups_.size(), 1U);
  sums_.clear();
  for (const bool wanted : {false, true}) {
    load(options);
    ASSERT_FALSE(HasFatalFailure());
    summary_->tell_cgroup(*cgroups_.begin(), wanted);
    std::deque<Generator> generators;
    generators.emplace_back([] { call_getppid(10); });
    run(generators);
    EXPECT_EQ(row(SYS_getppid).calls, wanted ? 10U : 0U);
    EXPECT_EQ(sums_.empty(), !wanted);
  }
}

// While the sums are taken away again and again.
TEST_F(CallSummaryTest, NoneIsLostOrCountedTwice) {
  constexpr int kCalls = 100'000;
  load(of_threads());
  ASSERT_FALSE(HasFatalFailure());
  std::deque<Generator> generators;
  for (int i = 0; i < 3; ++i) generators.emplace_back([] { call_getppid(kCalls); });
  run(generators, /*often=*/true);
  expect_calls(row(SYS_getppid).calls, std::uint64_t{3 * kCalls});
}

}  // namespace
}  // namespace outrider
