// SPDX-License-Identifier: Apache-2.0
#include "syscalls/slow_bound.h"

#include <gtest/gtest.h>

#include <string_view>

#include "language/checker.h"
#include "sensors/registry.h"

namespace outrider {

namespace {

TEST(SlowBound, FromTheFormOfTheCondition) {
  struct Case {
    std::string_view where;
    std::uint64_t bound;
  };
  constexpr std::uint64_t kMillisecond = 1'000'000;
  constexpr Case kCases[] = {
      {"proc.name = sh", kUsualSlowBound},
      {"evt.latency > 1ms", kMillisecond},
      {"evt.latency >= 2ms and proc.name = sh", 2 * kMillisecond},
      {"evt.latency > 1ms and evt.latency > 5ms", 5 * kMillisecond},
      {"evt.latency > 3ms or evt.latency = 2ms", 2 * kMillisecond},
      {"evt.latency > 3ms or proc.name = sh", 0},
      {"evt.latency < 3ms", 0},
      {"not evt.latency > 3ms", 0},
      {"evt.latency != 3ms", 0},
      {"evt.latency in (3ms, 4ms)", 0},
      {"(evt.latency > 1s or evt.latency > 2s) and proc.pid = 1", 1000 * kMillisecond},
  };
  const EventDescriptor* kinds[] = {find_kind("fsslow")};
  const FieldCatalog catalog = catalog_of(kinds);
  EXPECT_EQ(slow_bound_of(nullptr), kUsualSlowBound);
  for (const Case& each : kCases) {
    const auto condition = load(each.where, catalog);
    ASSERT_TRUE(condition) << each.where << ": " << condition.error().message;
    EXPECT_EQ(slow_bound_of(&*condition), each.bound) << each.where;
  }
}

}  // namespace

}  // namespace outrider
