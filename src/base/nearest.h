// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace outrider {

// The candidate that is most like `word` (fewest letters to change), or "" when none is
// near enough to be what was meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "no field 'x'; did you mean 'y'? 'outrider fields' lists them", or without the middle part.
std::string unknown_name(std::string_view no_such, std::string_view name,
                         std::span<const std::string_view> known, std::string_view who_lists);

}  // namespace outrider
