// SPDX-License-Identifier: Apache-2.0
#include "engine/budget.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
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

// As the keeper does it, while events come: ten looks a second.
constexpr double kLook = 0.1;  // s

// For so many seconds; returns what was used, CPUs, in each of them.
std::vector<double> run(Budget& budget, const Machine& machine, int seconds) {
  std::vector<double> used;
  for (int second = 0; second < seconds; ++second) {
    double sum = 0;
    for (int look = 0; look < 10; ++look) {
      const double now = machine.used(budget.rationing()) * kLook;
      budget.look(kLook, now);
      sum += now;
    }
    used.push_back(sum);
  }
  return used;
}

double mean(const std::vector<double>& values, std::size_t from = 0) {
  return std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(from), values.end(), 0.0) /
         static_cast<double>(values.size() - from);
}

TEST(Budget, DoesNothingWithinTheLimit) {
  Budget budget(0.02, 3);
  run(budget, {.kept = 0.019}, 100);
  EXPECT_EQ(budget.rationing(), Rationing{});
  EXPECT_FALSE(budget.is_pressed());
}

// All of a second's worth in a tenth of it is within the limit as well.
TEST(Budget, DoesNothingForBursts) {
  for (const double look : {0.1, 0.05, 0.5, 1.0}) {
    Budget budget(0.02, 3);
    for (int second = 0; second < 60; ++second) {
      EXPECT_EQ(budget.look(look, 0.0195), Rationing{}) << look;
      for (double rest = look; rest < 0.999; rest += look) {
        EXPECT_EQ(budget.look(look, 0), Rationing{}) << look;
      }
    }
  }
}

TEST(Budget, SamplesUntilItFits) {
  for (const double flood : {0.03, 0.2, 1.0, 4.0}) {
    Budget budget(0.02, 3);
    const auto used = run(budget, {.kept = flood}, 60);
    EXPECT_LT(mean(used), 0.02 * 1.2) << flood << ": the whole minute, with its beginning";
    EXPECT_LT(mean(used, 2), 0.02) << flood;
    EXPECT_GT(mean(used, 50), 0.02 * 0.8) << flood << ": what was owed is paid back";
    EXPECT_EQ(budget.rationing().shed, 0u) << flood;
    EXPECT_TRUE(budget.is_pressed());
  }
}

// A flood costs one second's worth and what it uses until the next look, not a whole second of it.
TEST(Budget, NoticesAFloodEarly) {
  Budget budget(0.05, 3);
  run(budget, {}, 10);
  const auto used = run(budget, {.kept = 0.4}, 10);
  EXPECT_LT(used[0], 0.15);
  EXPECT_LT(used[1], 0.05);
  EXPECT_LT(mean(used), 0.05 * 1.2);
  // And once more after a pause.
  run(budget, {}, 30);
  EXPECT_EQ(budget.rationing(), Rationing{});
  EXPECT_LT(mean(run(budget, {.kept = 0.4}, 10)), 0.05 * 1.2);
}

// Where what a look finds varies as much as it does on a busy machine.
TEST(Budget, IsNotMisledByNoise) {
  Budget budget(0.05, 3);
  run(budget, {.kept = 0.4}, 20);
  double least = 1, most = 0, sum = 0;
  constexpr int kLooks = 600;
  for (int look = 0; look < kLooks; ++look) {
    // From 0.4 to 1.6 times the mean, the same each time.
    const double noise = 0.4 + 0.1 * static_cast<double>(look * 7 % 13);
    const double used = 0.4 * budget.rationing().keep * noise * kLook;
    budget.look(kLook, used);
    sum += used;
    least = std::min(least, budget.rationing().keep);
    most = std::max(most, budget.rationing().keep);
  }
  EXPECT_LT(sum / (kLooks * kLook), 0.05);
  EXPECT_GT(sum / (kLooks * kLook), 0.05 * 0.8);
  EXPECT_LT(most / least, 1.5);
}

// The hooks alone are too much: kinds go, one after the other, no more than one a second.
TEST(Budget, ShedsWhatSamplingCannotHold) {
  Budget budget(0.02, 3);
  const Machine machine{.kept = 1, .seen = 0.015};
  std::size_t shed = 0;
  for (int second = 0; second < 60; ++second) {
    run(budget, machine, 1);
    EXPECT_LE(budget.rationing().shed, shed + 1);
    shed = budget.rationing().shed;
  }
  EXPECT_LT(mean(run(budget, machine, 60)), 0.02 * 1.2);
  EXPECT_EQ(budget.rationing().shed, 2u);
}

TEST(Budget, EverythingComesBack) {
  Budget budget(0.02, 3);
  run(budget, {.kept = 4, .seen = 0.1}, 60);
  ASSERT_EQ(budget.rationing().shed, 3u);
  run(budget, {}, 200);
  EXPECT_EQ(budget.rationing(), Rationing{});
  EXPECT_FALSE(budget.is_pressed());
}

// Asleep there is one look a second.
TEST(Budget, LooksMayBeFarApart) {
  Budget budget(0.02, 3);
  for (int look = 0; look < 10; ++look) budget.look(1, 0.0001);
  EXPECT_EQ(budget.rationing(), Rationing{});
  budget.look(1, 0.4);
  EXPECT_LT(budget.rationing().keep, 0.2);
  EXPECT_EQ(budget.reason(), 0.4);
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
