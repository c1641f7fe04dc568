// SPDX-License-Identifier: Apache-2.0
#include "language/process_sets.h"

#include <algorithm>
#include <optional>

#include "language/condition.h"
#include "language/evaluator.h"

namespace outrider {

namespace {

// Nothing where it is not known, or may be otherwise with the next event.
std::optional<bool> judge(const ProcessTest& test, const Event& event) {
  const Atom& atom = test.condition->atoms[test.atom];
  const Term& left = test.condition->terms[atom.left];
  const wire_header& header = *event.header;
  if (left.kind == TermKind::kField) {
    const KernelValue* value = left.field->in_kernel[header.kind];
    // Who loses its parent gets one of those above it, or the first process of its pid namespace,
    // which is above it, too, unless it has come into that namespace from outside (find_new_reaper
    // in kernel/exit.c).
    if (value != nullptr && value->how == KernelValue::How::kAncestors &&
        header.vpid != header.pid) {
      return std::nullopt;
    }
  }
  return judge_atom(*test.condition, atom, event);
}

}  // namespace

void ProcessSets::add(std::size_t clause, const ProcessTest& test) {
  auto row = std::ranges::lower_bound(rows_, test, {}, &Row::test);
  if (row == rows_.end() || row->test != test)
    row = rows_.insert(row, {.test = test, .clauses = {}});
  row->clauses.push_back(clause);
}

void ProcessSets::narrow(ClauseSet& set, const Event& event) const {
  for (const Row& row : rows_) {
    const auto holds = judge(row.test, event);
    if (!holds || *holds == row.test.holds) continue;
    for (const std::size_t clause : row.clauses) put(set, clause, false);
  }
}

}  // namespace outrider
