// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace outrider {

// The candidate that is most like `word` (fewest letters to change), or "" when none is
// near enough to be what was meant.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace outrider
