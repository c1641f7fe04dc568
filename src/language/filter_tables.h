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
#include "language/clause_sets.h"
#include "language/pushdown.h"
#include "language/told_sets.h"

namespace outrider {

struct TrieEntry {
  std::string key;
  std::uint16_t set = 0;
};

// What the kernel needs to decide for all consumers at once; see src/events/filter_wire.h.
struct FilterTables {
  std::unique_ptr<filter_tables> tables = std::make_unique<filter_tables>();
  ClauseSets sets{*tables};
  // Every clause there is; and which of them a process, or a workload, rules out.
  ClauseSet all{};
  ToldSets processes;
  ToldSets workloads;
  // By enum filter_text: entries besides the empty one, which is in the tables.
  std::array<std::vector<TrieEntry>, FILTER_TEXTS> prefixes;
  std::array<std::vector<TrieEntry>, FILTER_TEXTS> suffixes;

  KindSet kinds;  // of all clauses
  std::size_t clauses = 0;
  // Clauses were joined, or a dimension was left out, since there was no room: more events pass.
  bool widened = false;
};

// The number of the set of clauses that events of this event's process may satisfy; it may be a new
// one, and then the tables have changed (`sets`).
wire_u16 set_of_process(FilterTables& made, const Event& event);
// The same of its workload.
wire_u16 set_of_workload(FilterTables& made, const Event& event);

// Never refuses: what does not fit is widened.
FilterTables make_filter_tables(std::span<const PushedCondition* const> conditions);

}  // namespace outrider
