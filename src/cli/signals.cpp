// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.h"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace outrider {

Result<FileDescriptor> take_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) ::sigaddset(&set, number);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return fail_errno("sigprocmask", errno);
  ::signal(SIGPIPE, SIG_IGN);
  FileDescriptor descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor.valid()) return fail_errno("signalfd", errno);
  return descriptor;
}

Asker::Wish AskerAtTerminal::next() {
  signalfd_siginfo information{};
  if (::read(signals_.get(), &information, sizeof(information)) != sizeof(information)) {
    return Wish::kNothing;
  }
  return information.ssi_signo == SIGUSR1 ? Wish::kReport : Wish::kEnd;
}

void AskerAtTerminal::tell(std::string_view line) { fmt::print(stderr, "outrider: {}\n", line); }

}  // namespace outrider
