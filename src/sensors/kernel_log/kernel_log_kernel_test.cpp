// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <string>

#include "support/recorder.h"

namespace outrider {

namespace {

// The line of this process that ends with this text; before 5.19 the time is in front of it.
std::vector<Recorded> lines(const Recorder& recorder, pid_t pid, const std::string& end) {
  std::vector<Recorded> found;
  for (const Recorded& event : recorder.events(pid)) {
    if (event.at("evt.arg.text").ends_with(end)) found.push_back(event);
  }
  return found;
}

TEST(KernelLog, WhatIsWrittenToIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"kernel_log"});
  ASSERT_EQ(recorder.failed(), "");
  const std::string first = fmt::format("outrider test {}: a line", ::getpid());
  // As long as the kernel takes it from /dev/kmsg, at least: LOG_LINE_MAX of 5.10, less its prefix.
  const std::string second = fmt::format("outrider test {}: {}", ::getpid(), std::string(900, 'x'));
  const pid_t child = recorder.run([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    if (::sched_setaffinity(0, sizeof(one), &one) != 0) return 3;
    const int log = ::open("/dev/kmsg", O_WRONLY);
    if (log < 0) return 2;
    // Of a level that consoles show.
    for (const std::string& line : {first, second}) {
      const std::string text = "<1>" + line + "\n";
      if (::write(log, text.data(), text.size()) < 0) return 1;
    }
    return 0;
  });
  if (recorder.status() == 2 << 8) GTEST_SKIP() << "/dev/kmsg cannot be written here";
  ASSERT_EQ(recorder.status(), 0);
  const auto found = lines(recorder, child, first);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("evt.cpu"), "0");
  EXPECT_EQ(found[0].at("evt.info"), found[0].at("evt.arg.text"));
  EXPECT_FALSE(found[0].contains("cut"));
  EXPECT_EQ(lines(recorder, child, second).size(), 1u);

  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
}

}  // namespace

}  // namespace outrider
