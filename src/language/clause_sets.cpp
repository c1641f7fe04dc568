// SPDX-License-Identifier: Apache-2.0
#include "language/clause_sets.h"

#include <algorithm>
#include <string_view>

namespace outrider {

void put(ClauseSet& set, std::size_t clause, bool belongs) {
  const std::uint64_t bit = std::uint64_t{1} << clause % 64;
  if (belongs) {
    set[clause / 64] |= bit;
  } else {
    set[clause / 64] &= ~bit;
  }
}

std::size_t ClauseSets::Hash::operator()(const ClauseSet& set) const {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(set.data()), sizeof(set)});
}

ClauseSets::ClauseSets(filter_tables& tables) : tables_(&tables) {
  // What is not known satisfies every clause, also those that are not there: so the set needs no
  // change when there are more.
  filter_set& all = tables.sets[FILTER_SET_ALL];
  all.summary = ~std::uint64_t{0};
  std::ranges::fill(all.words, ~std::uint64_t{0});
}

std::optional<wire_u16> ClauseSets::number_of(const ClauseSet& set) {
  const auto [known, fresh] = numbers_.try_emplace(set, static_cast<wire_u16>(size_));
  if (!fresh) return known->second;
  if (size_ >= FILTER_SETS) {
    numbers_.erase(known);
    return std::nullopt;
  }
  filter_set& wire = tables_->sets[size_++];
  for (std::size_t i = 0; i < set.size(); ++i) {
    wire.words[i] = set[i];
    if (set[i] != 0) wire.summary |= std::uint64_t{1} << i;
  }
  return known->second;
}

void ClauseSets::shrink(std::size_t size) {
  for (std::size_t i = size; i < size_; ++i) tables_->sets[i] = {};
  size_ = size;
  std::erase_if(numbers_, [size](const auto& known) { return known.second >= size; });
}

}  // namespace outrider
