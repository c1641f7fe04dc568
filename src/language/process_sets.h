// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "events/event.h"
#include "language/clause_sets.h"
#include "language/clauses.h"

namespace outrider {

// Which clauses the events of a process may satisfy, by what only the agent knows of it. It holds
// until the process's next exec.
class ProcessSets {
 public:
  // A clause that is only satisfied by events of processes which pass the test.
  void add(std::size_t clause, const ProcessTest& test);

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Takes those out of a set that no event of this event's process can satisfy.
  void narrow(ClauseSet& set, const Event& event) const;

 private:
  struct Row {
    ProcessTest test;
    std::vector<std::size_t> clauses;
  };
  std::vector<Row> rows_;  // by test
};

}  // namespace outrider
