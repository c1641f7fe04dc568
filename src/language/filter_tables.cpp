// SPDX-License-Identifier: Apache-2.0
#include "language/filter_tables.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "bpf/kernel/decide.h"

namespace outrider {

namespace {

// Those that filter_wire.h says have one.
constexpr bool is_signed(std::size_t dimension) {
  return dimension == FILTER_RESULT || dimension == FILTER_LOGIN_UID;
}

// Which clauses constrain a dimension, and how.
struct Constrained {
  std::size_t clause;
  const Constraint* constraint;
};

class Maker {
 public:
  explicit Maker(std::vector<Clause> clauses) : clauses_(std::move(clauses)) {
    made_.clauses = clauses_.size();
    for (std::size_t i = 0; i < clauses_.size(); ++i) put(made_.all, i, true);
  }

  FilterTables whole() {
    std::map<Dimension, std::vector<Constrained>> dimensions;
    for (std::size_t i = 0; i < clauses_.size(); ++i) {
      for (const Constraint& constraint : clauses_[i].constraints) {
        dimensions[constraint.dimension].push_back({i, &constraint});
      }
    }
    kinds();
    for (const Clause& clause : clauses_) made_.kinds |= clause.kinds;
    for (const auto& [dimension, constrained] : dimensions) {
      const std::size_t sets_before = made_.sets.size();
      if (add(dimension, constrained)) continue;
      made_.sets.shrink(sets_before);
      made_.widened = true;
    }
    return std::move(made_);
  }

 private:
  // The number of a set; false if there is no room for another.
  bool number_of(const ClauseSet& set, wire_u16& number) {
    const auto found =
        set == made_.all ? std::optional<wire_u16>(FILTER_SET_ALL) : made_.sets.number_of(set);
    number = found.value_or(FILTER_SET_ALL);
    return found.has_value();
  }

  // The clauses that do not constrain a dimension, and of those that do what each says.
  template <typename Belongs>
  ClauseSet set_of(const std::vector<Constrained>& constrained, Belongs belongs) const {
    ClauseSet set = made_.all;
    for (const Constrained& each : constrained) {
      put(set, each.clause, belongs(*each.constraint));
    }
    return set;
  }

  ClauseSet missing_of(const std::vector<Constrained>& constrained) const {
    return set_of(constrained, [](const Constraint& constraint) { return constraint.missing; });
  }

  void kinds() {
    for (std::size_t kind = 0; kind < WIRE_EVENT_LIMIT; ++kind) {
      ClauseSet set{};
      for (std::size_t i = 0; i < clauses_.size(); ++i) {
        put(set, i, clauses_[i].kinds[kind]);
      }
      // There is always room: these are the first sets. What they lack stays out: an event
      // starts with them. So all that there are is a set of its own, too, with fewer than
      // FILTER_SET_ALL.
      made_.tables->kinds[kind] = made_.sets.number_of(set).value_or(FILTER_SET_ALL);
    }
  }

  bool add(Dimension dimension, const std::vector<Constrained>& constrained) {
    switch (dimension.kind) {
      case DimensionKind::kNumber:
        return add_number(dimension.index, constrained);
      case DimensionKind::kPrefix:
        return add_text(made_.tables->prefixes[dimension.index], made_.prefixes[dimension.index],
                        constrained);
      case DimensionKind::kSuffix:
        return add_text(made_.tables->suffixes[dimension.index], made_.suffixes[dimension.index],
                        constrained);
      case DimensionKind::kFlags:
        return add_flags(constrained);
      case DimensionKind::kProcess:
        return add_told(made_.processes, constrained);
      case DimensionKind::kWorkload:
        return add_told(made_.workloads, constrained);
    }
    return false;
  }

