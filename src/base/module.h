// SPDX-License-Identifier: Apache-2.0
//
// Shared objects that are parts of this program, and loaded where they are needed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace outrider {

// Loads NAME.so from where this program is, or is installed with its modules, and returns the
// address of `symbol` in it; it stays loaded. Refused if the file, or a directory above it, could
// be changed by anybody but root or the owner of the program itself: who could change it would do
// as we do.
Result<void*> load_module(std::string_view name, const std::string& symbol);

// Where the file is looked for: an error of load_module() if it may not be taken from there.
Result<void*> load_module_from(const std::string& directory, std::string_view name,
                               const std::string& symbol);

}  // namespace outrider
