// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "rules/placed_text.h"

namespace outrider {

// The items of a list; nullptr if there is none of this name.
using FindList = std::function<const std::vector<PlacedText>*(std::string_view name)>;

// Falco's substitution, which knows nothing of expressions: each word that is a list's name gives
// way to its items, with commas between them. An item with blanks gets quotes unless it begins
// with one; an empty list takes a comma with it. Words end at blanks, parentheses, commas and =.
PlacedText substitute_lists(const PlacedText& text, const FindList& find);

// An item as it is written into a condition.
PlacedText quoted_item(const PlacedText& item);

}  // namespace outrider
