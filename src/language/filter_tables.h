// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "events/filter_wire.h"
#include "language/pushdown.h"

namespace outrider {

struct TrieEntry {
  std::string key;
  std::uint16_t set = 0;
};

// What the kernel needs to decide for all consumers at once; see src/events/filter_wire.h.
struct FilterTables {
  std::unique_ptr<filter_tables> tables;
  // By enum filter_text: entries besides the empty one, which is in the tables.
  std::array<std::vector<TrieEntry>, FILTER_TEXTS> prefixes;
  std::array<std::vector<TrieEntry>, FILTER_TEXTS> suffixes;

  std::uint32_t kinds = 0;  // of all clauses: a bit for each
  std::size_t clauses = 0;
  std::size_t sets = 0;
  // Clauses were joined, or a dimension was left out, since there was no room: more events pass.
  bool widened = false;
};

// Never refuses: what does not fit is widened.
FilterTables make_filter_tables(std::span<const PushedCondition* const> conditions);

}  // namespace outrider
