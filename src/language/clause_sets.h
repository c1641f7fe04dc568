// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "events/filter_wire.h"

namespace outrider {

// A set of clauses, by number.
using ClauseSet = std::array<std::uint64_t, FILTER_CLAUSES / 64>;

void put(ClauseSet& set, std::size_t clause, bool belongs);

// The sets of a filter's tables: each once, numbered in the order in which they came.
class ClauseSets {
 public:
  // FILTER_SET_ALL is there from the beginning. The tables must stay where they are.
  explicit ClauseSets(filter_tables& tables);

  // Puts it into the tables if it is not there yet; nothing if there is no room for it.
  std::optional<wire_u16> number_of(const ClauseSet& set);
  // Takes those out again that came when there were this many.
  void shrink(std::size_t size);

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Hash {
    std::size_t operator()(const ClauseSet& set) const;
  };
  filter_tables* tables_;
  std::unordered_map<ClauseSet, wire_u16, Hash> numbers_;
  std::size_t size_ = 1;
};

}  // namespace outrider