  // All starts of intervals in order; at each the clauses that begin or end to be satisfied.
  bool add_number(std::size_t dimension, const std::vector<Constrained>& constrained) {
    std::map<std::uint64_t, std::vector<std::pair<std::size_t, bool>>> changes;
    changes[0];
    for (const Constrained& each : constrained) {
      for (const auto& interval : std::get<NumberSet>(each.constraint->wanted).intervals()) {
        changes[interval.first].emplace_back(each.clause, true);
        if (interval.last != ~std::uint64_t{0}) {
          changes[interval.last + 1].emplace_back(each.clause, false);
        }
      }
    }
    if (starts_ + changes.size() > FILTER_STARTS) return false;
    filter_intervals intervals{};
    intervals.first = static_cast<wire_u16>(starts_);
    intervals.count = static_cast<wire_u16>(changes.size());
    intervals.half = static_cast<wire_u16>(std::bit_floor(changes.size() - 1));
    if (!number_of(missing_of(constrained), intervals.missing)) return false;
    ClauseSet set = set_of(constrained, [](const Constraint&) { return false; });
    std::size_t place = starts_;
    for (const auto& [start, changed] : changes) {
      // One may end where it begins again, never the other way round.
      for (const auto& [clause, belongs] : changed) {
        if (!belongs) put(set, clause, false);
      }
      for (const auto& [clause, belongs] : changed) {
        if (belongs) put(set, clause, true);
      }
      made_.tables->starts[place] = start;
      if (!number_of(set, made_.tables->start_sets[place])) return false;
      ++place;
    }
    if (is_signed(dimension)) intervals.small = decide__signed(-FILTER_SMALL / 2);
    made_.tables->numbers[dimension] = intervals;
    for (std::uint64_t i = 0; i < FILTER_SMALL; ++i) {
      made_.tables->small_sets[dimension][i] = static_cast<wire_u16>(decide__search(
          made_.tables.get(), static_cast<wire_u32>(dimension), intervals.small + i));
    }
    starts_ = place;
    return true;
  }

  // Every key of every clause; its set is that of the longest other key that it begins with, but
  // for the clauses that have an entry with just this key: so each holds the union of its
  // ancestors (SEMANTICS 13).
  bool add_text(filter_entries& entries, std::vector<TrieEntry>& trie,
                const std::vector<Constrained>& constrained) {
    std::map<std::string_view, std::vector<std::pair<std::size_t, bool>>> keys;
    keys[""];
    for (const Constrained& each : constrained) {
      for (const PrefixSet::Entry& entry : std::get<PrefixSet>(each.constraint->wanted).entries()) {
        keys[entry.key].emplace_back(each.clause, entry.belongs);
      }
    }
    filter_entries made{};
    std::vector<TrieEntry> made_trie;
    if (!number_of(missing_of(constrained), made.missing)) return false;
    std::vector<std::pair<std::string_view, ClauseSet>> open;
    for (const auto& [key, changed] : keys) {
      while (!open.empty() && !key.starts_with(open.back().first)) open.pop_back();
      ClauseSet set = open.empty() ? made_.all : open.back().second;
      for (const auto& [clause, belongs] : changed) put(set, clause, belongs);
      wire_u16 number = 0;
      if (!number_of(set, number)) return false;
      if (key.empty()) {
        made.otherwise = number;
      } else {
        made_trie.push_back({std::string(key), number});
        // A shorter one may be followed by anything.
        if (key.size() < 2) std::ranges::fill(made.second_bytes, ~std::uint32_t{0});
        if (key.size() >= 2) {
          const auto second = static_cast<std::uint8_t>(key[1]);
          made.second_bytes[second / 32] |= std::uint32_t{1} << second % 32;
        }
      }
      open.emplace_back(key, set);
    }
    if (made_trie.size() > 0xffff) return false;
    made.count = static_cast<wire_u16>(made_trie.size());
    // Only whether there is such a text is asked for: one entry all the same, so that it is looked
    // at.
    if (made_trie.empty()) made.count = 1;
    entries = made;
    trie = std::move(made_trie);
    return true;
  }

  // A test is made once for all clauses. If there is no room for all, none is made.
  bool add_flags(const std::vector<Constrained>& constrained) {
    filter_tables& tables = *made_.tables;
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<std::pair<std::size_t, bool>>>
        tests;
    for (const Constrained& each : constrained) {
      const FlagTests& wanted = std::get<FlagTests>(each.constraint->wanted);
      for (const FlagTest& test : wanted) {
        tests[{test.mask, test.value}].emplace_back(each.clause, test.equal);
      }
      // It only has to be there: a test that all values pass.
      if (wanted.empty()) tests[{0, 0}].emplace_back(each.clause, true);
    }
    bool room = true;
    const ClauseSet missing = missing_of(constrained);
    for (const auto& [key, clauses] : tests) {
      if (tables.flag_tests >= FILTER_FLAG_TESTS) {
        tables.flag_tests = 0;
        return false;
      }
      filter_flag_test test{};
      test.mask = key.first;
      test.value = key.second;
      ClauseSet equal = made_.all;
      ClauseSet not_equal = made_.all;
      for (const auto& [clause, wants_equal] : clauses) {
        put(wants_equal ? not_equal : equal, clause, false);
      }
      room = number_of(equal, test.equal) && number_of(not_equal, test.not_equal) &&
             number_of(missing, test.missing);
      if (!room) {
        tables.flag_tests = 0;
        return false;
      }
      tables.flags[tables.flag_tests++] = test;
    }
    return true;
  }

