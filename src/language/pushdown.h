// SPDX-License-Identifier: Apache-2.0
//
// Push-down: the part of a condition that the kernel can decide.
//
// Each atom has two tests, whether it may be true and whether it may be false; the condition is
// taken in negation normal form, so that `not` takes the second. An event for which the condition
// holds always satisfies the clauses; one that satisfies them is judged again in full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "language/clauses.h"
#include "language/condition.h"

namespace outrider {

// What became of an atom in the kernel, for people.
struct AtomPlan {
  KindSet kinds;  // for which this is so
  enum class Decided : std::uint8_t {
    kExactly,  // wherever the kernel knows the value
    kPartly,   // more events pass
    kNot,
    kMissing,  // these kinds have no such field: the comparison is false
  } decided = Decided::kNot;
  std::string_view how;  // "comm of the thread", or why not; static
};

struct PushedCondition {
  Clauses clauses;
  // The kernel lets through exactly the events for which the condition holds, wherever it knows
  // all values that are asked for (SEMANTICS 15).
  bool certain = false;
  // More clauses than the cap: some were joined into wider ones.
  bool widened = false;
  // By atom; several if kinds differ.
  std::vector<std::vector<AtomPlan>> atoms;
};

// Clauses that one condition may have.
inline constexpr std::size_t kClausesOfCondition = 32;

// `kinds`: enum wire_kind. Needs the condition's catalog.
PushedCondition push_down(const Condition& condition, std::span<const std::uint16_t> kinds,
                          std::size_t cap = kClausesOfCondition);

// Of a consumer who wants all events of these kinds.
PushedCondition push_down_all(std::span<const std::uint16_t> kinds);

}  // namespace outrider
