// SPDX-License-Identifier: Apache-2.0
//
// The law of the push-down (SEMANTICS 11): what the evaluator accepts, the kernel never rejects.
// Random conditions on all real fields, several at once as consumers have them, against random
// records, with the kernel's own decision code (tests/support/host_filter.h).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "language/checker.h"
#include "language/evaluator.h"
#include "language/filter_tables.h"
#include "language/pushdown.h"
#include "sensors/registry.h"
#include "support/host_filter.h"
#include "support/random_condition.h"
#include "support/random_event.h"

namespace outrider {
namespace {

using test::Choices;
using test::RandomConditions;
using test::RandomEvents;
using test::SeededChoices;

constexpr std::uint64_t kSeed = 20261121;
// With the sanitizers fewer, which take ten times as long.
#if defined(__has_feature)  // clang, by which they are built
#if __has_feature(address_sanitizer)
#define OUTRIDER_FEW_SETS
#endif
#endif
#ifdef OUTRIDER_FEW_SETS
constexpr int kSets = 1'000;
#else
constexpr int kSets = 8'000;
#endif
constexpr int kEventsOfEach = 25;

struct Pushed {
  std::string text;
  std::unique_ptr<Condition> condition;
  std::vector<std::uint16_t> kinds;
  PushedCondition pushed;
  bool wants(const Event& event) const {
    return std::ranges::find(kinds, event.header->kind) != kinds.end() &&
           evaluate(*condition, event);
  }
};

// What happened, so that a test which decides nothing is seen.
struct Tally {
  std::uint64_t accepted = 0;  // by some condition
  std::uint64_t rejected = 0;  // by the kernel
  std::uint64_t passed_in_vain = 0;
  std::uint64_t widened = 0;  // sets of conditions
};

class PushdownProperty : public testing::Test {
 protected:
  // For all kinds, or for some.
  std::vector<std::uint16_t> some_kinds(Choices& choices) const {
    const bool all = !choices.once_in(4);
    std::vector<std::uint16_t> kinds;
    for (const EventDescriptor* kind : all_kinds()) {
      if (all || choices.once_in(2)) kinds.push_back(static_cast<std::uint16_t>(kind->kind));
    }
    return kinds;
  }

  Pushed push(std::string text, std::size_t cap, Choices& choices) {
    Pushed made;
    made.text = std::move(text);
    auto condition = load(made.text, catalog_);
    EXPECT_TRUE(condition) << made.text << "\n" << condition.error().message;
    if (!condition) return made;
    made.condition = std::make_unique<Condition>(std::move(*condition));
    made.kinds = some_kinds(choices);
    made.pushed = push_down(*made.condition, made.kinds, cap);
    return made;
  }

  // Fails, with all that is needed to see why, if the kernel would drop what somebody wants.
  void judge(const std::vector<Pushed>& set, HostFilter& filter, const Event& event, int number,
             Tally& tally) {
    const auto wanting =
        std::ranges::find_if(set, [&](const Pushed& each) { return each.wants(event); });
    const bool passes = filter.wants(event);
    tally.accepted += wanting != set.end();
    tally.rejected += !passes;
    tally.passed_in_vain += passes && wanting == set.end();
    if (passes || wanting == set.end()) return;
    ADD_FAILURE() << "set " << number << " of " << set.size() << " conditions: the kernel rejects "
                  << "what holds:\n  " << wanting->text << "\nfor\n  " << test::described(event);
  }

  // Once in `caps_once_in` the cap is so small that clauses are joined.
  Tally judge_sets(const RandomConditions& conditions, std::size_t most_conditions,
                   std::uint64_t caps_once_in, std::uint64_t seed) {
    SeededChoices choices(seed);
    Tally tally;
    for (int i = 0; i < kSets && !HasFailure(); ++i) {
      const std::uint64_t count = 1 + choices.below(most_conditions);
      const bool small = choices.once_in(caps_once_in);
      const std::size_t cap = small ? 1 + choices.below(4) : kClausesOfCondition;
      std::vector<Pushed> set;
      for (std::uint64_t j = 0; j < count; ++j) {
        std::string text = conditions.next(choices);
        if (choices.once_in(3)) text = fmt::format("not ({})", text);
        set.push_back(push(std::move(text), cap, choices));
        if (HasFailure()) return tally;
      }
      std::vector<const PushedCondition*> all;
      for (const Pushed& each : set) all.push_back(&each.pushed);
      HostFilter filter(make_filter_tables(all));
      tally.widened += filter.made().widened ||
                       std::ranges::any_of(set, [](const Pushed& p) { return p.pushed.widened; });
      for (int j = 0; j < kEventsOfEach; ++j) judge(set, filter, events_.next(choices), i, tally);
    }
    return tally;
  }

  void expect_not_in_vain(const Tally& tally, double least_rejected) {
    constexpr double kCases = kSets * kEventsOfEach;
    EXPECT_GT(static_cast<double>(tally.rejected), least_rejected * kCases);
    EXPECT_GT(static_cast<double>(tally.accepted), 0.2 * kCases);
    EXPECT_GT(tally.passed_in_vain, 0U);
    EXPECT_GT(tally.widened, kSets / 80U);
    if (HasFailure()) {
      fmt::print("accepted {}, rejected {}, passed in vain {}, widened {}\n", tally.accepted,
                 tally.rejected, tally.passed_in_vain, tally.widened);
    }
  }

  FieldCatalog catalog_ = catalog_of(all_kinds());
  RandomEvents events_{RandomEvents::Lookups::kSome};
};

TEST_F(PushdownProperty, OneConditionLosesNothing) {
  expect_not_in_vain(judge_sets(RandomConditions(catalog_), 1, 4, kSeed), 0.1);
}

TEST_F(PushdownProperty, SeveralConditionsLoseNothing) {
  expect_not_in_vain(judge_sets(RandomConditions(catalog_), 6, 4, kSeed + 1), 0.01);
}

// Clauses that are joined matter where they are about the same: so few fields, and a small cap.
TEST_F(PushdownProperty, JoinedClausesLoseNothing) {
  constexpr std::string_view kFields[] = {"evt.rawres", "proc.pid", "user.uid", "proc.name",
                                          "fd.name"};
  FieldCatalog few;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const std::string_view name : kFields) {
      if (const FieldDescriptor* field = find_field(*kind, name)) few.add(kind->kind, *field);
    }
  }
  const RandomConditions conditions(few, {.depth = 3, .atoms = 8});
  expect_not_in_vain(judge_sets(conditions, 2, 1, kSeed + 3), 0.1);
}

// Short conditions are those that the kernel decides: here it must be of use, too.
TEST_F(PushdownProperty, AnAtomAndItsNegationLoseNothing) {
  const RandomConditions atoms(catalog_, {.depth = 0, .atoms = 1});
  SeededChoices choices(kSeed + 2);
  Tally tally;
  for (int i = 0; i < kSets && !HasFailure(); ++i) {
    const std::string text = atoms.next(choices);
    for (const std::string& form : {text, fmt::format("not {}", text)}) {
      std::vector<Pushed> set;
      set.push_back(push(form, kClausesOfCondition, choices));
      if (HasFailure()) return;
      const PushedCondition* one[] = {&set[0].pushed};
      HostFilter filter(make_filter_tables(one));
      for (int j = 0; j < kEventsOfEach; ++j) judge(set, filter, events_.next(choices), i, tally);
    }
  }
  EXPECT_GT(tally.rejected, std::uint64_t{kSets} * kEventsOfEach / 5);
}

}  // namespace
}  // namespace outrider
