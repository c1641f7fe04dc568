// SPDX-License-Identifier: Apache-2.0
#include "language/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "language/lexer.h"
#include "language/transformers.h"

namespace outrider {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Names joined by dots, each beginning with a letter.
bool is_name(std::string_view text) {
  bool begins = true;
  for (const char c : text) {
    if (begins && !is_letter(c)) return false;
    begins = c == '.';
  }
  return !begins;
}

bool is_field_name(std::string_view text) {
  return is_name(text) && text.find('.') != std::string_view::npos;
}

// What a macro or a list is called: no dots.
bool is_plain_name(std::string_view text) {
  return is_name(text) && std::ranges::all_of(text, [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
         });
}

// Numbers need no quotes between the parentheses of a transformer.
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

std::string described(const Token& token) {
  if (token.kind == TokenKind::kEnd) return "the end";
  return fmt::format("'{}'", token.text);
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view source) : lexer_(text, source), source_(source) {}

  Result<Expression> whole() {
    auto root = alternatives();
    if (!root) return std::unexpected(root.error());
    const auto rest = lexer_.next(LexerPlace::kCondition);
    if (!rest) return std::unexpected(rest.error());
    if (rest->kind != TokenKind::kEnd) {
      return fail_at(source_, rest->at,
                     fmt::format("'and', 'or' or the end is expected, not {}{}", described(*rest),
                                 rest->text == "=" ? "; a value with '=' in it needs quotes" : ""));
    }
    expression_.root = *root;
    return std::move(expression_);
  }

 private:
  using Index = Result<std::uint32_t>;

  // Counts how deep the reader is; every kind of nesting passes here.
  struct Depth {
    explicit Depth(int& now) : depth(now) { ++depth; }
    ~Depth() { --depth; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    int& depth;
  };

  std::unexpected<Error> too_deep(Position at) {
    return fail_at(source_, at, fmt::format("nested more than {} levels deep", kDeepestExpression));
  }

  std::uint32_t add(Node node) {
    expression_.nodes.push_back(std::move(node));
    return static_cast<std::uint32_t>(expression_.nodes.size() - 1);
  }
  std::uint32_t add(Operand operand) {
    expression_.operands.push_back(std::move(operand));
    return static_cast<std::uint32_t>(expression_.operands.size() - 1);
  }

  Index alternatives() { return chain("or", NodeKind::kOr, &Parser::all_of); }
  Index all_of() { return chain("and", NodeKind::kAnd, &Parser::negations); }

  Index chain(std::string_view keyword, NodeKind kind, Index (Parser::*part)()) {
    const auto start = lexer_.peek(LexerPlace::kCondition);
    if (!start) return std::unexpected(start.error());
    std::vector<std::uint32_t> children;
    while (true) {
      const Index child = (this->*part)();
      if (!child) return child;
      children.push_back(*child);
      const auto token = lexer_.peek(LexerPlace::kCondition);
      if (!token) return std::unexpected(token.error());
      if (token->kind != TokenKind::kWord || token->text != keyword) break;
      lexer_.skip(LexerPlace::kCondition);
    }
    if (children.size() == 1) return children[0];
    return add(Node{.kind = kind, .at = start->at, .children = std::move(children)});
  }

  Index negations() {
    const Depth depth(depth_);
    const auto token = lexer_.next(LexerPlace::kCondition);
    if (!token) return std::unexpected(token.error());
    if (depth_ > kDeepestExpression) return too_deep(token->at);
    if (token->kind == TokenKind::kWord && token->text == "not") {
      const Index child = negations();
      if (!child) return child;
      return add(Node{.kind = NodeKind::kNot, .at = token->at, .children = {*child}});
    }
    if (token->kind == TokenKind::kSymbol && token->text == "(") {
      const Index inside = alternatives();
      if (!inside) return inside;
      if (const auto closed = expect(")", LexerPlace::kCondition); !closed) {
        return std::unexpected(closed.error());
      }
      return inside;
    }
    if (token->kind == TokenKind::kWord) {
      if (token->before_parenthesis || is_field_name(token->text)) return comparison(*token);
      if (is_plain_name(token->text) && !is_keyword(token->text)) {
        return add(Node{.kind = NodeKind::kReference, .at = token->at, .name = token->text});
      }
    }
    return fail_at(
        source_, token->at,
        fmt::format("a field, a transformer, 'not' or '(' is expected, not {}", described(*token)));
  }

  static bool is_keyword(std::string_view word) {
    return word == "and" || word == "or" || word == "not";
  }

  Result<Token> expect(std::string_view symbol, LexerPlace place) {
    auto token = lexer_.next(place);
    if (!token) return token;
    if (token->kind != TokenKind::kSymbol || token->text != symbol) {
      return fail_at(source_, token->at,
                     fmt::format("'{}' is expected, not {}", symbol, described(*token)));
    }
    return token;
  }

