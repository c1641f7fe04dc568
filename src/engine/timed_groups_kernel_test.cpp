// SPDX-License-Identifier: Apache-2.0
//
// Kinds that are about how long something took, added up in the kernel: what it sends and what it
// adds up are together what there was, and the same as if it had sent all.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <string>

#include "aggregates/kernel_plan.h"
#include "bpf/kernel_types.h"
#include "engine/engine.h"
#include "language/checker.h"
#include "sensors/registry.h"
#include "support/hand_made_event.h"

namespace outrider {
namespace {

struct Sums {
  std::uint64_t records = 0;
  std::uint64_t added = 0;
  std::uint64_t latency = 0;  // ns, of what was added
  std::map<std::string, std::uint64_t> names;
  Account account;
};

constexpr int kSleeps = 100;
// On a busy machine a sleep may be over before the thread has left its CPU.
constexpr std::uint64_t kSwitches = kSleeps / 2;

Sums sums_of(const EventDescriptor& kind, const AggregateRequest& request,
             const Condition* condition) {
  Sums sums;
  const auto plan = in_kernel(request);
  EXPECT_TRUE(plan) << plan.error();
  if (!plan) return sums;
  const auto engine = Engine::start({.kinds = {&kind}, .aggregation = *plan});
  EXPECT_TRUE(engine) << engine.error().message;
  if (!engine) return sums;
  const auto consumer =
      (*engine)->add({.kinds = {&kind}, .condition = condition, .deliver = [&sums](const Event&) {
                        ++sums.records;
                        return Outcome::kDelivered;
                      }});
  EXPECT_TRUE(consumer) << consumer.error().message;
  if (!consumer) return sums;
  const pid_t child = ::fork();
  if (child == 0) {
    for (int i = 0; i < kSleeps; ++i) ::poll(nullptr, 0, 1);
    ::_exit(0);
  }
  while (::waitpid(child, nullptr, WNOHANG) == 0) {
    (*engine)->drain();
    ::poll(nullptr, 0, 1);
  }
  (*engine)->finish();
  const auto collected = (*engine)->collect([&](const Event& event, const Portion& portion) {
    sums.added += portion.count;
    sums.latency += static_cast<std::uint64_t>(portion.sum);
    sums.names[event.header->comm] += portion.count;
  });
  EXPECT_TRUE(collected) << collected.error().message;
  sums.account = (*engine)->account(*consumer);
  return sums;
}

TEST(TimedGroups, TheKernelAddsUp) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  for (const std::string_view name : {"sched", "softirq"}) {
    SCOPED_TRACE(name);
    const EventDescriptor& kind = *find_kind(name);
    const FieldCatalog catalog = test::catalog_named({name});
    const Sums sums = sums_of(kind,
                              {.by = {catalog.find("proc.name")},
                               .measure = WIRE_MEASURE_SUM,
                               .value = catalog.find("evt.latency")},
                              nullptr);
    ASSERT_EQ(sums.account.kinds.size(), 1U);
    EXPECT_EQ(sums.account.kinds[0].difference(), 0);
    EXPECT_EQ(sums.account.kinds[0].delivered, sums.records + sums.added);
    // Before, memory for a new group is not taken where the scheduler's lock may be held.
    if (!KernelTypes().has_name("bpf_mem_alloc")) {
      EXPECT_EQ(sums.added, 0U);
      EXPECT_GT(sums.records, 0U);
      continue;
    }
    EXPECT_GT(sums.added, sums.records);
    EXPECT_GT(sums.latency, 0U);
    if (name == "sched") {
      EXPECT_GE(sums.names.at("outrider_kernel"), kSwitches);
    }
  }
}

TEST(TimedGroups, OfThoseThatAreWanted) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const EventDescriptor& kind = *find_kind("sched");
  const FieldCatalog catalog = test::catalog_named({"sched"});
  const auto condition = load("evt.latency > 1h", catalog);
  ASSERT_TRUE(condition) << condition.error().message;
  const Sums sums =
      sums_of(kind, {.by = {}, .measure = WIRE_MEASURE_COUNT, .value = nullptr}, &*condition);
  ASSERT_EQ(sums.account.kinds.size(), 1U);
  EXPECT_EQ(sums.account.kinds[0].difference(), 0);
  EXPECT_EQ(sums.added, 0U);
  EXPECT_EQ(sums.records, 0U);
  EXPECT_GE(sums.account.kinds[0].filtered_kernel, kSwitches);
}

}  // namespace
}  // namespace outrider
