// SPDX-License-Identifier: Apache-2.0
//
// What an expression says, before anyone asked whether its fields exist.
//
// A tree in vectors: everything refers to its parts by index, and nothing is hidden, so that
// passes (the checker, macros, push-down) can walk and change it as they like.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "language/token.h"

namespace outrider {

enum class Operator : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kContains,
  kIContains,
  kBContains,
  kStartsWith,
  kBStartsWith,
  kEndsWith,
  kGlob,
  kIGlob,
  kRegex,
  kIn,
  kIntersects,
  kPMatch,
  kExists,
};

// `field OP MODIFIER (a, b)` is `field OP a`, `field OP b`, and how many of them must hold.
enum class Modifier : std::uint8_t { kNone, kOneOf, kAnyOf, kAllOf };

// What an operator wants to its right.
enum class RightSide : std::uint8_t { kNothing, kValue, kList };

struct OperatorRow {
  std::string_view spelling;
  Operator op;
  RightSide right;
  bool modifiable;
};

// Every spelling; the first one of an operator is how it is printed. Static.
inline constexpr OperatorRow kOperators[] = {
    {"=", Operator::kEqual, RightSide::kValue, true},
    {"==", Operator::kEqual, RightSide::kValue, true},
    {"!=", Operator::kNotEqual, RightSide::kValue, true},
    {"<", Operator::kLess, RightSide::kValue, false},
    {"<=", Operator::kLessOrEqual, RightSide::kValue, false},
    {">", Operator::kGreater, RightSide::kValue, false},
    {">=", Operator::kGreaterOrEqual, RightSide::kValue, false},
    {"contains", Operator::kContains, RightSide::kValue, true},
    {"icontains", Operator::kIContains, RightSide::kValue, true},
    {"bcontains", Operator::kBContains, RightSide::kValue, true},
    {"startswith", Operator::kStartsWith, RightSide::kValue, true},
    {"bstartswith", Operator::kBStartsWith, RightSide::kValue, true},
    {"endswith", Operator::kEndsWith, RightSide::kValue, true},
    {"glob", Operator::kGlob, RightSide::kValue, true},
    {"iglob", Operator::kIGlob, RightSide::kValue, true},
    {"regex", Operator::kRegex, RightSide::kValue, true},
    {"in", Operator::kIn, RightSide::kList, false},
    {"intersects", Operator::kIntersects, RightSide::kList, false},
    {"pmatch", Operator::kPMatch, RightSide::kList, false},
    {"exists", Operator::kExists, RightSide::kNothing, false},
};

std::string_view spelling_of(Operator op);
std::string_view spelling_of(Modifier modifier);

enum class OperandKind : std::uint8_t {
  kField,        // text: its name
  kTransformer,  // text: its name
  kValue,        // text: the value, unescaped
  kList,         // operands: values, fields, transformers
  kReference,    // text: the name of a list that is written elsewhere
};

struct Operand {
  OperandKind kind = OperandKind::kValue;
  Position at;
  std::string text = {};
  bool quoted = false;  // of a value
  bool by_val = false;  // a field, written val(field)
  // What stands in brackets behind a field or a transformer.
  bool has_argument = false;
  std::string argument = {};
  Position argument_at = {};
  // Of a transformer or a list: indexes into Expression::operands.
  std::vector<std::uint32_t> operands = {};
};

inline constexpr std::uint32_t kNoIndex = 0xffffffff;

struct Comparison {
  Position at;  // of the operator
  Operator op = Operator::kExists;
  Modifier modifier = Modifier::kNone;
  std::uint32_t left = kNoIndex;   // indexes into Expression::operands
  std::uint32_t right = kNoIndex;  // kNoIndex: exists has none
};

enum class NodeKind : std::uint8_t {
  kAnd,         // two or more children
  kOr,          // two or more children
  kNot,         // one child
  kComparison,  // a leaf: `leaf` is an index into the comparisons (checked: the atoms)
  kReference,   // a leaf: `name` is a macro that is written elsewhere
};

struct Node {
  NodeKind kind = NodeKind::kComparison;
  Position at;
  std::vector<std::uint32_t> children = {};  // indexes of nodes; each is smaller than its parent's
  std::uint32_t leaf = kNoIndex;
  std::string name = {};
};

struct Expression {
  std::vector<Operand> operands;
  std::vector<Comparison> comparisons;
  std::vector<Node> nodes;
  std::uint32_t root = kNoIndex;
};

// The expression as text in one spelling: parse() of it gives the same tree.
std::string print(const Expression& expression);
// One comparison of it.
std::string print(const Expression& expression, const Comparison& comparison);

}  // namespace outrider