  Index comparison(const Token& first) {
    const Index left = field_or_transformer(first);
    if (!left) return left;

    const auto token = lexer_.next(LexerPlace::kCondition);
    if (!token) return std::unexpected(token.error());
    const auto* row = std::ranges::find(kOperators, token->text, &OperatorRow::spelling);
    if (token->kind == TokenKind::kEnd || token->kind == TokenKind::kQuoted ||
        row == std::end(kOperators)) {
      return no_operator(*token);
    }
    Comparison comparison{.at = token->at, .op = row->op, .left = *left};
    if (row->right != RightSide::kNothing) {
      const auto right = right_side(*row, comparison);
      if (!right) return right;
      comparison.right = *right;
    }
    expression_.comparisons.push_back(comparison);
    return add(Node{.kind = NodeKind::kComparison,
                    .at = first.at,
                    .leaf = static_cast<std::uint32_t>(expression_.comparisons.size() - 1)});
  }

  std::unexpected<Error> no_operator(const Token& token) {
    std::vector<std::string_view> spellings;
    for (const OperatorRow& row : kOperators) spellings.push_back(row.spelling);
    const std::string_view near = token.kind == TokenKind::kWord && token.text.size() > 1
                                      ? nearest(token.text, spellings)
                                      : std::string_view();
    std::string sentence = fmt::format("an operator is expected, not {}", described(token));
    if (near.empty()) {
      sentence += fmt::format("; there are {}", fmt::join(spellings, " "));
    } else {
      sentence += fmt::format("; did you mean '{}'?", near);
    }
    return fail_at(source_, token.at, sentence);
  }

  Index right_side(const OperatorRow& row, Comparison& comparison) {
    const auto token = lexer_.peek(LexerPlace::kValue);
    if (!token) return std::unexpected(token.error());

    // `= anyof (` has a modifier, `= anyof` compares with a text.
    if (token->kind == TokenKind::kWord) {
      for (const Modifier modifier : {Modifier::kOneOf, Modifier::kAnyOf, Modifier::kAllOf}) {
        if (token->text != spelling_of(modifier)) continue;
        const Lexer before = lexer_;
        lexer_.skip(LexerPlace::kValue);
        const auto after = lexer_.peek(LexerPlace::kValue);
        if (after && after->kind == TokenKind::kSymbol && after->text == "(") {
          if (!row.modifiable) {
            return fail_at(source_, token->at,
                           fmt::format("'{}' takes no '{}'", row.spelling, token->text));
          }
          comparison.modifier = modifier;
          return list();
        }
        lexer_ = before;
      }
    }
    if (token->kind == TokenKind::kSymbol && token->text == "(") {
      if (row.right == RightSide::kList) return list();
      return fail_at(source_, token->at,
                     fmt::format("'{}' compares with one value; for a list, write '{} anyof (...)'",
                                 row.spelling, row.spelling));
    }
    lexer_.skip(LexerPlace::kValue);
    if (token->kind == TokenKind::kWord && token->before_parenthesis) {
      return token->text == "val" ? val(*token) : transformer(*token);
    }
    if (row.right == RightSide::kList) {
      if (token->kind == TokenKind::kWord && is_plain_name(token->text)) {
        return add(Operand{.kind = OperandKind::kReference, .at = token->at, .text = token->text});
      }
      return fail_at(
          source_, token->at,
          fmt::format("'{}' takes a list in parentheses, not {}", row.spelling, described(*token)));
    }
    return value(*token);
  }

  Index value(const Token& token) {
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuoted) {
      return fail_at(source_, token.at,
                     fmt::format("a value is expected, not {}", described(token)));
    }
    return add(Operand{.kind = OperandKind::kValue,
                       .at = token.at,
                       .text = token.text,
                       .quoted = token.kind == TokenKind::kQuoted});
  }

  // Values in parentheses, separated by commas.
  Index list() {
    return items(LexerPlace::kValue, [this](const Token& token) { return value(token); });
  }

  template <typename Item>
  Index items(LexerPlace place, Item item) {
    const auto opened = expect("(", place);
    if (!opened) return std::unexpected(opened.error());
    Operand operand{.kind = OperandKind::kList, .at = opened->at};
    auto token = lexer_.next(place);
    if (!token) return std::unexpected(token.error());
    if (token->kind == TokenKind::kSymbol && token->text == ")") return add(std::move(operand));
    while (true) {
      const Index index = item(*token);
      if (!index) return index;
      operand.operands.push_back(*index);
      token = lexer_.next(place);
      if (!token) return std::unexpected(token.error());
      if (token->kind == TokenKind::kSymbol && token->text == ")") return add(std::move(operand));
      if (token->kind != TokenKind::kSymbol || token->text != ",") {
        return fail_at(source_, token->at,
                       fmt::format("',' or ')' is expected in a list, not {}", described(*token)));
      }
      token = lexer_.next(place);
      if (!token) return std::unexpected(token.error());
    }
  }

  Index val(const Token& token) {
    if (const auto opened = expect("(", LexerPlace::kCondition); !opened) {
      return std::unexpected(opened.error());
    }
    const auto inside = lexer_.next(LexerPlace::kCondition);
    if (!inside) return std::unexpected(inside.error());
    if (inside->kind != TokenKind::kWord || !is_field_name(inside->text)) {
      return fail_at(source_, inside->at,
                     fmt::format("val() takes a field, not {}", described(*inside)));
    }
    const Index index = field(*inside);
    if (!index) return index;
    expression_.operands[*index].by_val = true;
    expression_.operands[*index].at = token.at;
    if (const auto closed = expect(")", LexerPlace::kCondition); !closed) {
      return std::unexpected(closed.error());
    }
    return index;
  }

