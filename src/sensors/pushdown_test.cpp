// SPDX-License-Identifier: Apache-2.0
//
// What the kernel is told of conditions on real fields. That it never rejects what the evaluator
// accepts is shown by pushdown_property_test.cpp.
#include "language/pushdown.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>

#include "language/checker.h"
#include "language/filter_tables.h"
#include "sensors/registry.h"

namespace outrider {
namespace {

constexpr std::uint16_t kOpen[] = {WIRE_OPEN};

class Pushdown : public ::testing::Test {
 protected:
  const Condition& condition(std::string_view text) {
    auto loaded = load(text, catalog_);
    EXPECT_TRUE(loaded) << text << ": " << loaded.error().message;
    conditions_.push_back(std::make_unique<Condition>(std::move(*loaded)));
    return *conditions_.back();
  }
  PushedCondition push(std::string_view text, std::span<const std::uint16_t> kinds = kOpen) {
    return push_down(condition(text), kinds);
  }

  FieldCatalog catalog_ = catalog_of(all_kinds());
  std::vector<std::unique_ptr<Condition>> conditions_;
};

// How many clauses, and whether the kernel decides alone.
struct Case {
  std::string_view text;
  std::size_t clauses;
  bool certain;
};

TEST_F(Pushdown, HasAClauseForEachAlternative) {
  const Case cases[] = {
      {"proc.name = nginx", 1, true},
      {"proc.name = nginx or proc.name = redis", 1, true},
      {"proc.name in (a, b, c) and user.uid = 0", 1, true},
      {"proc.name = a or user.uid = 0", 2, true},
      {"not (proc.name = a or user.uid = 0)", 1, true},
      {"not (proc.name = a and user.uid = 0)", 2, true},
      {"user.uid < 1000 and user.uid > 2000", 0, true},
      {"user.uid < 10 or user.uid >= 10", 1, true},
      {"user.uid = -1", 0, true},
      {"evt.res = ENOENT", 1, false},  // errors without a name may have any
      {"evt.rawres = -2", 1, true},
      {"fd.name startswith /etc/", 1, true},
      {"fd.name pmatch (/etc, /usr/lib)", 1, true},
      {"fd.name glob /etc/*", 1, true},
      {"fd.name glob /etc/*.conf", 1, false},
      {"fd.name endswith .so", 1, true},
      {"fd.name contains passwd", 1, false},
      {"fd.name contains passwd and proc.name = cat", 1, false},
      {"fd.name contains passwd or proc.name = cat", 1, false},
      {"not fd.name contains passwd", 1, false},
      {"evt.arg.flags contains O_CREAT", 1, true},
      {"evt.arg.flags contains O_CREAT|O_TRUNC", 1, true},
      {"not evt.arg.flags contains O_CREAT|O_TRUNC", 2, true},
      {"proc.cmdline contains secret and user.uid = 0", 1, false},
      {"proc.exepath exists", 1, false},
      {"fd.name exists and fd.realpath exists", 1, true},
      {"evt.arg.length > 0", 0, true},  // open has no such field
      {"not evt.arg.length > 0", 1, true},
      {"tolower(proc.name) = nginx", 1, false},
      {"proc.name = val(proc.pname)", 1, false},
  };
  for (const Case& each : cases) {
    const PushedCondition pushed = push(each.text);
    EXPECT_EQ(pushed.clauses.clauses().size(), each.clauses) << each.text;
    EXPECT_EQ(pushed.certain, each.certain) << each.text;
    EXPECT_FALSE(pushed.widened) << each.text;
  }
}

TEST_F(Pushdown, KindsThatDifferHaveClausesOfTheirOwn) {
  constexpr std::uint16_t kKinds[] = {WIRE_OPEN, WIRE_MKDIR, WIRE_TRUNCATE};
  EXPECT_EQ(push("user.uid = 0", kKinds).clauses.clauses().size(), 1U);
  const PushedCondition pushed = push("user.uid = 0 or evt.arg.length > 0", kKinds);
  ASSERT_EQ(pushed.clauses.clauses().size(), 2U);
  EXPECT_TRUE(pushed.clauses.clauses()[0].constraints.empty() !=
              pushed.clauses.clauses()[1].constraints.empty());
}

// SEMANTICS 12: a dimension is widened, never a clause dropped.
TEST_F(Pushdown, WidensAboveTheCap) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    if (i != 0) text += " or ";
    text += fmt::format("(proc.name = n{} and user.uid = {})", i, i);
  }
  const PushedCondition pushed = push(text);
  EXPECT_EQ(pushed.clauses.clauses().size(), kClausesOfCondition);
  EXPECT_TRUE(pushed.widened);
  EXPECT_FALSE(pushed.certain);
  for (const Clause& clause : pushed.clauses.clauses()) EXPECT_EQ(clause.constraints.size(), 2U);
}

TEST_F(Pushdown, ProductsStayWithinTheCap) {
  std::string text;
  for (int i = 0; i < 12; ++i) {
    if (i != 0) text += " and ";
    text += fmt::format("(user.uid = {} or group.gid = {} or proc.name = n{})", i, i, i);
  }
  EXPECT_LE(push(text).clauses.clauses().size(), kClausesOfCondition);
}

TEST_F(Pushdown, TablesHoldTheUnionOfAncestors) {
  const PushedCondition etc = push("fd.name startswith /etc");
  const PushedCondition passwd = push("fd.name startswith /etc/passwd");
  const PushedCondition* both[] = {&etc, &passwd};
  const FilterTables made = make_filter_tables(both);
  ASSERT_EQ(made.prefixes[FILTER_PATH].size(), 2U);
  const auto words = [&](std::size_t i) {
    return made.tables->sets[made.prefixes[FILTER_PATH][i].set].words[0];
  };
  EXPECT_EQ(__builtin_popcountll(words(0)), 1);
  EXPECT_EQ(words(1) & words(0), words(0));
}

TEST_F(Pushdown, NothingPassesWithoutAnyClause) {
  const PushedCondition never = push("user.uid = -1");
  const PushedCondition* one[] = {&never};
  const FilterTables made = make_filter_tables(one);
  EXPECT_EQ(made.clauses, 0U);
  EXPECT_EQ(made.tables->sets[made.tables->kinds[WIRE_OPEN]].summary, 0U);
}

// More conditions than there are bits: joined, and still all there.
TEST_F(Pushdown, TablesWidenWhenThereIsNoRoom) {
  std::vector<PushedCondition> all;
  for (int i = 0; i < 5000; ++i) {
    all.push_back(push(fmt::format("proc.name = n{} and user.uid = {}", i, i)));
  }
  std::vector<const PushedCondition*> pointers;
  for (const PushedCondition& each : all) pointers.push_back(&each);
  const FilterTables made = make_filter_tables(pointers);
  EXPECT_TRUE(made.widened);
  EXPECT_LE(made.clauses, static_cast<std::size_t>(FILTER_CLAUSES));
  EXPECT_LE(made.sets.size(), static_cast<std::size_t>(FILTER_SETS));
}

}  // namespace
}  // namespace outrider
