// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace outrider::test {

// The numbers that a header of the system defines: `#define NAME 123`, octal and hexadecimal
// too; what is made of other names is left out. As text, since headers of several architectures
// define the same names. `header` is as one would include it; nullopt if there is none.
std::optional<std::map<std::string, std::int64_t>> numbers_in_header(std::string_view header);

}  // namespace outrider::test
