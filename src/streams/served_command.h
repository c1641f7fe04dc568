// SPDX-License-Identifier: Apache-2.0
//
// Commands that run where they were typed, or in the agent for whoever asks it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "streams/command_line.h"
#include "streams/output.h"
#include "streams/sink.h"

namespace outrider {

struct ServedCommand {
  std::string_view name;
  // Writes to `output`, which it flushes. Fails where nothing could be done; exit codes are those
  // of a command. May be called by several threads at a time.
  Result<ExitCode> (*run)(const std::vector<std::string>& words, const Screen& screen,
                          Output& output);
  std::shared_ptr<const CommandLine> (*describe)();
};

}  // namespace outrider
