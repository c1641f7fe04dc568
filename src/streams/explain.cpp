// SPDX-License-Identifier: Apache-2.0
#include "streams/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "events/filter_wire.h"
#include "language/filter_tables.h"
#include "language/pushdown.h"

namespace outrider {

namespace {

using Decided = AtomPlan::Decided;

std::string names_of(const KindSet& set, std::span<const EventDescriptor* const> kinds) {
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : kinds) {
    if (set[kind->kind]) names.push_back(kind->name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

struct DecidedWord {
  Decided decided;
  std::string_view word;
};
constexpr DecidedWord kDecidedWords[] = {
    {Decided::kExactly, "kernel"},
    {Decided::kPartly, "kernel, in part"},
    {Decided::kNot, "agent"},
    {Decided::kMissing, "false"},
};

void explain_atoms(std::string& out, const Condition& condition, const PushedCondition& pushed,
                   std::span<const EventDescriptor* const> kinds) {
  for (std::size_t i = 0; i < condition.atoms.size(); ++i) {
    const Atom& atom = condition.atoms[i];
    fmt::format_to(std::back_inserter(out), "  {}\n", atom.text);
    std::vector<AtomPlan> plans;
    for (const AtomPlan& plan : pushed.atoms[i]) {
      const auto same = std::ranges::find_if(plans, [&plan](const AtomPlan& known) {
        return known.decided == plan.decided && known.how == plan.how;
      });
      if (same == plans.end()) {
        plans.push_back(plan);
      } else {
        same->kinds |= plan.kinds;
      }
    }
    for (const AtomPlan& plan : plans) {
      const auto word = std::ranges::find(kDecidedWords, plan.decided, &DecidedWord::decided);
      fmt::format_to(std::back_inserter(out), "    {:<16}", word->word);
      if (plan.decided == Decided::kMissing) {
        out += "these have no such field";
      } else if (plan.decided == Decided::kPartly) {
        fmt::format_to(std::back_inserter(out), "{}; what it cannot tell apart passes", plan.how);
      } else {
        out += plan.how;
      }
      if (plans.size() > 1) {
        fmt::format_to(std::back_inserter(out), " ({})", names_of(plan.kinds, kinds));
      }
      out += '\n';
    }
  }
}

// What is looked up for an event, at most.
void explain_cost(std::string& out, const FilterTables& made) {
  const filter_tables& tables = *made.tables;
  const auto asks = [&tables](int text) {
    return tables.prefixes[text].count != 0 || tables.suffixes[text].count != 0;
  };
  const auto numbers =
      std::ranges::count_if(tables.numbers, [](const filter_intervals& n) { return n.count != 0; });
  std::vector<std::string> steps;
  if (numbers != 0) steps.push_back(fmt::format("{} by number", numbers));
  if (asks(FILTER_COMM)) steps.emplace_back("1 by comm");
  if (tables.flag_tests != 0) steps.push_back(fmt::format("{} of flags", tables.flag_tests));
  for (const int path : {FILTER_PATH, FILTER_RAW_PATH, FILTER_SOURCE}) {
    if (asks(path)) steps.emplace_back("1 by path, read from the caller");
  }
  if (asks(FILTER_REAL_PATH)) steps.emplace_back("1 by the object's path, which is walked for it");
  if (!made.processes.empty()) steps.emplace_back("1 by process, if the agent has told of it");
  if (!made.workloads.empty()) steps.emplace_back("1 by cgroup, if the agent has told of it");
  std::size_t entries = 0;
  for (std::size_t text = 0; text < FILTER_TEXTS; ++text) {
    entries += made.prefixes[text].size() + made.suffixes[text].size();
  }
  fmt::format_to(
      std::back_inserter(out), "  lookups         {}\n",
      steps.empty() ? "none" : fmt::format("{}", fmt::join(steps, "\n                  ")));
  fmt::format_to(std::back_inserter(out),
                 "  tables          {} clauses, {} sets, {} texts, {} KB of kernel memory\n",
                 made.clauses, made.sets.size(), entries, sizeof(filter_tables) / 1024);
}

}  // namespace

std::string explain(const Condition* condition, std::span<const EventDescriptor* const> kinds) {
  std::string out;
  std::vector<std::string_view> sent;
  std::vector<const EventDescriptor*> judged;
  for (const EventDescriptor* kind : kinds) {
    if (!kind->always_sent.empty()) sent.push_back(kind->always_sent);
    if (kind->always_sent != kind->name) judged.push_back(kind);
  }
  std::vector<std::string> programs;
  const auto add = [&programs](std::string program) {
    if (std::ranges::find(programs, program) == programs.end()) programs.push_back(program);
  };
  for (const EventDescriptor* kind : kinds) {
    for (const ProgramChoice& choice : kind->choices) {
      add(fmt::format("{}", fmt::join(choice.programs, ", or ")));
    }
    for (const std::string_view program : kind->programs) add(std::string(program));
  }
  fmt::format_to(std::back_inserter(out), "programs          {}\n",
                 fmt::join(programs, "\n                  "));
  if (!sent.empty()) {
    fmt::format_to(std::back_inserter(out),
                   "always sent       {}: the process table lives on them; judged in the agent\n",
                   fmt::join(sent, ", "));
  }
  if (judged.empty()) return out;
  if (condition == nullptr) {
    out += "condition         none: every event is sent\n";
    return out;
  }

  std::vector<std::uint16_t> wire_kinds;
  for (const EventDescriptor* kind : judged) {
    wire_kinds.push_back(static_cast<std::uint16_t>(kind->kind));
  }
  const PushedCondition pushed = push_down(*condition, wire_kinds);
  const PushedCondition* one[] = {&pushed};
  const FilterTables made = make_filter_tables(one);

  out += "comparisons, and who decides them\n";
  explain_atoms(out, *condition, pushed, judged);
  const auto clauses = pushed.clauses.clauses();
  const bool all =
      std::ranges::any_of(clauses, [](const Clause& clause) { return clause.constraints.empty(); });
  out += "the whole\n";
  if (clauses.empty()) {
    out += "  kernel          no event can satisfy it: none is sent\n";
  } else if (all) {
    out += "  agent           what the kernel decides rules nothing out: every event is sent\n";
  } else if (pushed.certain) {
    out +=
        "  kernel          wholly, wherever it knows the values: a path that is relative, or\n"
        "                  has . or .. in it, or could not be read, passes to the agent\n";
  } else {
    out += "  kernel          in part: what may satisfy it is sent, and judged in the agent\n";
  }
  if (pushed.widened || made.widened) {
    out += "  widened         there was no room for all its alternatives: more is sent\n";
  }
  out += "costs per event, at most\n";
  explain_cost(out, made);
  return out;
}

}  // namespace outrider
