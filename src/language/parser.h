// SPDX-License-Identifier: Apache-2.0
//
// The grammar, which is Falco's:
//
//   or         = and { "or" and }
//   and        = not { "and" not }
//   not        = { "not" } ( "(" or ")" | comparison | macro )
//   comparison = left "exists"
//              | left OPERATOR [ "oneof" | "anyof" | "allof" ] right
//   left       = field | transformer
//   right      = value | list | name of a list | transformer | "val(" field ")"
//   list       = "(" [ value { "," value } ] ")"
//   field      = NAME { "." NAME } [ "[" argument "]" ]
//   transformer = NAME "(" operand { "," operand } ")" [ "[" argument "]" ]
//   operand    = field | transformer | quoted text | number | "(" [ operand { "," operand } ] ")"
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "language/expression.h"

namespace outrider {

// Longer and deeper ones are refused, so that no expression can exhaust memory or stack.
inline constexpr std::size_t kLongestExpression = 1 << 20;  // bytes
inline constexpr int kDeepestExpression = 100;

// Errors look like "EXPR:1:14: ..."; `source` is what stands for EXPR, such as a file's name.
Result<Expression> parse(std::string_view text, std::string_view source = "EXPR");

}  // namespace outrider
