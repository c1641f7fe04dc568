// SPDX-License-Identifier: Apache-2.0
#include "support/child_with_root.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace outrider::test {

namespace {

bool write_file(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return written;
}

// As user_namespaces(7) lets anybody do it: a single id.
bool enter_user_namespace(int inside_uid) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  return ::unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", fmt::format("{} {} 1\n", inside_uid, user)) &&
         write_file("/proc/self/gid_map", fmt::format("{} {} 1\n", inside_uid, group));
}

}  // namespace

ChildWithRoot::ChildWithRoot(const std::string& root, const Options& options) {
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const bool prepared = (options.inside_uid < 0 || enter_user_namespace(options.inside_uid)) &&
                          (!options.prepare || options.prepare());
    // Without privilege, a user namespace lends the right.
    const bool changed =
        prepared && (::chroot(root.c_str()) == 0 ||
                     (::unshare(CLONE_NEWUSER) == 0 && ::chroot(root.c_str()) == 0));
    const char answer = changed ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  ::close(ready[1]);
  char answer = 'n';
  changed_ = ::read(ready[0], &answer, 1) == 1 && answer == 'y';
  ::close(ready[0]);
}

void ChildWithRoot::end() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

bool ChildWithRoot::ready() const {
  return changed_ && ::access(fmt::format("/proc/{}/root", pid_).c_str(), F_OK) == 0;
}

}  // namespace outrider::test
