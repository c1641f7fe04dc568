// SPDX-License-Identifier: Apache-2.0
#include "language/lexer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace outrider {
namespace {

using namespace std::string_view_literals;

// The tokens of a text, separated by blanks: quoted ones in quotes, '@' before the position.
std::string tokens_of(std::string_view text, LexerPlace place, bool positions = false) {
  Lexer lexer(text, "EXPR");
  std::string out;
  while (true) {
    const auto token = lexer.next(place);
    if (!token) return out + (out.empty() ? "error " : " error ") + token.error().message;
    if (token->kind == TokenKind::kEnd) break;
    if (!out.empty()) out += ' ';
    out += token->kind == TokenKind::kQuoted ? with_quotes(token->text) : token->text;
    if (positions) out += fmt::format("@{}:{}", token->at.line, token->at.column);
  }
  return out;
}

TEST(LexerTest, CutsByPlace) {
  struct Case {
    LexerPlace place;
    std::string_view text;
    std::string_view tokens;
  };
  constexpr LexerPlace kCondition = LexerPlace::kCondition;
  constexpr LexerPlace kValue = LexerPlace::kValue;
  constexpr LexerPlace kArgument = LexerPlace::kArgument;
  const Case kCases[] = {
      {kCondition, "", ""},
      {kCondition, " \t\r\n", ""},
      {kCondition, "proc.name=x", "proc.name = x"},
      {kCondition, "a.b==c", "a.b == c"},
      {kCondition, "a.b!=c", "a.b != c"},
      {kCondition, "a<=b>=c<d>e", "a <= b >= c < d > e"},
      {kCondition, "not(a and b)", "not ( a and b )"},
      {kCondition, "proc.aname[2]", "proc.aname [ 2 ]"},
      {kCondition, "in(a,b)", "in ( a , b )"},
      {kCondition, "a/b", "a error EXPR:1:2: '/' means nothing here"},
      {kCondition, "a \x01", "a error EXPR:1:3: byte 0x01 means nothing here"},
      {kCondition, "\xc3\xa9", "error EXPR:1:1: byte 0xc3 means nothing here"},
      {kValue, "/etc/passwd", "/etc/passwd"},
      {kValue, "-jar", "-jar"},
      {kValue, "<", "<"},
      {kValue, "a<b!>c[0]*?", "a<b!>c[0]*?"},
      {kValue, "a,b", "a , b"},
      {kValue, "(a)", "( a )"},
      {kValue, "a=b", "a = b"},
      {kValue, "10.0.0.1:80", "10.0.0.1:80"},
      {kValue, "日本", "日本"},
      {kValue, "a\\b", "a\\b"},
      {kArgument, "2]", "2 ]"},
      {kArgument, "a=b,(c)", "a=b,(c)"},
      {kArgument, "\"a b\"]", "\"a b\" ]"},
  };
  for (const Case& c : kCases) EXPECT_EQ(tokens_of(c.text, c.place), c.tokens) << c.text;
}

TEST(LexerTest, UnescapesTextsInQuotes) {
  struct Case {
    std::string_view text;
    std::string_view unescaped;
  };
  const Case kCases[] = {
      {R"("")", ""},
      {R"('')", ""},
      {R"("a b")", "a b"},
      {R"('a "b"')", "a \"b\""},
      {R"("a 'b'")", "a 'b'"},
      {R"("a\"b")", "a\"b"},
      {R"('a\'b')", "a'b"},
      {R"("\\")", "\\"},
      {R"("\/")", "/"},
      {R"("\b\f\n\r\t")", "\b\f\n\r\t"},
      {R"("^python[23]\\.[0-9]+$")", "^python[23]\\.[0-9]+$"},
      {R"("a\ b")", "a\\b"},
      {"\"a\nb\"", "a\nb"},
      {"\"a\0b\""sv, "a\0b"sv},
      {"\"\xff\"", "\xff"},
  };
  for (const Case& c : kCases) {
    const auto token = Lexer(c.text, "EXPR").next(LexerPlace::kValue);
    ASSERT_TRUE(token) << c.text;
    EXPECT_EQ(token->kind, TokenKind::kQuoted);
    EXPECT_EQ(token->text, c.unescaped) << c.text;
  }
}

TEST(LexerTest, RefusesTextsThatAreNotWhole) {
  EXPECT_EQ(tokens_of("\"abc", LexerPlace::kValue), "error EXPR:1:1: the text has no closing \"");
  EXPECT_EQ(tokens_of("a 'bc\\", LexerPlace::kValue),
            "a error EXPR:1:3: the text has no closing '");
  EXPECT_TRUE(tokens_of(R"("ab\x41")", LexerPlace::kValue)
                  .starts_with("error EXPR:1:4: this escape is not known"));
}

TEST(LexerTest, CountsLinesAndCharacters) {
  EXPECT_EQ(tokens_of("a.b = c\n and  (d)", LexerPlace::kCondition, true),
            "a.b@1:1 =@1:5 c@1:7 and@2:2 (@2:7 d@2:8 )@2:9");
  EXPECT_EQ(tokens_of("日本 x", LexerPlace::kValue, true), "日本@1:1 x@1:4");
}

TEST(LexerTest, PeekingTakesNothing) {
  Lexer lexer("a \"b\n\" c", "EXPR");
  EXPECT_EQ(lexer.peek(LexerPlace::kValue)->text, "a");
  EXPECT_EQ(lexer.next(LexerPlace::kValue)->text, "a");
  EXPECT_EQ(lexer.peek(LexerPlace::kValue)->text, "b\n");
  EXPECT_EQ(lexer.next(LexerPlace::kValue)->text, "b\n");
  const auto last = lexer.next(LexerPlace::kValue);
  EXPECT_EQ(last->text, "c");
  EXPECT_EQ(last->at, (Position{2, 3}));
}

TEST(LexerTest, QuotesSoThatItReadsTheSame) {
  for (const std::string_view text : {""sv, "a"sv, "a b"sv, "\\"sv, "\""sv, "'"sv, "\b\f\n\r\t"sv,
                                      "a\0b"sv, "\xff\xfe"sv, "(,=)"sv, "日本"sv, "\\ "sv}) {
    const auto token = Lexer(quoted_if_needed(text), "EXPR").next(LexerPlace::kValue);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->text, text);
  }
}

}  // namespace
}  // namespace outrider
