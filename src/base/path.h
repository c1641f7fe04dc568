// SPDX-License-Identifier: Apache-2.0
//
// Paths as text: nothing here touches a file system.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace outrider {

// `path` made absolute with `base` (itself absolute, or empty for "/") without looking
// at any file: "." and empty components go, ".." takes one with it. This is what
// Falco's fd.name is. An absolute path ignores the base. Memory from the arena.
std::string_view join_lexically(std::string_view base, std::string_view path, Arena& arena);

// Turns what the kernel's walk wrote ("passwd\0etc\0") into "/etc/passwd"; nothing
// at all is "/".
std::string_view turn_round(std::string_view components, Arena& arena);

}  // namespace outrider
