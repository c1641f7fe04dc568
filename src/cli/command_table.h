// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "streams/command_line.h"

namespace outrider {

// A command, as the user types it.
struct CommandRow {
  std::string_view name;
  std::string_view usage;
  std::string_view doc;  // empty: for packagers and shells, not in the help
  ExitCode (*run)(const std::vector<std::string>& words, bool use_agent);
  std::shared_ptr<const CommandLine> (*describe)();
};

// In the order of the help.
std::span<const CommandRow> all_commands();

// nullptr if there is none of this name.
const CommandRow* find_command(std::string_view name);

// What `outrider --help` says.
std::string usage_text();

}  // namespace outrider
