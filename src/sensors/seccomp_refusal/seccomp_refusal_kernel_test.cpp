// SPDX-License-Identifier: Apache-2.0
//
// A filter with each of its answers, on calls that nothing here needs.
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "support/recorder.h"

namespace outrider {

namespace {

struct Rule {
  long call;
  unsigned answer;
};

// Of this thread and what it starts.
bool set_filter(const std::vector<Rule>& rules) {
  std::vector<sock_filter> code;
  code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const Rule& rule : rules) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(rule.call), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, rule.answer));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

// In a child: how it ended.
template <typename Work>
int ended(const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

bool is_told(const std::vector<Recorded>& events, std::string_view call, std::string_view action) {
  return std::ranges::any_of(events, [&](const Recorded& event) {
    return event.at("evt.arg.call") == call && event.at("evt.arg.action") == action;
  });
}

class SeccompRefusal : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(recorder_.failed(), "");
  }
  Recorder recorder_{"seccomp_refusal"};
};

TEST_F(SeccompRefusal, AnErrno) {
  const pid_t child = recorder_.run([] {
    if (!set_filter({{SYS_personality, SECCOMP_RET_ERRNO | EXDEV}})) return 1;
    // Allowed, and fails all the same; then refused, twice, with others in between.
    for (int i = 0; i < 2; ++i) {
      if (::syscall(SYS_close, -1) != -1 || errno != EBADF) return 2;
      if (::syscall(SYS_personality, 0xffffffff) != -1 || errno != EXDEV) return 3;
    }
    return 0;
  });
  ASSERT_EQ(recorder_.status(), 0);
  const auto events = recorder_.events(child);
  ASSERT_EQ(events.size(), 2u);
  for (const Recorded& event : events) {
    EXPECT_EQ(event.at("evt.arg.call"), "personality");
    EXPECT_EQ(event.at("evt.arg.action"), "errno");
    EXPECT_EQ(event.at("evt.arg.errno"), "EXDEV");
    EXPECT_EQ(event.at("evt.info"), "personality: EXDEV");
  }
  const Account account = recorder_.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
  EXPECT_EQ(account.kinds[0].lost_total(), 0u);
}

// The filter is its parent's; the child's first calls are looked at as any other.
TEST_F(SeccompRefusal, OfAChild) {
  const pid_t parent = recorder_.run([] {
    if (!set_filter({{SYS_personality, SECCOMP_RET_ERRNO | EXDEV}})) return 1;
    return ended([] { return ::syscall(SYS_personality, 0xffffffff) == -1 ? 0 : 1; });
  });
  ASSERT_EQ(recorder_.status(), 0);
  // Others of the machine have filters, too.
  std::vector<Recorded> events = recorder_.events();
  std::erase_if(events, [&](const Recorded& event) {
    return event.at("proc.ppid") != std::to_string(parent);
  });
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.arg.errno"), "EXDEV");
}

TEST_F(SeccompRefusal, ATrap) {
  const pid_t child = recorder_.run([] {
    ::signal(SIGSYS, [](int) {});
    if (!set_filter({{SYS_personality, SECCOMP_RET_TRAP}})) return 1;
    ::syscall(SYS_personality, 0xffffffff);
    return 0;
  });
  ASSERT_EQ(recorder_.status(), 0);
  const auto events = recorder_.events(child);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("evt.arg.call"), "personality");
  EXPECT_EQ(events[0].at("evt.arg.action"), "trap");
  EXPECT_FALSE(events[0].contains("evt.arg.errno"));
  EXPECT_EQ(events[0].at("evt.info"), "personality: trap");
}

// Another process's SIGSYS is not seccomp's.
TEST_F(SeccompRefusal, NotASignalOfAnother) {
  recorder_.run([] {
    ::signal(SIGSYS, SIG_IGN);
    return ::kill(::getpid(), SIGSYS);
  });
  EXPECT_EQ(recorder_.events().size(), 0u);
}

TEST_F(SeccompRefusal, AKill) {
  recorder_.run([] {
    const int status = ended([] {
      ::signal(SIGSYS, [](int) {});
      if (!set_filter({{SYS_personality, SECCOMP_RET_KILL_PROCESS}})) return 1;
      ::syscall(SYS_personality, 0xffffffff);
      return 2;
    });
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : 1;
  });
  ASSERT_EQ(recorder_.status(), 0);
  ASSERT_EQ(recorder_.events().size(), 1u);
  EXPECT_EQ(recorder_.events()[0].at("evt.arg.call"), "personality");
  EXPECT_EQ(recorder_.events()[0].at("evt.arg.action"), "kill_process");
}

// Where functions of the kernel can be hooked; elsewhere the stream has said that it cannot.
TEST_F(SeccompRefusal, LogsAndSingleThreads) {
  const bool seen = recorder_.unseen().empty();
  const pid_t child = recorder_.run([] {
    if (!set_filter({{SYS_personality, SECCOMP_RET_LOG}, {SYS_getpgid, SECCOMP_RET_KILL_THREAD}})) {
      return 1;
    }
    if (::syscall(SYS_personality, 0xffffffff) == -1) return 2;
    std::thread killed([] { ::syscall(SYS_getpgid, 0); });
    // It does not end as a thread should, so nobody can wait for it but in this way.
    killed.detach();
    ::usleep(300'000);
    ::_exit(0);
    return 0;
  });
  ASSERT_EQ(recorder_.status(), 0);
  const auto events = recorder_.events(child);
  EXPECT_EQ(is_told(events, "personality", "log"), seen);
  EXPECT_EQ(is_told(events, "getpgid", "kill_thread"), seen);
  EXPECT_EQ(events.size(), seen ? 2u : 0u);
}

}  // namespace

}  // namespace outrider
