// SPDX-License-Identifier: Apache-2.0
//
// A checked expression: fields found, types known to fit, values prepared. What rules, filters and
// the push-down work with.
//
// The tree of nodes is that of the Expression, its leaves are atoms here. The evaluator follows
// `steps` instead, which are the same tree with all turns worked out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "language/expression.h"
#include "language/fields.h"
#include "language/matchers.h"
#include "language/transformers.h"

namespace re2 {
class RE2;
}

namespace outrider {

enum class TermKind : std::uint8_t {
  kField,
  kTransformer,
  kText,  // a constant, among the operands of a transformer
  kList,  // among the operands of a transformer
};

// What can be read from an event: a field, or something made of fields.
struct Term {
  TermKind kind = TermKind::kText;
  Position at;
  ValueClass value_class = ValueClass::kText;
  FieldType type = FieldType::kText;
  // A list of which any item may match: a field whose index was left out.
  bool any_item = false;

  const Field* field = nullptr;  // the catalog's
  FieldArgument argument = {};
  // Where its value is kept while an event is judged; kNoIndex: it is read once only.
  std::uint32_t slot = kNoIndex;

  Transformer transformer = Transformer::kLen;
  std::vector<std::uint32_t> operands = {};  // indexes of terms
  OptionTable options = {};                  // of getopt
  char option = '\0';                        // of getopt with a letter

  std::string text = {};
};

// One value to the right of an operator, ready for it.
struct Literal {
  Position at;
  std::string text = {};  // as the expression has it
  std::string prepared =
      {};  // what is compared: small letters, decoded bytes, a network, or the text
  Number number = {};
  std::vector<std::string> flags = {};
  std::shared_ptr<const re2::RE2> regex = {};
};

// How both sides of an atom are compared.
enum class ComparedAs : std::uint8_t { kExistence, kNumber, kBits, kText, kFlags, kList, kAddress };

// A comparison; its truth is that of the field's value against each literal, as the modifier says.
struct Atom {
  Position at;  // of its left side
  Operator op = Operator::kExists;
  Modifier modifier = Modifier::kNone;
  ComparedAs as = ComparedAs::kExistence;
  std::uint32_t left = kNoIndex;          // index of a term
  std::uint32_t right = kNoIndex;         // index of a term, if that is no literal
  std::vector<Literal> literals;          // in the order of the expression
  TextSet texts;                          // of in and intersects
  std::vector<std::uint64_t> numbers[2];  // sorted, those that are not negative first
  std::string text = {};                  // as print() writes it, for people
};

inline constexpr std::uint32_t kAccept = 0xfffffffe;
inline constexpr std::uint32_t kReject = 0xffffffff;

// Judge an atom, then go on here or there: an index of steps, kAccept or kReject.
struct Step {
  std::uint32_t atom = 0;
  std::uint32_t if_true = kAccept;
  std::uint32_t if_false = kReject;
};

// Not changed after check(): any number of threads may evaluate it. Needs the catalog and its
// descriptors to live as long.
struct Condition {
  std::vector<Term> terms;
  std::vector<Atom> atoms;
  std::vector<Node> nodes;  // Node::leaf is an index of atoms
  std::uint32_t root = kNoIndex;
  std::vector<Step> steps;
  std::uint32_t first_step = kAccept;
  std::uint32_t slots = 0;
};

}  // namespace outrider
