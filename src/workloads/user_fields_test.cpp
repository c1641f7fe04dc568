// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/hand_made_event.h"
#include "support/temporary_directory.h"
#include "workloads/users.h"

namespace outrider {
namespace {

TEST(UserFields, FollowTheFilesOfTheHost) {
  const test::TemporaryDirectory root;
  ASSERT_EQ(::mkdir((root / "etc").c_str(), 0755), 0);
  std::ofstream(root / "etc/passwd") << "alice:x:1000:1000:Alice:/home/alice:/bin/bash\n"
                                     << "plain:x:1001:100\n";
  std::ofstream(root / "etc/group") << "users:x:100:alice\n";
  UserTable users({.host_root = root.path()});

  test::HandMadeEvent event("fork");
  wire_header& header = event.header();
  struct stat status{};
  ASSERT_EQ(::stat("/proc/self/ns/mnt", &status), 0);
  header.mount_namespace = static_cast<std::uint32_t>(status.st_ino);
  ASSERT_EQ(::stat(root.path().c_str(), &status), 0);
  header.root_inode = status.st_ino;
  header.uid = 1000;
  header.gid = 100;
  header.login_uid = 1001;
  event.expect({{"user.name", "?"}, {"group.name", "?"}, {"user.loginname", "?"}});
  event.event.users = &users;
  event.expect({{"user.name", "alice"},
                {"user.homedir", "/home/alice"},
                {"user.shell", "/bin/bash"},
                {"user.loginname", "plain"},
                {"group.name", "users"}});
  header.uid = 1001;
  header.gid = 101;
  header.login_uid = 0xffffffff;
  event.expect({{"user.name", "plain"},
                {"user.homedir", ""},
                {"user.shell", ""},
                {"user.loginname", "-"},
                {"group.name", "-"}});
  header.uid = 1002;
  header.login_uid = 1002;
  event.expect({{"user.name", "-"}, {"user.homedir", "-"}, {"user.loginname", "-"}});
  header.mount_namespace = 0;
  header.pid = 2;
  event.expect({{"user.name", "?"}, {"group.name", "?"}});
}

}  // namespace
}  // namespace outrider
