// SPDX-License-Identifier: Apache-2.0
#include "syscalls/transfers.h"

#include <gtest/gtest.h>

#include <string>

#include "syscalls/calls.h"

namespace outrider {

namespace {

// What the kernel program takes for a descriptor is one in the table of calls.
TEST(Transfers, PlacesAreDescriptors) {
  for (const Transfer& transfer : all_transfers()) {
    const Call* call = find_call(transfer.name);
    ASSERT_NE(call, nullptr) << transfer.name;
    for (const wire_u8 place : {transfer.places.from, transfer.places.to}) {
      if (place == WIRE_NO_ARGUMENT) continue;
      ASSERT_LT(place, 3) << transfer.name << ": totals__descriptor() knows three places";
      EXPECT_EQ(call->arguments[place].type, ArgumentType::kDescriptor) << transfer.name;
    }
  }
}

}  // namespace

}  // namespace outrider
