// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "events/event.h"
#include "language/clause_sets.h"
#include "language/clauses.h"

namespace outrider {

// Which clauses the events of a process, or of a workload, may satisfy, by what only the agent
// knows of it. Of a process it holds until its next exec.
class ToldSets {
 public:
  // A clause that is only satisfied by events of those which pass the test.
  void add(std::size_t clause, const ToldTest& test);

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Takes those out of a set that no event of the same process, or workload, can satisfy.
  void narrow(ClauseSet& set, const Event& event) const;

 private:
  struct Row {
    ToldTest test;
    std::vector<std::size_t> clauses;
  };
  std::vector<Row> rows_;  // by test
};

}  // namespace outrider
