// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "support/recorder.h"

namespace outrider {

namespace {

std::string inode_of(const char* path) {
  struct stat status{};
  return ::stat(path, &status) == 0 ? std::to_string(status.st_ino) : "?";
}

// The last event of this capability.
std::optional<Recorded> last(const std::vector<Recorded>& events, std::string_view capability) {
  std::optional<Recorded> found;
  for (const Recorded& event : events) {
    if (event.at("evt.arg.cap") == capability) found = event;
  }
  return found;
}

TEST(Capability, GrantedAndRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"capability"});
  if (recorder.failed().find("does not show") != std::string::npos) {
    GTEST_SKIP() << recorder.failed();
  }
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    // Granted: to root in the host's user namespace.
    if (::syscall(SYS_sethostname, "", 1000) == 0) return 1;
    if (::setgid(77) != 0 || ::setuid(66) != 0) return 2;
    // Refused: chroot() asks for this one alone.
    return ::chroot("/") == 0 ? 3 : 0;
  });
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);
  const std::string host = inode_of("/proc/self/ns/user");

  const auto granted = last(events, "CAP_SYS_ADMIN");
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->at("evt.arg.granted"), "true");
  EXPECT_EQ(granted->at("evt.arg.effective"), "true");
  EXPECT_EQ(granted->at("evt.arg.userns_level"), "0");
  EXPECT_EQ(granted->at("evt.arg.userns"), host);
  EXPECT_EQ(granted->at("user.uid"), "0");
  EXPECT_EQ(granted->at("evt.info"), "CAP_SYS_ADMIN granted");

  const auto refused = last(events, "CAP_SYS_CHROOT");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->at("evt.arg.granted"), "false");
  EXPECT_EQ(refused->at("evt.arg.effective"), "false");
  EXPECT_EQ(refused->at("evt.arg.userns_level"), "0");
  EXPECT_EQ(refused->at("user.uid"), "66");
  EXPECT_EQ(refused->at("evt.info"), "CAP_SYS_CHROOT refused");

  const Account account = recorder.finish();
  ASSERT_EQ(account.kinds.size(), 1u);
  EXPECT_EQ(account.kinds[0].difference(), 0);
}

// Who has all rights in a namespace of its own has none outside.
TEST(Capability, InAUserNamespace) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"capability"});
  if (recorder.failed().find("does not show") != std::string::npos) {
    GTEST_SKIP() << recorder.failed();
  }
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWUTS) != 0) return 4;
    if (::syscall(SYS_sethostname, "", 1000) == 0) return 1;  // EINVAL: it may
    // EACCES: priorities are the host's.
    return ::setpriority(PRIO_PROCESS, 0, -1) == 0 ? 2 : 0;
  });
  if (recorder.status() == 4 << 8) GTEST_SKIP() << "no user namespace can be made here";
  ASSERT_EQ(recorder.status(), 0);
  const auto events = recorder.events(child);

  const auto granted = last(events, "CAP_SYS_ADMIN");
  ASSERT_TRUE(granted);
  EXPECT_EQ(granted->at("evt.arg.granted"), "true");
  EXPECT_EQ(granted->at("evt.arg.userns_level"), "1");
  EXPECT_NE(granted->at("evt.arg.userns"), inode_of("/proc/self/ns/user"));
  EXPECT_EQ(granted->at("evt.info"), "CAP_SYS_ADMIN granted in a user namespace of level 1");

  const auto refused = last(events, "CAP_SYS_NICE");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->at("evt.arg.granted"), "false");
  EXPECT_EQ(refused->at("evt.arg.effective"), "true");
  EXPECT_EQ(refused->at("evt.arg.userns_level"), "0");
  EXPECT_EQ(refused->at("evt.arg.userns"), inode_of("/proc/self/ns/user"));
}

// Where the kernel has no hook for it the kind is told as absent, and others go on.
TEST(Capability, AbsentOrNotOthersGoOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Recorder recorder({"capability", "mkdir"});
  ASSERT_EQ(recorder.failed(), "");
  const pid_t child = recorder.run([] { return ::mkdir("/proc/none", 0777) == 0; });
  EXPECT_EQ(recorder.events(child, "mkdir").size(), 1u);
}

}  // namespace

}  // namespace outrider
