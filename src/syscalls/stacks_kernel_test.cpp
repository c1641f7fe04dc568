// SPDX-License-Identifier: Apache-2.0
//
// Stacks of calls on the real kernel: a function of which we know where it is must be in them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "support/recorder.h"

// The function that is looked for has a section of its own; the linker says where that is.
extern "C" const char __start_outrider_stack_test[];  // NOLINT(bugprone-reserved-identifier)
extern "C" const char __stop_outrider_stack_test[];   // NOLINT(bugprone-reserved-identifier)

namespace outrider {
namespace {

constexpr std::uint32_t kUser = 1 << WIRE_STACK_USER;
constexpr std::uint32_t kKernel = 1 << WIRE_STACK_KERNEL;

// Keeps a call from becoming the last thing that a function does, which needs no frame.
#define NOT_THE_END() __asm__ volatile("" ::: "memory")

// The C library need not have frame pointers: of its caller there is a frame, but it hides the
// return address. So there is one function more between it and the one that is looked for.
[[gnu::noinline]] void make_call(long number, const char* path) {
  if (number == SYS_openat) {
    const long file = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) ::close(static_cast<int>(file));
  } else {
    const char* const arguments[] = {"x", nullptr};
    ::syscall(number, path, arguments, nullptr);
  }
  NOT_THE_END();
}

[[gnu::noinline, gnu::section("outrider_stack_test")]] void known_function(long number,
                                                                           const char* path) {
  make_call(number, path);
  NOT_THE_END();
}

[[gnu::noinline]] void deep_function(int depth) {  // NOLINT(misc-no-recursion)
  if (depth == 0) {
    known_function(SYS_openat, "/");
  } else {
    deep_function(depth - 1);
  }
  NOT_THE_END();
}

std::vector<std::uint64_t> frames_in(const Recorded& event, std::string_view field) {
  std::vector<std::uint64_t> frames;
  const auto found = event.find(field);
  if (found == event.end()) return frames;
  std::istringstream in(found->second);
  for (std::string frame; std::getline(in, frame, '|');) {
    EXPECT_TRUE(frame.starts_with("0x")) << frame;
    frames.push_back(std::strtoull(frame.c_str(), nullptr, 16));
  }
  return frames;
}

bool is_known(std::uint64_t address) {
  // A return address may be the first byte behind.
  return address > reinterpret_cast<std::uint64_t>(__start_outrider_stack_test) &&
         address <= reinterpret_cast<std::uint64_t>(__stop_outrider_stack_test);
}

bool is_of_kernel(std::uint64_t address) { return address >> 63 != 0; }

class Stacks : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(Stacks, AFunctionThatOpensAFileIsInTheStack) {
  Recorder recorder({"open"}, {}, "", kUser | kKernel);
  ASSERT_EQ(recorder.failed(), "");
  const pid_t pid = recorder.run([] {
    known_function(SYS_openat, "/nonexistent-stack");
    return 0;
  });
  const auto events = recorder.events(pid, "open");
  const auto event = std::ranges::find(events, "/nonexistent-stack",
                                       [](const Recorded& each) { return each.at("fd.name"); });
  ASSERT_NE(event, events.end());
  const auto user = frames_in(*event, "evt.stack.user");
  EXPECT_EQ(std::ranges::count_if(user, is_known), 1) << event->at("evt.stack.user");
  const auto kernel = frames_in(*event, "evt.stack.kernel");
  EXPECT_GT(kernel.size(), 1U);
  EXPECT_TRUE(std::ranges::all_of(kernel, is_of_kernel)) << event->at("evt.stack.kernel");
}

TEST_F(Stacks, OnlyThoseThatAreWantedAreThere) {
  for (const std::uint32_t wanted : {0U, kUser, kKernel}) {
    Recorder recorder({"open"}, {}, "", wanted);
    ASSERT_EQ(recorder.failed(), "");
    const pid_t pid = recorder.run([] {
      known_function(SYS_openat, "/");
      return 0;
    });
    const auto events = recorder.events(pid, "open");
    ASSERT_FALSE(events.empty());
    for (const Recorded& event : events) {
      EXPECT_EQ(event.contains("evt.stack.user"), (wanted & kUser) != 0);
      EXPECT_EQ(event.contains("evt.stack.kernel"), (wanted & kKernel) != 0);
    }
  }
}

TEST_F(Stacks, MoreFramesThanThereIsRoomForAreCut) {
  Recorder recorder({"open"}, {}, "", kUser | kKernel);
  ASSERT_EQ(recorder.failed(), "");
  const pid_t pid = recorder.run([] {
    deep_function(2 * WIRE_FRAMES_MAX);
    return 0;
  });
  const auto events = recorder.events(pid, "open");
  ASSERT_FALSE(events.empty());
  const auto frames = frames_in(events.back(), "evt.stack.user");
  EXPECT_EQ(frames.size(), std::size_t{WIRE_FRAMES_MAX});
  // The innermost are the ones that are there.
  EXPECT_EQ(std::ranges::count_if(frames, is_known), 1);
  ASSERT_TRUE(events.back().contains("cut"));
  EXPECT_EQ(events.back().at("cut"), "evt.stack.user ");
}

TEST_F(Stacks, ExecsHaveThemWhetherTheyFailOrNot) {
  Recorder recorder({"exec"}, {}, "", kUser | kKernel);
  ASSERT_EQ(recorder.failed(), "");
  const pid_t pid = recorder.run([] {
    known_function(SYS_execve, "/nonexistent-stack");
    known_function(SYS_execve, "/bin/true");
    return 1;
  });
  const auto events = recorder.events(pid, "exec");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].at("evt.res"), "ENOENT");
  const auto failed = frames_in(events[0], "evt.stack.user");
  EXPECT_EQ(std::ranges::count_if(failed, is_known), 1) << events[0].at("evt.stack.user");
  EXPECT_EQ(events[1].at("evt.res"), "SUCCESS");
  // The caller's memory is gone; what is there is where the new program begins.
  ASSERT_TRUE(events[1].contains("evt.stack.user"));
  EXPECT_TRUE(std::ranges::none_of(frames_in(events[1], "evt.stack.user"), is_known));
  for (const Recorded& event : events) {
    const auto kernel = frames_in(event, "evt.stack.kernel");
    EXPECT_GT(kernel.size(), 1U);
    EXPECT_TRUE(std::ranges::all_of(kernel, is_of_kernel));
  }
}

// Arguments that come in pieces, and a stack behind them.
TEST_F(Stacks, AnExecWithManyArgumentsKeepsThem) {
  Recorder recorder({"exec"}, {}, "", kUser | kKernel);
  ASSERT_EQ(recorder.failed(), "");
  const std::string argument(2 * WIRE_ARGUMENTS_INLINE, 'a');
  const pid_t pid = recorder.run([&] {
    ::execl("/bin/true", "true", argument.c_str(), static_cast<char*>(nullptr));
    return 1;
  });
  const auto events = recorder.events(pid, "exec");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].at("evt.arg.args"), "true|" + argument);
  EXPECT_FALSE(frames_in(events[0], "evt.stack.kernel").empty());
}

}  // namespace
}  // namespace outrider
