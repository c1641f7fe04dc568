// SPDX-License-Identifier: Apache-2.0
#include "language/expression.h"

#include "language/lexer.h"

namespace outrider {

std::string_view spelling_of(Operator op) {
  for (const OperatorRow& row : kOperators) {
    if (row.op == op) return row.spelling;
  }
  return "";
}

std::string_view spelling_of(Modifier modifier) {
  constexpr std::string_view kSpellings[] = {"", "oneof", "anyof", "allof"};
  return kSpellings[static_cast<std::size_t>(modifier)];
}

namespace {

class Printer {
 public:
  explicit Printer(const Expression& expression) : expression_(expression) {}

  void node(std::uint32_t index) {
    const Node& node = expression_.nodes[index];
    switch (node.kind) {
      case NodeKind::kAnd:
        children(node, " and ");
        return;
      case NodeKind::kOr:
        children(node, " or ");
        return;
      case NodeKind::kNot:
        out += "not ";
        child(node.children[0]);
        return;
      case NodeKind::kComparison:
        comparison(expression_.comparisons[node.leaf]);
        return;
      case NodeKind::kReference:
        out += node.name;
        return;
    }
  }

  void comparison(const Comparison& comparison) {
    operand(comparison.left, false);
    out += ' ';
    out += spelling_of(comparison.op);
    if (comparison.modifier != Modifier::kNone) {
      out += ' ';
      out += spelling_of(comparison.modifier);
    }
    if (comparison.right == kNoIndex) return;
    out += ' ';
    operand(comparison.right, false);
  }

  std::string out;

 private:
  void children(const Node& node, std::string_view between) {
    bool first = true;
    for (const std::uint32_t index : node.children) {
      if (!first) out += between;
      first = false;
      child(index);
    }
  }

  void child(std::uint32_t index) {
    const NodeKind kind = expression_.nodes[index].kind;
    const bool compound = kind == NodeKind::kAnd || kind == NodeKind::kOr;
    if (compound) out += '(';
    node(index);
    if (compound) out += ')';
  }

  // Among the operands of a transformer a bare word would be a field.
  void operand(std::uint32_t index, bool in_transformer) {
    const Operand& operand = expression_.operands[index];
    switch (operand.kind) {
      case OperandKind::kField:
        if (operand.by_val) out += "val(";
        out += operand.text;
        argument(operand);
        if (operand.by_val) out += ')';
        return;
      case OperandKind::kReference:
        out += operand.text;
        return;
      case OperandKind::kValue:
        out += operand.quoted || in_transformer ? with_quotes(operand.text)
                                                : quoted_if_needed(operand.text);
        return;
      case OperandKind::kTransformer:
        out += operand.text;
        list(operand, true);
        argument(operand);
        return;
      case OperandKind::kList:
        list(operand, in_transformer);
        return;
    }
  }

  void list(const Operand& of, bool in_transformer) {
    out += '(';
    bool first = true;
    for (const std::uint32_t index : of.operands) {
      if (!first) out += ", ";
      first = false;
      operand(index, in_transformer);
    }
    out += ')';
  }

  void argument(const Operand& operand) {
    if (!operand.has_argument) return;
    out += '[';
    out += quoted_if_needed(operand.argument).front() == '"' ||
                   operand.argument.find_first_of("[]") != std::string::npos
               ? with_quotes(operand.argument)
               : operand.argument;
    out += ']';
  }

  const Expression& expression_;
};

}  // namespace

std::string print(const Expression& expression) {
  Printer printer(expression);
  printer.node(expression.root);
  return std::move(printer.out);
}

std::string print(const Expression& expression, const Comparison& comparison) {
  Printer printer(expression);
  printer.comparison(comparison);
  return std::move(printer.out);
}

}  // namespace outrider
