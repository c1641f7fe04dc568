// SPDX-License-Identifier: Apache-2.0
#include "language/told_sets.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "language/condition.h"
#include "language/evaluator.h"
#include "language/transformers.h"

namespace outrider {

namespace {

// Whether the ancestors that an event's process has now are all that it will ever have, or more.
// Who loses its parent gets one of those above it or the first process of its pid namespace
// (find_new_reaper in kernel/exit.c): so the first process must be among them, and it must be the
// only pid namespace, since one may come into another from outside. What the kernel itself has
// started has not got the first process above it.
bool may_only_lose_ancestors(const Field& field, const FieldArgument& argument,
                             const Event& event) {
  const wire_header& header = *event.header;
  if (header.vpid != header.pid) return false;
  if (header.pid == 1) return true;
  const Value ancestors = field.extras.read(event, argument);
  if (ancestors.kind != Value::Kind::kTextList || ancestors.cut) return false;
  std::string_view rest = ancestors.text;
  std::string_view ancestor;
  while (next_item(rest, ancestor)) {
    if (ancestor == "1") return true;
  }
  return false;
}

// Nothing where it is not known, or may be otherwise with the next event.
std::optional<bool> judge(const ToldTest& test, const Event& event) {
  const Atom& atom = test.condition->atoms[test.atom];
  const Term& left = test.condition->terms[atom.left];
  if (left.kind == TermKind::kField) {
    // The condition may be for other kinds of events than this one is of.
    const KernelValue* value = left.field->in_kernel[event.header->kind];
    if (value == nullptr) return std::nullopt;
    if (value->how == KernelValue::How::kAncestors &&
        !may_only_lose_ancestors(*left.field, left.argument, event)) {
      return std::nullopt;
    }
  }
  return judge_atom(*test.condition, atom, event);
}

}  // namespace

void ToldSets::add(std::size_t clause, const ToldTest& test) {
  auto row = std::ranges::lower_bound(rows_, test, {}, &Row::test);
  if (row == rows_.end() || row->test != test)
    row = rows_.insert(row, {.test = test, .clauses = {}});
  row->clauses.push_back(clause);
}

void ToldSets::narrow(ClauseSet& set, const Event& event) const {
  for (const Row& row : rows_) {
    const auto holds = judge(row.test, event);
    if (!holds || *holds == row.test.holds) continue;
    for (const std::size_t clause : row.clauses) put(set, clause, false);
  }
}

}  // namespace outrider