  static bool add_told(ToldSets& told, const std::vector<Constrained>& constrained) {
    for (const Constrained& each : constrained) {
      for (const ToldTest& test : std::get<ToldTests>(each.constraint->wanted)) {
        told.add(each.clause, test);
      }
    }
    return true;
  }

  std::vector<Clause> clauses_;
  FilterTables made_;
  std::size_t starts_ = 0;
};

// The clauses of all conditions, not more than there are bits.
std::vector<Clause> gather(std::span<const PushedCondition* const> conditions, bool& widened) {
  std::size_t cap = kClausesOfCondition;
  std::vector<Clause> all;
  while (true) {
    all.clear();
    for (const PushedCondition* condition : conditions) {
      Clauses clauses = condition->clauses;
      widened |= clauses.cap(cap);
      all.insert(all.end(), clauses.clauses().begin(), clauses.clauses().end());
    }
    if (all.size() <= FILTER_CLAUSES || cap == 1) break;
    cap /= 2;
  }
  // Similar ones side by side: then whole words of a set are empty. By what they constrain.
  const auto shape = [](const Clause& clause) {
    std::vector<Dimension> dimensions;
    for (const Constraint& constraint : clause.constraints) {
      dimensions.push_back(constraint.dimension);
    }
    return dimensions;
  };
  std::ranges::sort(all, {}, [&shape](const Clause& clause) {
    return std::pair(shape(clause), clause.kinds.to_string());
  });
  while (all.size() > FILTER_CLAUSES) {
    // Neighbours have most in common.
    std::vector<Clause> fewer;
    for (std::size_t i = 0; i < all.size(); i += 2) {
      fewer.push_back(i + 1 < all.size() ? hull(all[i], all[i + 1]) : all[i]);
    }
    all = std::move(fewer);
    widened = true;
  }
  return all;
}

wire_u16 told_set_of(FilterTables& made, const ToldSets& told, const Event& event) {
  ClauseSet set = made.all;
  told.narrow(set, event);
  if (set == made.all) return FILTER_SET_ALL;
  const auto number = made.sets.number_of(set);
  if (!number) made.widened = true;
  return number.value_or(FILTER_SET_ALL);
}

}  // namespace

wire_u16 set_of_process(FilterTables& made, const Event& event) {
  return told_set_of(made, made.processes, event);
}

wire_u16 set_of_workload(FilterTables& made, const Event& event) {
  return told_set_of(made, made.workloads, event);
}

FilterTables make_filter_tables(std::span<const PushedCondition* const> conditions) {
  bool widened = false;
  FilterTables made = Maker(gather(conditions, widened)).whole();
  made.widened |= widened;
  filter_tables& tables = *made.tables;
  const auto asks = [&tables](int text) {
    return tables.prefixes[text].count != 0 || tables.suffixes[text].count != 0;
  };
  if (std::ranges::any_of(tables.numbers, [](const auto& number) { return number.count != 0; })) {
    tables.asks |= FILTER_ASKS_NUMBERS;
  }
  if (asks(FILTER_COMM)) tables.asks |= FILTER_ASKS_COMM;
  if (tables.flag_tests != 0) tables.asks |= FILTER_ASKS_FLAGS;
  if (asks(FILTER_PATH) || asks(FILTER_RAW_PATH) || asks(FILTER_SOURCE)) {
    tables.asks |= FILTER_ASKS_PATHS;
  }
  if (asks(FILTER_REAL_PATH)) tables.asks |= FILTER_ASKS_REAL_PATH;
  if (!made.processes.empty()) tables.asks |= FILTER_ASKS_PROCESS;
  if (!made.workloads.empty()) tables.asks |= FILTER_ASKS_WORKLOAD;
  return made;
}

}  // namespace outrider
