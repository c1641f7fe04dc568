// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "streams/sink.h"

namespace outrider {

// Has the agent run a command, if there is one: its output and messages become this command's.
// Nothing if there is no agent; then the command is to be run here. Signals that end a command end
// it there too, with its account; SIGUSR1 asks for the account.
// `descriptor`: where the output goes.
std::optional<ExitCode> run_in_agent(std::string_view command,
                                     const std::vector<std::string>& words, const Screen& screen,
                                     int descriptor = STDOUT_FILENO);

// The body of what the agent at this socket says to a GET of `target`. Fails if nobody is there, if
// it refuses, and if it is silent for five seconds.
Result<std::string> ask_agent(const std::string& socket, std::string_view target);

}  // namespace outrider
