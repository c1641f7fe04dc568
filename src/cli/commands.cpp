// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "cli/agent_client.h"
#include "cli/terminal.h"
#include "streams/output.h"

namespace outrider {

ExitCode report(const Error& error) {
  fmt::print(stderr, "outrider: {}\n", error.message);
  return error.code;
}

std::span<const ServedCommand* const> served_commands() {
  static constexpr const ServedCommand* kCommands[] = {&kFieldsCommand, &kSnapshotCommand,
                                                       &kDoctorCommand, &kStatusCommand};
  return kCommands;
}

std::span<const ServedStream* const> served_streams() {
  static constexpr const ServedStream* kStreams[] = {&kSyscallsStream, &kTopStream};
  return kStreams;
}

ExitCode run_served(const ServedCommand& command, const std::vector<std::string>& words,
                    bool use_agent) {
  const Screen screen{.width = terminal_width(), .color = wants_color()};
  if (use_agent) {
    if (const auto code = run_in_agent(command.name, words, screen)) return *code;
  }
  ::signal(SIGPIPE, SIG_IGN);
  FileOutput output(STDOUT_FILENO);
  const auto code = command.run(words, screen, output);
  if (!code) return report(code.error());
  // `| head` has seen enough: that is no error.
  if (output.error() != 0 && output.error() != EPIPE) {
    return report({fmt::format("write the output: {}", std::strerror(output.error()))});
  }
  return *code;
}

}  // namespace outrider
