// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/recorder.h"

namespace outrider {

namespace {

TEST(Signals, EveryField) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"signal"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    const pid_t target = ::fork();
    if (target == 0) {
      ::pause();
      ::_exit(0);
    }
    ::kill(target, SIGTERM);
    ::waitpid(target, nullptr, 0);
    ::signal(SIGUSR1, SIG_IGN);
    ::kill(::getpid(), SIGUSR1);
    return 0;
  });
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].at("evt.arg.sig"), "SIGTERM");
  EXPECT_EQ(events[0].at("evt.arg.result"), "delivered");
  EXPECT_EQ(events[0].at("evt.arg.from"), "process");
  const std::string target = events[0].at("evt.arg.pid");
  EXPECT_EQ(events[0].at("evt.arg.tid"), target);
  EXPECT_EQ(events[0].at("evt.info"), "SIGTERM to " + target);

  EXPECT_EQ(events[1].at("evt.arg.sig"), "SIGUSR1");
  EXPECT_EQ(events[1].at("evt.arg.result"), "ignored");
  EXPECT_EQ(events[1].at("evt.arg.pid"), std::to_string(child));

  // Its own end: the kernel tells the parent.
  EXPECT_EQ(events[2].at("evt.arg.sig"), "SIGCHLD");
  EXPECT_EQ(events[2].at("evt.arg.pid"), std::to_string(::getpid()));
  EXPECT_EQ(events[2].at("evt.arg.from"), "kernel");

  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
}

}  // namespace

}  // namespace outrider