  Index field_or_transformer(const Token& token) {
    if (!token.before_parenthesis) return field(token);
    if (token.text == "val") {
      return fail_at(source_, token.at, "val() belongs to the right of an operator");
    }
    return transformer(token);
  }

  Index field(const Token& token) {
    Operand operand{.kind = OperandKind::kField, .at = token.at, .text = token.text};
    if (const auto read = argument(operand); !read) return std::unexpected(read.error());
    return add(std::move(operand));
  }

  Result<bool> argument(Operand& operand) {
    const auto opened = lexer_.peek(LexerPlace::kCondition);
    if (!opened || opened->kind != TokenKind::kSymbol || opened->text != "[") return false;
    lexer_.skip(LexerPlace::kCondition);
    const auto inside = lexer_.next(LexerPlace::kArgument);
    if (!inside) return std::unexpected(inside.error());
    if (inside->kind != TokenKind::kWord && inside->kind != TokenKind::kQuoted) {
      return fail_at(
          source_, inside->at,
          fmt::format("an argument is expected between the brackets, not {}", described(*inside)));
    }
    operand.has_argument = true;
    operand.argument = inside->text;
    operand.argument_at = inside->at;
    if (const auto closed = expect("]", LexerPlace::kCondition); !closed) {
      return std::unexpected(closed.error());
    }
    return true;
  }

  Index transformer(const Token& token) {
    const Depth depth(depth_);
    if (depth_ > kDeepestExpression) return too_deep(token.at);
    if (find_transformer(token.text) == nullptr) {
      const std::string_view near = nearest(token.text, transformer_names());
      return fail_at(source_, token.at,
                     near.empty() ? fmt::format("'{}' is not a transformer; there are {}",
                                                token.text, fmt::join(transformer_names(), " "))
                                  : fmt::format("'{}' is not a transformer; did you mean '{}'?",
                                                token.text, near));
    }
    const Index inside = items(LexerPlace::kCondition,
                               [this](const Token& item) { return transformer_operand(item); });
    if (!inside) return inside;
    Operand& operand = expression_.operands[*inside];
    operand.kind = OperandKind::kTransformer;
    operand.at = token.at;
    operand.text = token.text;
    Operand with_argument = operand;
    if (const auto read = argument(with_argument); !read) return std::unexpected(read.error());
    expression_.operands[*inside] = std::move(with_argument);
    return inside;
  }

  Index transformer_operand(const Token& token) {
    if (token.kind == TokenKind::kQuoted) return value(token);
    if (token.kind == TokenKind::kWord) {
      if (token.before_parenthesis) return field_or_transformer(token);
      if (is_field_name(token.text)) return field(token);
      if (is_number(token.text)) return value(token);
      return fail_at(source_, token.at,
                     fmt::format("'{}' is not a field; a text needs quotes here", token.text));
    }
    if (token.kind == TokenKind::kSymbol && token.text == "(") return inner_list(token);
    return fail_at(source_, token.at,
                   fmt::format("a field, a transformer or a quoted text is expected, not {}",
                               described(token)));
  }

  // A list among the operands of a transformer; its '(' has been read.
  Index inner_list(const Token& opened) {
    const Depth depth(depth_);
    if (depth_ > kDeepestExpression) return too_deep(opened.at);
    Operand operand{.kind = OperandKind::kList, .at = opened.at};
    auto token = lexer_.next(LexerPlace::kCondition);
    if (!token) return std::unexpected(token.error());
    if (token->kind == TokenKind::kSymbol && token->text == ")") return add(std::move(operand));
    while (true) {
      if (token->kind == TokenKind::kSymbol && token->text == "(") {
        return fail_at(source_, token->at, "a list has no lists in it");
      }
      const Index index = transformer_operand(*token);
      if (!index) return index;
      operand.operands.push_back(*index);
      token = lexer_.next(LexerPlace::kCondition);
      if (!token) return std::unexpected(token.error());
      if (token->kind == TokenKind::kSymbol && token->text == ")") return add(std::move(operand));
      if (token->kind != TokenKind::kSymbol || token->text != ",") {
        return fail_at(source_, token->at,
                       fmt::format("',' or ')' is expected in a list, not {}", described(*token)));
      }
      token = lexer_.next(LexerPlace::kCondition);
      if (!token) return std::unexpected(token.error());
    }
  }

  Lexer lexer_;
  std::string_view source_;
  Expression expression_;
  int depth_ = 0;
};

}  // namespace

Result<Expression> parse(std::string_view text, std::string_view source) {
  if (text.size() > kLongestExpression) {
    return fail_at(source, {},
                   fmt::format("longer than {} bytes, which is the most", kLongestExpression));
  }
  return Parser(text, source).whole();
}

}  // namespace outrider
