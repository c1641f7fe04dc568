// SPDX-License-Identifier: Apache-2.0
//
// Arguments that depend on a command, of real calls.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "support/call_events.h"
#include "support/recorder.h"

namespace outrider {
namespace {

class CommandArguments : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }
};

TEST_F(CommandArguments, OfFcntlAndPrctl) {
  Recorder recorder({"syscall:fcntl,prctl"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    ::dup2(static_cast<int>(::syscall(SYS_memfd_create, "outrider", MFD_ALLOW_SEALING)), 50);
    const auto fcntl = [](int command, auto argument) {
      ::syscall(SYS_fcntl, 50, command, argument);
    };
    fcntl(F_SETFL, O_APPEND | O_NONBLOCK);
    fcntl(F_SETFD, FD_CLOEXEC);
    fcntl(F_GETFD, 77);
    fcntl(F_SETSIG, SIGUSR1);
    struct flock lock{};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = 5;
    lock.l_len = 10;
    fcntl(F_SETLK, &lock);
    fcntl(F_SETLK, nullptr);
    fcntl(F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL);
    fcntl(12345, 0x1000);
    // Not by prctl(), which a sanitizer makes its own.
    ::syscall(SYS_prctl, PR_SET_NAME, "named by it");
    ::syscall(SYS_prctl, PR_SET_NAME, 8);
    ::syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGTERM);
    ::syscall(SYS_prctl, PR_CAPBSET_READ, 21);
    ::syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 12, 0, 0);
    ::syscall(SYS_prctl, PR_SET_VMA, 1, 2, 3, 4);
    return 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const std::string_view expected[] = {
      "fcntl(fd=50, cmd=F_SETFL, arg=O_RDONLY|O_APPEND|O_NONBLOCK) = 0",
      "fcntl(fd=50, cmd=F_SETFD, arg=FD_CLOEXEC) = 0",
      "fcntl(fd=50, cmd=F_GETFD) = 1",
      "fcntl(fd=50, cmd=F_SETSIG, arg=SIGUSR1) = 0",
      ("fcntl(fd=50, cmd=F_SETLK, arg={l_type=F_WRLCK, l_whence=SEEK_SET, l_start=5, l_len=10, "
       "l_pid=0}) = 0"),
      "fcntl(fd=50, cmd=F_SETLK, arg=NULL) = EFAULT",
      "fcntl(fd=50, cmd=F_ADD_SEALS, arg=F_SEAL_SEAL|F_SEAL_SHRINK) = 0",
      "fcntl(fd=50, cmd=12345, arg=0x1000) = EINVAL",
      "prctl(option=PR_SET_NAME, arg2=\"named by it\") = 0",
      "prctl(option=PR_SET_NAME, arg2=?) = EFAULT",
      "prctl(option=PR_SET_PDEATHSIG, arg2=SIGTERM) = 0",
      "prctl(option=PR_CAPBSET_READ, arg2=CAP_SYS_ADMIN) = ",
      "prctl(option=PR_CAP_AMBIENT, arg2=PR_CAP_AMBIENT_IS_SET, arg3=CAP_NET_ADMIN) = 0",
      "prctl(option=PR_SET_VMA, arg2=0x1, arg3=0x2, arg4=0x3, arg5=0x4) = "};
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_TRUE(at(events[i], "evt.info").starts_with(expected[i])) << at(events[i], "evt.info");
  }
  expect_whole(recorder);
}

#if defined(__x86_64__)

TEST_F(CommandArguments, Of32BitProcesses) {
  Recorder recorder({"syscall:fcntl,fcntl64"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    constexpr long kFcntl = 55, kFcntl64 = 221, kSetLock = 6, kSetLock64 = 13;
    if (call_of_32_bits(20 /* getpid */, 0, 0, 0) != ::getpid()) return 77;
    void* low = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return 1;
    ::dup2(static_cast<int>(::syscall(SYS_memfd_create, "outrider", 0)), 50);
    auto* words = static_cast<std::uint32_t*>(low);
    const auto place = static_cast<long>(reinterpret_cast<std::uintptr_t>(low));
    words[0] = F_RDLCK;
    words[1] = 3;
    words[2] = 4;
    call_of_32_bits(kFcntl, 50, kSetLock, place);
    const std::uint32_t of_64_bits[] = {F_RDLCK, 5, 0, 6, 0, 0};
    std::memcpy(words, of_64_bits, sizeof(of_64_bits));
    call_of_32_bits(kFcntl64, 50, kSetLock64, place);
    return 0;
  });
  if (WEXITSTATUS(recorder.status()) == 77) GTEST_SKIP() << "this kernel has no 32-bit calls";
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(at(events[0], "evt.info"),
            "fcntl(fd=50, cmd=F_SETLK, arg={l_type=F_RDLCK, l_whence=SEEK_SET, l_start=3, "
            "l_len=4, l_pid=0}) = 0");
  EXPECT_EQ(at(events[1], "evt.info"),
            "fcntl64(fd=50, cmd=F_SETLK64, arg={l_type=F_RDLCK, l_whence=SEEK_SET, l_start=5, "
            "l_len=6, l_pid=0}) = 0");
}

#endif

}  // namespace
}  // namespace outrider
