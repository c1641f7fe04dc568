// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command_table.h"

namespace outrider {

// The manual page of a command, outrider-NAME(8), in the language of man(7).
std::string manual_page(const CommandRow& command);

// outrider(8), which lists them.
std::string manual_overview();

}  // namespace outrider
