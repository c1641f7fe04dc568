// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "language/token.h"

namespace outrider {

// What may stand at the place: `<` is an operator after a field and a value after `=`.
enum class LexerPlace : std::uint8_t {
  kCondition,  // fields, operators, parentheses
  kValue,      // to the right of an operator, in a list: bare texts run up to ()"', = and blanks
  kArgument,   // between [ and ]: bare texts run up to brackets, quotes and blanks
};

// "EXPR:1:14: " and the sentence: how every complaint about an expression looks. `source` is
// "EXPR", or the file that it stands in.
std::unexpected<Error> fail_at(std::string_view source, Position at, std::string_view sentence);

// Cuts an expression into tokens, as its reader asks for them. Keeps views of both texts.
class Lexer {
 public:
  Lexer(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  // At the end of the text: kEnd, as often as asked.
  Result<Token> next(LexerPlace place);

  // The next token stays the next one.
  Result<Token> peek(LexerPlace place);

  // Passes over the token that peek() has given.
  void skip(LexerPlace place);

 private:
  void skip_blanks();
  void advance();
  Result<Token> read_quoted(Token token);

  std::string_view text_;
  std::string_view source_;
  std::size_t offset_ = 0;
  Position at_;
};

// `text` as it has to be written for its lexer to give it back: bare if that is possible.
std::string quoted_if_needed(std::string_view text);
std::string with_quotes(std::string_view text);

}  // namespace outrider
