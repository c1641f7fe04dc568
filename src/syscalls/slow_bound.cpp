// SPDX-License-Identifier: Apache-2.0
#include "syscalls/slow_bound.h"

#include <algorithm>
#include <vector>

namespace outrider {

namespace {

bool is_latency(const Condition& condition, const Atom& atom) {
  if (atom.left >= condition.terms.size()) return false;
  const Field* field = condition.terms[atom.left].field;
  return field != nullptr && field->name == "evt.latency";
}

// The least latency for which a comparison may hold.
std::uint64_t bound_of(const Condition& condition, const Atom& atom) {
  const bool plain = is_latency(condition, atom) && atom.modifier == Modifier::kNone &&
                     atom.right == kNoIndex && atom.literals.size() == 1;
  if (!plain || atom.literals[0].number.negative) return 0;
  const std::uint64_t number = atom.literals[0].number.bits;
  switch (atom.op) {
    case Operator::kEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return number;
    default:
      return 0;
  }
}

}  // namespace

std::uint64_t slow_bound_of(const Condition* condition) {
  const bool says =
      condition != nullptr && std::ranges::any_of(condition->terms, [](const Term& term) {
        return term.field != nullptr && term.field->name == "evt.latency";
      });
  if (!says) return kUsualSlowBound;
  // Children come before their parents.
  std::vector<std::uint64_t> bounds(condition->nodes.size(), 0);
  for (std::size_t i = 0; i < condition->nodes.size(); ++i) {
    const Node& node = condition->nodes[i];
    if (node.kind == NodeKind::kComparison) {
      bounds[i] = bound_of(*condition, condition->atoms[node.leaf]);
    } else if (node.kind == NodeKind::kAnd) {
      for (const std::uint32_t child : node.children)
        bounds[i] = std::max(bounds[i], bounds[child]);
    } else if (node.kind == NodeKind::kOr) {
      bounds[i] = ~std::uint64_t{0};
      for (const std::uint32_t child : node.children)
        bounds[i] = std::min(bounds[i], bounds[child]);
    }
  }
  return condition->root < bounds.size() ? bounds[condition->root] : 0;
}

}  // namespace outrider
