// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace outrider {

// Where something stands in the text of an expression, counted from 1; columns in characters of
// UTF-8, so that they agree with an editor's.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool operator==(const Position&) const = default;
};

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,    // a name, an operator or a keyword; in the place of a value: anything unquoted
  kQuoted,  // a text in quotes
  kSymbol,  // ( ) [ ] , = == != < <= > >=
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Position at;
  std::string text;  // a quoted text without its quotes and escapes
  // The next byte is a '(': this is a call, not a value.
  bool before_parenthesis = false;
};

}  // namespace outrider
