// SPDX-License-Identifier: Apache-2.0
#include "language/clauses.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace outrider {

namespace {

// What is wanted is either a set of values, or tests which all have to be passed.
template <typename Wanted>
concept Tests = requires(Wanted tests) { typename Wanted::value_type; };

bool has_tests(const Constraint& constraint) {
  return std::visit([]<typename Wanted>(const Wanted&) { return Tests<Wanted>; },
                    constraint.wanted);
}

bool is_empty(const Constraint& constraint) {
  if (constraint.missing) return false;
  return std::visit(
      []<typename Wanted>(const Wanted& wanted) {
        if constexpr (Tests<Wanted>)
          return false;
        else
          return wanted.empty();
      },
      constraint.wanted);
}

bool says_nothing(const Constraint& constraint) {
  if (!constraint.missing) return false;
  return std::visit(
      []<typename Wanted>(const Wanted& wanted) {
        if constexpr (Tests<Wanted>)
          return wanted.empty();
        else
          return wanted.full();
      },
      constraint.wanted);
}

Constraint united(const Constraint& a, const Constraint& b) {
  Constraint both = a;
  both.missing = a.missing || b.missing;
  std::visit(
      [&b]<typename Wanted>(Wanted& wanted) {
        const auto& other = std::get<Wanted>(b.wanted);
        if constexpr (Tests<Wanted>) {
          // Tests that both make are all that is left.
          Wanted common;
          std::ranges::set_intersection(wanted, other, std::back_inserter(common));
          wanted = std::move(common);
        } else {
          wanted = wanted.united(other);
        }
      },
      both.wanted);
  return both;
}

Constraint intersected(const Constraint& a, const Constraint& b) {
  Constraint both = a;
  both.missing = a.missing && b.missing;
  std::visit(
      [&b]<typename Wanted>(Wanted& wanted) {
        const auto& other = std::get<Wanted>(b.wanted);
        if constexpr (Tests<Wanted>) {
          Wanted all;
          std::ranges::set_union(wanted, other, std::back_inserter(all));
          wanted = std::move(all);
        } else {
          wanted = wanted.intersected(other);
        }
      },
      both.wanted);
  return both;
}

// Both constraints at once; nothing if that cannot be.
std::optional<Clause> intersected(const Clause& a, const Clause& b) {
  Clause both{.kinds = a.kinds & b.kinds, .constraints = {}};
  if (both.kinds.none()) return std::nullopt;
  auto left = a.constraints.begin();
  auto right = b.constraints.begin();
  while (left != a.constraints.end() || right != b.constraints.end()) {
    if (right == b.constraints.end() ||
        (left != a.constraints.end() && left->dimension < right->dimension)) {
      both.constraints.push_back(*left++);
    } else if (left == a.constraints.end() || right->dimension < left->dimension) {
      both.constraints.push_back(*right++);
    } else {
      both.constraints.push_back(intersected(*left++, *right++));
      if (is_empty(both.constraints.back())) return std::nullopt;
    }
  }
  return both;
}

// The place of the only constraint in which two clauses differ; their number if in none, nothing
// if in several or in which values they constrain.
std::optional<std::size_t> only_difference(const Clause& a, const Clause& b) {
  if (a.constraints.size() != b.constraints.size()) return std::nullopt;
  std::size_t difference = a.constraints.size();
  for (std::size_t i = 0; i < a.constraints.size(); ++i) {
    if (a.constraints[i].dimension != b.constraints[i].dimension) return std::nullopt;
    if (a.constraints[i] == b.constraints[i]) continue;
    if (difference != a.constraints.size()) return std::nullopt;
    difference = i;
  }
  return difference;
}

std::size_t shared_dimensions(const Clause& a, const Clause& b) {
  return static_cast<std::size_t>(
      std::ranges::count_if(a.constraints, [&b](const Constraint& constraint) {
        return std::ranges::find(b.constraints, constraint.dimension, &Constraint::dimension) !=
               b.constraints.end();
      }));
}

}  // namespace

Clause hull(const Clause& a, const Clause& b) {
  Clause both{.kinds = a.kinds | b.kinds, .constraints = {}};
  for (const Constraint& constraint : a.constraints) {
    const auto other =
        std::ranges::find(b.constraints, constraint.dimension, &Constraint::dimension);
    if (other == b.constraints.end()) continue;
    Constraint wider = united(constraint, *other);
    if (!says_nothing(wider)) both.constraints.push_back(std::move(wider));
  }
  return both;
}

Clauses Clauses::all(KindSet kinds) {
  Clauses clauses;
  if (kinds.any()) clauses.clauses_.push_back({.kinds = kinds, .constraints = {}});
  return clauses;
}

Clauses Clauses::of(KindSet kinds, Constraint constraint) {
  if (is_empty(constraint)) return none();
  Clauses clauses = all(kinds);
  if (!says_nothing(constraint) && kinds.any()) {
    clauses.clauses_[0].constraints.push_back(std::move(constraint));
  }
  return clauses;
}

// Two clauses become one where that lets nothing more in.
void Clauses::add(Clause clause) {
  for (Clause& known : clauses_) {
    if (known.constraints.empty() && (known.kinds & clause.kinds) == clause.kinds) return;
    const auto difference = only_difference(known, clause);
    if (!difference) continue;
    if (*difference == known.constraints.size()) {
      known.kinds |= clause.kinds;
      return;
    }
    // Tests are no set of values: a union would let more in.
    Constraint& constraint = known.constraints[*difference];
    if (known.kinds != clause.kinds || has_tests(constraint)) continue;
    constraint = united(constraint, clause.constraints[*difference]);
    if (says_nothing(constraint)) {
      known.constraints.erase(known.constraints.begin() + static_cast<std::ptrdiff_t>(*difference));
    }
    return;
  }
  clauses_.push_back(std::move(clause));
}

bool Clauses::unite(const Clauses& other, std::size_t most) {
  for (const Clause& clause : other.clauses_) add(clause);
  return cap(most);
}

bool Clauses::intersect(const Clauses& other, std::size_t most) {
  Clauses left = std::move(*this);
  Clauses right = other;
  bool widened = false;
  // The product is made of no more than some times the cap, so that its making is bounded, too.
  while (left.clauses_.size() * right.clauses_.size() > 4 * most) {
    Clauses& larger = left.clauses_.size() >= right.clauses_.size() ? left : right;
    larger.cap(larger.clauses_.size() / 2);
    widened = true;
  }
  clauses_.clear();
  for (const Clause& a : left.clauses_) {
    for (const Clause& b : right.clauses_) {
      if (auto both = intersected(a, b)) add(std::move(*both));
    }
  }
  return cap(most) || widened;
}

// Joins the last clause with the one that has most in common with it.
bool Clauses::cap(std::size_t most) {
  bool widened = false;
  while (clauses_.size() > std::max<std::size_t>(most, 1)) {
    const Clause last = std::move(clauses_.back());
    clauses_.pop_back();
    const auto nearest = std::ranges::max_element(
        clauses_, {}, [&last](const Clause& clause) { return shared_dimensions(clause, last); });
    *nearest = hull(*nearest, last);
    widened = true;
  }
  return widened;
}

}  // namespace outrider
