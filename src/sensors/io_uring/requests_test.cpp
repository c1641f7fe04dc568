// SPDX-License-Identifier: Apache-2.0
#include "sensors/io_uring/requests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "sensors/registry.h"

namespace outrider {
namespace {

// What a request is shown by is the row of a call: without one there is no event.
TEST(IoUringRequests, EachHasTheRowOfACall) {
  std::set<int> opcodes;
  for (const Request& request : requests_like_calls()) {
    EXPECT_TRUE(opcodes.insert(request.opcode).second) << request.call;
    EXPECT_LT(request.opcode, WIRE_URING_OPCODES) << request.call;
    const Call* call = call_of(request);
    ASSERT_NE(call, nullptr) << request.call;
    EXPECT_EQ(call->name, request.call);
    // The number in the record finds the same row.
    const std::int16_t number = number_of(*call, WIRE_ABI_64);
    ASSERT_NE(number, kNoNumber) << request.call;
    EXPECT_EQ(find_call(WIRE_ABI_64, static_cast<std::uint16_t>(number)), call);
  }
}

// A stream of a kind attaches the programs that its descriptor names: every kind that a request
// can make has those of io_uring, and no other has.
TEST(IoUringRequests, TheirKindsAttachTheirPrograms) {
  std::set<wire_kind> made = {WIRE_URING};
  for (const Request& request : requests_like_calls()) {
    const Call* call = call_of(request);
    ASSERT_NE(call, nullptr) << request.call;
    if (call->kind != WIRE_NONE) made.insert(call->kind);
    for (const EventDescriptor* kind : all_kinds()) {
      if (std::ranges::find(kind->calls, call->name) != kind->calls.end()) made.insert(kind->kind);
    }
    if (call->other_kind != WIRE_NONE) made.insert(call->other_kind);
  }
  for (const EventDescriptor* kind : all_kinds()) {
    const bool attaches = std::ranges::any_of(
        kind->programs, [](std::string_view program) { return program.starts_with("uring__"); });
    EXPECT_EQ(attaches, made.contains(kind->kind)) << kind->name;
  }
}

TEST(IoUringRequests, OthersHaveNoRow) {
  EXPECT_EQ(call_of(Request{.opcode = 0, .call = "nop"}), nullptr);
  EXPECT_EQ(call_of(Request{.opcode = 0, .call = ""}), nullptr);
}

}  // namespace
}  // namespace outrider
