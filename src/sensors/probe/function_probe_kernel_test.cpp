// SPDX-License-Identifier: Apache-2.0
//
// Probes at functions of the kernel, by whichever way this one lets them be watched.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "sensors/probe/function_probe.h"
#include "support/recorder.h"

namespace outrider {

namespace {

const std::initializer_list<std::string_view> kReturns = {"evt.res", "evt.latency"};

// fs/open.c, since Linux 5.6: long do_sys_openat2(int dfd, const char __user *filename, ...)
constexpr std::string_view kFunction = "fn:do_sys_openat2";
const char kPath[] = "/nonexistent/probe";

int open_missing() {
  // In memory that has been touched: what is not there the kernel does not fetch.
  char path[sizeof(kPath)];
  std::ranges::copy(kPath, path);
  for (int i = 0; i < 10; ++i) std::ignore = ::openat(AT_FDCWD, path, O_RDONLY);
  return 0;
}

std::vector<Recorded> of_path(const std::vector<Recorded>& events) {
  std::vector<Recorded> found;
  std::ranges::copy_if(events, std::back_inserter(found), [](const Recorded& event) {
    const auto name = event.find("evt.arg.filename");
    return name != event.end() && name->second == kPath;
  });
  return found;
}

bool is_refused(const Recorder& recorder) {
  // Seen on 5.10, where BTF has the function; why is not known yet.
  if (recorder.failed().find("attach a program to it: No such file") != std::string::npos) {
    return true;
  }
  // What its verifier says of our programs is no reason not to have these.
  return recorder.failed().find("does not let it be watched") != std::string::npos &&
         recorder.failed().find("load the kernel programs") == std::string::npos;
}

TEST(FunctionProbes, CallsAndWhatTheyReturn) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  for (const bool returns : {false, true}) {
    Recorder recorder({kFunction}, {}, {}, 1U << WIRE_STACK_KERNEL,
                      returns ? kReturns : std::initializer_list<std::string_view>{});
    if (is_refused(recorder)) GTEST_SKIP() << recorder.failed();
    ASSERT_EQ(recorder.failed(), "");
    const pid_t child = recorder.run(open_missing);
    const auto events = of_path(recorder.events(child));
    ASSERT_EQ(events.size(), 10u) << returns;
    EXPECT_EQ(events[3].at("evt.arg.dfd"), "-100");
    // On its stack: from 0xff on where the kernel has five levels of page tables
    // (Documentation/arch/x86/x86_64/mm.rst).
    EXPECT_TRUE(events[3].at("evt.arg.how").starts_with("0xff")) << events[3].at("evt.arg.how");
    EXPECT_TRUE(events[3].at("evt.stack.kernel").starts_with("0xffff"));
    EXPECT_EQ(events[3].contains("evt.res"), returns);
    if (returns) {
      EXPECT_EQ(events[3].at("evt.res"), "-2");
      EXPECT_GT(std::stoull(events[3].at("evt.latency")), 0u);
    }
    const Account account = recorder.finish();
    EXPECT_EQ(account.kinds[0].difference(), 0);
    EXPECT_EQ(account.kinds[0].lost_total(), 0u);
  }
}

TEST(FunctionProbes, ConditionsOnWhatTheyReturn) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({kFunction}, {}, "evt.res < 0 and evt.arg.filename startswith /nonexistent", 0,
                    kReturns);
  if (is_refused(recorder)) GTEST_SKIP() << recorder.failed();
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::close(::open("/dev/null", O_RDONLY));
    return open_missing();
  });
  EXPECT_EQ(recorder.events(child).size(), 10u);
}

TEST(FunctionProbes, ThatAreNotThere) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const auto found = find_kernel_function("do_sys_openat3");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ExitCode::kBadInput);
  EXPECT_NE(found.error().message.find("did you mean 'do_sys_openat"), std::string::npos)
      << found.error().message;
  EXPECT_FALSE(find_kernel_function(""));
  EXPECT_TRUE(find_kernel_function("vfs_read"));
}

}  // namespace

}  // namespace outrider
