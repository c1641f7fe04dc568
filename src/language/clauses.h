// SPDX-License-Identifier: Apache-2.0
//
// Clauses: which events may satisfy a condition, by what the kernel knows of them.
//
// A clause is a constraint for each of some dimensions; an event may satisfy it if all its values
// may. What is not known satisfies every constraint. Operations may let more events in, never
// fewer: that is what makes a cap on their number possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "events/filter_wire.h"
#include "events/kind_set.h"
#include "language/number_set.h"
#include "language/prefix_set.h"

namespace outrider {

enum class DimensionKind : std::uint8_t {
  kNumber,  // index: enum filter_number
  kPrefix,  // index: enum filter_text
  kSuffix,  // index: enum filter_text; its texts are turned round
  kFlags,   // of the call; index 0
  // What only the agent knows and tells the kernel; index 0.
  kProcess,
  kWorkload,
};

struct Dimension {
  DimensionKind kind = DimensionKind::kNumber;
  std::uint8_t index = 0;
  auto operator<=>(const Dimension&) const = default;
};

// (flags & mask) == value, or not.
struct FlagTest {
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  bool equal = true;
  auto operator<=>(const FlagTest&) const = default;
};
// All of them; sorted, each once.
using FlagTests = std::vector<FlagTest>;

struct Condition;

// Whether an atom holds for the process, or the workload, that an event is of.
struct ToldTest {
  const Condition* condition = nullptr;
  std::uint32_t atom = 0;
  bool holds = true;
  auto operator<=>(const ToldTest&) const = default;
};
using ToldTests = std::vector<ToldTest>;

struct Constraint {
  Dimension dimension;
  std::variant<NumberSet, PrefixSet, FlagTests, ToldTests> wanted;
  // Whether an event that has no such value satisfies it.
  bool missing = false;
  bool operator==(const Constraint&) const = default;
};

struct Clause {
  KindSet kinds;
  std::vector<Constraint> constraints;  // by dimension; each says something
  bool operator==(const Clause&) const = default;
};

// A disjunction of clauses; without any nothing satisfies it.
class Clauses {
 public:
  static Clauses none() { return {}; }
  static Clauses all(KindSet kinds);
  // One constraint, or all if it says nothing, or none if nothing can satisfy it.
  static Clauses of(KindSet kinds, Constraint constraint);

  // With more than `cap` clauses, some are replaced by one that is satisfied by all that satisfies
  // any of them. Returns whether that has happened.
  bool unite(const Clauses& other, std::size_t cap);
  bool intersect(const Clauses& other, std::size_t cap);
  bool cap(std::size_t most);

  std::span<const Clause> clauses() const { return clauses_; }
  bool empty() const { return clauses_.empty(); }

 private:
  void add(Clause clause);

  std::vector<Clause> clauses_;
};

// A clause that both satisfy.
Clause hull(const Clause& a, const Clause& b);

}  // namespace outrider
