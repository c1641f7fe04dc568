// SPDX-License-Identifier: Apache-2.0
#include "syscalls/slow_calls.h"

#include <gtest/gtest.h>

#include "syscalls/calls.h"

namespace outrider {

namespace {

// Places are those of the table of calls.
TEST(SlowCalls, PlacesAreWhatTheyAreTakenFor) {
  for (const SlowCall& slow : all_slow_calls()) {
    const Call* call = find_call(slow.name);
    ASSERT_NE(call, nullptr) << slow.name;
    if (slow.row.resolve == WIRE_RESOLVE_FIRST) {
      EXPECT_EQ(call->arguments[0].type, ArgumentType::kDescriptor) << slow.name;
    }
    if (slow.row.path == WIRE_NO_ARGUMENT) continue;
    ASSERT_LT(slow.row.path, 3) << slow.name << ": slow__path() knows three places";
    const ArgumentType path = call->arguments[slow.row.path].type;
    EXPECT_TRUE(path == ArgumentType::kPath || path == ArgumentType::kText) << slow.name;
    if (slow.row.base == WIRE_NO_ARGUMENT) continue;
    const ArgumentType base = call->arguments[slow.row.base].type;
    EXPECT_TRUE(base == ArgumentType::kDirectory || base == ArgumentType::kDescriptor) << slow.name;
  }
}

}  // namespace

}  // namespace outrider
