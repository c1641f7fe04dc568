// SPDX-License-Identifier: Apache-2.0
#include "rules/macro_expansion.h"

#include <fmt/format.h>

#include "language/lexer.h"

namespace outrider {

namespace {

// Macros that use others twice grow by powers of two; stacks are bounded by the depth.
constexpr std::size_t kMostNodes = 200'000;
constexpr int kDeepest = 1000;

class Expander {
 public:
  explicit Expander(const FindMacro& find) : find_(find) {}

  Result<std::uint32_t> copy(const Expression& from, std::uint32_t index, int depth) {
    const Node& node = from.nodes[index];
    if (depth > kDeepest || out.nodes.size() > kMostNodes) {
      return fail_at("", node.at,
                     fmt::format("macros make this condition more than {} levels deep, or more "
                                 "than {} parts long",
                                 kDeepest, kMostNodes));
    }
    if (node.kind == NodeKind::kReference) {
      const Expression* const macro = find_(node.name);
      if (macro == nullptr) {
        return fail_at("", node.at, fmt::format("no macro '{}' is defined before this", node.name));
      }
      return copy(*macro, macro->root, depth + 1);
    }
    Node made{.kind = node.kind, .at = node.at};
    if (node.kind == NodeKind::kComparison) {
      made.leaf = copy_comparison(from, from.comparisons[node.leaf]);
    }
    for (const std::uint32_t child : node.children) {
      const auto copied = copy(from, child, depth + 1);
      if (!copied) return copied;
      made.children.push_back(*copied);
    }
    out.nodes.push_back(std::move(made));
    return static_cast<std::uint32_t>(out.nodes.size() - 1);
  }

  Expression out;

 private:
  std::uint32_t copy_comparison(const Expression& from, Comparison comparison) {
    comparison.left = copy_operand(from, comparison.left);
    if (comparison.right != kNoIndex) comparison.right = copy_operand(from, comparison.right);
    out.comparisons.push_back(comparison);
    return static_cast<std::uint32_t>(out.comparisons.size() - 1);
  }

  std::uint32_t copy_operand(const Expression& from, std::uint32_t index) {
    Operand operand = from.operands[index];
    for (std::uint32_t& each : operand.operands) each = copy_operand(from, each);
    out.operands.push_back(std::move(operand));
    return static_cast<std::uint32_t>(out.operands.size() - 1);
  }

  const FindMacro& find_;
};

}  // namespace

Result<Expression> expand_macros(const Expression& expression, const FindMacro& find) {
  Expander expander(find);
  const auto root = expander.copy(expression, expression.root, 0);
  if (!root) return std::unexpected(root.error());
  expander.out.root = *root;
  return std::move(expander.out);
}

}  // namespace outrider
