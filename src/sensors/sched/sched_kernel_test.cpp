// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>

#include "support/recorder.h"

namespace outrider {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMillisecond = 1'000'000;  // ns

bool stay_on_one_cpu() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  return ::sched_setaffinity(0, sizeof(one), &one) == 0;
}

void work_for(std::chrono::milliseconds time) {
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
  }
}

std::uint64_t number(const Recorded& event, const char* field) {
  return std::stoull(event.at(field));
}

std::vector<Recorded> with_reason(const std::vector<Recorded>& events, std::string_view reason) {
  std::vector<Recorded> found;
  std::ranges::copy_if(events, std::back_inserter(found),
                       [&](const Recorded& event) { return event.at("evt.arg.reason") == reason; });
  return found;
}

TEST(Sched, SleepingAndItsTimes) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"sched"});
  ASSERT_EQ(recorder.failed(), "");
  constexpr int kSleep = 50;  // ms
  const pid_t child = recorder.run([] {
    if (!stay_on_one_cpu()) return 1;
    for (int i = 0; i < 3; ++i) ::poll(nullptr, 0, kSleep);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  const auto slept = with_reason(events, "sleeping");
  int long_ones = 0;
  for (const Recorded& event : slept) {
    EXPECT_EQ(event.at("thread.tid"), std::to_string(child));
    EXPECT_GE(number(event, "evt.arg.offcpu"), number(event, "evt.latency"));
    // It slept that long, and could not run before it was woken.
    if (number(event, "evt.arg.offcpu") - number(event, "evt.latency") >=
        kSleep * kMillisecond - kMillisecond) {
      ++long_ones;
      EXPECT_EQ(event.at("evt.cpu"), "0");
      EXPECT_NE(event.at("evt.arg.previous"), std::to_string(child));
      EXPECT_TRUE(event.at("evt.info").ends_with("(sleeping)"));
    }
  }
  EXPECT_EQ(long_ones, 3);
  // The child itself began once.
  const auto begun = with_reason(events, "new");
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_FALSE(begun[0].contains("evt.arg.offcpu"));
  EXPECT_NE(begun[0].at("evt.latency"), "?");

  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

// By the kernel's own count of how often it took the CPU from the thread.
TEST(Sched, AsManyAsTheKernelCounts) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"sched"});
  ASSERT_EQ(recorder.failed(), "");
  auto* counted = static_cast<long*>(
      ::mmap(nullptr, sizeof(long) * 2, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(counted, MAP_FAILED);
  recorder.run([counted] {
    const pid_t sleeper = ::fork();
    if (sleeper == 0) {
      for (int i = 0; i < 200; ++i) ::poll(nullptr, 0, 1);
      ::_exit(0);
    }
    rusage usage{};
    if (::wait4(sleeper, nullptr, 0, &usage) != sleeper) return 1;
    counted[0] = sleeper;
    counted[1] = usage.ru_nvcsw + usage.ru_nivcsw;
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(static_cast<pid_t>(counted[0]));
  // It was put on a CPU once before it was taken from one, and taken once more when it was dead;
  // the kernel also counts a switch to itself, of which there are some on a busy machine.
  EXPECT_GE(counted[1], 100);
  const auto switches = static_cast<double>(counted[1]);
  EXPECT_LE(static_cast<double>(events.size()), switches + 2);
  EXPECT_GE(static_cast<double>(events.size()), 0.8 * switches);
  ::munmap(counted, sizeof(long) * 2);
}

// Two that want the same CPU take turns: who waits is preempted, and its time off the CPU is all
// in the queue.
TEST(Sched, PreemptedByAnother) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"sched"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    if (!stay_on_one_cpu()) return 1;
    const pid_t other = ::fork();
    work_for(std::chrono::milliseconds(200));
    if (other == 0) ::_exit(0);
    ::waitpid(other, nullptr, 0);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto preempted = with_reason(recorder.events(child), "preempted");
  ASSERT_FALSE(preempted.empty());
  for (const Recorded& event : preempted) {
    EXPECT_EQ(event.at("evt.arg.offcpu"), event.at("evt.latency"));
  }
}

TEST(Sched, Stopped) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"sched"});
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    const pid_t stopped = ::fork();
    if (stopped == 0) {
      ::raise(SIGSTOP);
      ::_exit(0);
    }
    // The kernel says so a little before it has left its CPU.
    ::waitpid(stopped, nullptr, WUNTRACED);
    ::poll(nullptr, 0, 50);
    ::kill(stopped, SIGCONT);
    ::waitpid(stopped, nullptr, 0);
    return 0;
  });
  EXPECT_FALSE(with_reason(recorder.events(), "stopped").empty());
}

// The kernel leaves out what waited for less, before anything is sent; and other processes.
TEST(Sched, TheKernelDecides) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"sched"}, {}, "evt.latency > 1h");
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    for (int i = 0; i < 100; ++i) ::poll(nullptr, 0, 1);
    return 0;
  });
  EXPECT_EQ(recorder.events().size(), 0u);
  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_GE(account.kinds[0].filtered_kernel, 50u);
  // Of some it is not known how long they waited: those that had begun to before we looked.
  EXPECT_LT(account.kinds[0].filtered_agent, account.kinds[0].seen / 2);
}

TEST(Sched, OfOneThread) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string where = fmt::format("proc.pid != {} and thread.tid = 1", ::getpid());
  Recorder recorder({"sched"}, {}, where);
  ASSERT_EQ(recorder.failed(), "");
  recorder.run([] {
    ::poll(nullptr, 0, 10);
    return 0;
  });
  for (const Recorded& event : recorder.events()) EXPECT_EQ(event.at("thread.tid"), "1");
  const Account account = recorder.finish();
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_GT(account.kinds[0].filtered_kernel, 0u);
  EXPECT_EQ(account.kinds[0].filtered_agent, 0u);
}

}  // namespace

}  // namespace outrider
