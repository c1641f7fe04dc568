// SPDX-License-Identifier: Apache-2.0
#include "language/lexer.h"

#include <fmt/format.h>

#include <algorithm>

namespace outrider {

namespace {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == '\b';
}

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

// Those that end a bare text, besides blanks.
constexpr std::string_view kEndsValue = "()\"',=";
constexpr std::string_view kEndsArgument = "[]\"'";

bool belongs(char c, LexerPlace place) {
  if (place == LexerPlace::kCondition) return is_word(c);
  if (is_blank(c)) return false;
  const std::string_view ends = place == LexerPlace::kValue ? kEndsValue : kEndsArgument;
  return ends.find(c) == std::string_view::npos;
}

struct Escape {
  char letter;
  char byte;
};

// Falco's. The blank is one that it keeps for old rules: it stands for a backslash.
constexpr Escape kEscapes[] = {
    {'b', '\b'},  {'f', '\f'}, {'n', '\n'}, {'r', '\r'},  {'t', '\t'},
    {'\\', '\\'}, {'/', '/'},  {'"', '"'},  {'\'', '\''}, {' ', '\\'},
};

}  // namespace

std::unexpected<Error> fail_at(std::string_view source, Position at, std::string_view sentence) {
  return fail(fmt::format("{}:{}:{}: {}", source, at.line, at.column, sentence),
              ExitCode::kBadInput);
}

void Lexer::advance() {
  const auto byte = static_cast<unsigned char>(text_[offset_++]);
  if (byte == '\n') {
    ++at_.line;
    at_.column = 1;
    return;
  }
  // The bytes that continue a character of UTF-8 take no column of their own.
  const bool next_continues =
      offset_ < text_.size() && (static_cast<unsigned char>(text_[offset_]) & 0xc0) == 0x80;
  if (!next_continues) ++at_.column;
}

void Lexer::skip_blanks() {
  while (offset_ < text_.size() && is_blank(text_[offset_])) advance();
}

Result<Token> Lexer::next(LexerPlace place) {
  skip_blanks();
  Token token;
  token.at = at_;
  if (offset_ == text_.size()) return token;

  const char first = text_[offset_];
  if (first == '"' || first == '\'') return read_quoted(std::move(token));
  if (belongs(first, place)) {
    token.kind = TokenKind::kWord;
    const std::size_t start = offset_;
    while (offset_ < text_.size() && belongs(text_[offset_], place)) advance();
    token.text = text_.substr(start, offset_ - start);
    token.before_parenthesis = offset_ < text_.size() && text_[offset_] == '(';
    return token;
  }

  constexpr std::string_view kSymbols[] = {"==", "!=", "<=", ">=", "=", "<",
                                           ">",  "(",  ")",  "[",  "]", ","};
  for (const std::string_view symbol : kSymbols) {
    if (!text_.substr(offset_).starts_with(symbol)) continue;
    token.kind = TokenKind::kSymbol;
    token.text = symbol;
    for (std::size_t i = 0; i < symbol.size(); ++i) advance();
    return token;
  }
  if (first > ' ' && first < 0x7f) {
    return fail_at(source_, token.at, fmt::format("'{}' means nothing here", first));
  }
  return fail_at(source_, token.at,
                 fmt::format("byte {:#04x} means nothing here", static_cast<unsigned char>(first)));
}

Result<Token> Lexer::peek(LexerPlace place) {
  const std::size_t offset = offset_;
  const Position at = at_;
  Result<Token> token = next(place);
  offset_ = offset;
  at_ = at;
  return token;
}

void Lexer::skip(LexerPlace place) { [[maybe_unused]] const auto passed = next(place); }

Result<Token> Lexer::read_quoted(Token token) {
  token.kind = TokenKind::kQuoted;
  const char quote = text_[offset_];
  advance();
  while (offset_ < text_.size()) {
    const char c = text_[offset_];
    const Position at = at_;
    advance();
    if (c == quote) return token;
    if (c != '\\') {
      token.text += c;
      continue;
    }
    if (offset_ == text_.size()) break;
    const char letter = text_[offset_];
    const auto* escape = std::ranges::find(kEscapes, letter, &Escape::letter);
    if (escape == std::end(kEscapes)) {
      return fail_at(
          source_, at,
          "this escape is not known; there are \\\\ \\\" \\' \\/ \\b \\f \\n \\r \\t, and "
          "a backslash itself is \\\\");
    }
    advance();
    token.text += escape->byte;
  }
  return fail_at(source_, token.at, fmt::format("the text has no closing {}", quote));
}

std::string with_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto* escape = std::ranges::find_if(kEscapes, [c](const Escape& known) {
      return known.byte == c && known.letter != ' ' && known.letter != '/' && known.letter != '\'';
    });
    if (escape == std::end(kEscapes)) {
      out += c;
    } else {
      out += '\\';
      out += escape->letter;
    }
  }
  return out + '"';
}

std::string quoted_if_needed(std::string_view text) {
  const auto bare = [](char c) { return c > ' ' && c < 0x7f && belongs(c, LexerPlace::kValue); };
  if (!text.empty() && std::ranges::all_of(text, bare)) return std::string(text);
  return with_quotes(text);
}

}  // namespace outrider
