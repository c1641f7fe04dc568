// SPDX-License-Identifier: Apache-2.0
//
// What this kernel can do, found by trying.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace outrider {

// Whether the kernel's BTF has this name anywhere: a type, a function, a member. Quick
// (some ms), since only the strings are searched; a hint for what to try first.
bool kernel_has_type_named(std::string_view name);

}  // namespace outrider
