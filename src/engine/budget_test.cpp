// SPDX-License-Identifier: Apache-2.0
#include "engine/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "sensors/registry.h"

namespace outrider {
namespace {

// What a machine would use: something for each event that is kept, something for each that is only
// seen, by kind.
struct Machine {
  double kept = 0;  // CPUs, if all are kept
  double seen = 0;  // CPUs for the hooks of one kind
  std::size_t kinds = 3;
  double used(const Rationing& rationing) const {
    const auto watched = static_cast<double>(kinds - std::min(kinds, rationing.shed));
    return watched / static_cast<double>(kinds) * kept * rationing.keep + watched * seen;
  }
};

double mean_after(Budget& budget, const Machine& machine, int before, int looks) {
  double sum = 0;
  for (int i = 0; i < before + looks; ++i) {
    const double used = machine.used(budget.rationing());
    if (i >= before) sum += used;
    budget.look(used);
  }
  return sum / looks;
}

TEST(Budget, DoesNothingWithinTheLimit) {
  Budget budget(0.02, 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(budget.look(0.019), Rationing{});
}

TEST(Budget, SamplesUntilItFits) {
  for (const double flood : {0.03, 0.2, 1.0, 4.0}) {
    Budget budget(0.02, 3);
    const double mean = mean_after(budget, {.kept = flood}, 10, 60);
    EXPECT_LT(mean, 0.02) << flood;
    EXPECT_GT(mean, 0.02 * 0.8) << flood;
    EXPECT_EQ(budget.rationing().shed, 0u) << flood;
  }
}

// The hooks alone are too much: kinds go, one after the other.
TEST(Budget, ShedsWhatSamplingCannotHold) {
  Budget budget(0.02, 3);
  const double mean = mean_after(budget, {.kept = 1, .seen = 0.015}, 60, 60);
  EXPECT_LT(mean, 0.02 * 1.2);
  EXPECT_EQ(budget.rationing().shed, 2u);
}

TEST(Budget, EverythingComesBack) {
  Budget budget(0.02, 3);
  mean_after(budget, {.kept = 4, .seen = 0.1}, 0, 60);
  ASSERT_EQ(budget.rationing().shed, 3u);
  mean_after(budget, {}, 0, 200);
  EXPECT_EQ(budget.rationing(), Rationing{});
}

TEST(Budget, TheOrderIsTheGroups) {
  std::vector<const EventDescriptor*> all;
  for (const std::string_view name : {"exec", "open", "syscall", "block", "signal", "mkdir"}) {
    all.push_back(find_kind(name));
    ASSERT_NE(all.back(), nullptr) << name;
  }
  std::vector<std::string_view> names;
  for (const EventDescriptor* kind : shed_order(all)) names.push_back(kind->name);
  EXPECT_EQ(names, (std::vector<std::string_view>{"syscall", "block", "open", "mkdir", "signal"}));
  EXPECT_TRUE(shed_order_text().ends_with("never exec, exit, fork"));
}

}  // namespace
}  // namespace outrider
