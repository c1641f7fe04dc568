// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"

namespace outrider {

// What may stand in the place of the last of these words, which follow the program's name; the last
// may be empty. Nothing where file names are expected, or anything at all.
std::vector<std::string> completions(std::span<const std::string> words);

// The values that an option or a place takes, if they are few.
std::vector<std::string> values_of(const CLI::Option& option);

// The script for a shell (bash, zsh or fish), which asks `outrider complete`; empty for others.
std::string completion_script(std::string_view shell);

}  // namespace outrider
