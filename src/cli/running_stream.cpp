// SPDX-License-Identifier: Apache-2.0
#include "cli/running_stream.h"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/commands.h"

namespace outrider {

void print_account(const TraceStream& stream) {
  const std::string text = stream.account_text();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool handle_signals(int descriptor, const TraceStream& stream) {
  bool goes_on = true;
  signalfd_siginfo information{};
  while (::read(descriptor, &information, sizeof(information)) == sizeof(information)) {
    if (information.ssi_signo == SIGUSR1) {
      print_account(stream);
    } else {
      goes_on = false;
    }
  }
  return goes_on;
}

ExitCode end_of(const Output& output) {
  // `| head` has seen enough: that is no error.
  if (output.error() == 0 || output.error() == EPIPE) return ExitCode::kDone;
  return report({fmt::format("write the events: {}", std::strerror(output.error()))});
}

}  // namespace outrider
