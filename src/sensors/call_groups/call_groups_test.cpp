// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string_view>

#include "sensors/registry.h"
#include "syscalls/calls.h"

namespace outrider {
namespace {

TEST(CallGroups, NameCallsOfTheTableOnce) {
  std::map<std::string_view, std::string_view> groups;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const std::string_view name : kind->calls) {
      EXPECT_NE(find_call(name), nullptr) << kind->name << ": " << name;
      const auto [known, fresh] = groups.emplace(name, kind->name);
      EXPECT_TRUE(fresh) << name << " is in " << known->second << " and in " << kind->name;
    }
  }
  EXPECT_GT(groups.size(), 60U);
}

// What a call makes besides: a kind of files would be sent twice, by different programs.
TEST(CallGroups, HaveNoCallsThatMakeAKindOfTheirOwn) {
  for (const EventDescriptor* kind : all_kinds()) {
    for (const std::string_view name : kind->calls) {
      const Call* call = find_call(name);
      ASSERT_NE(call, nullptr) << name;
      EXPECT_TRUE(call->kind == WIRE_NONE || call->kind == WIRE_WORKING_DIRECTORY) << name;
      EXPECT_EQ(call->end, CallEnd::kReturns) << name;
    }
  }
}

// The socket has the last string of the record to itself.
TEST(CallGroups, TheSocketHasAPlaceInTheRecord) {
  for (const Call& call : all_calls()) {
    if (call.socket == WIRE_NO_ARGUMENT) continue;
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      const CallArguments& arguments = registers_of(call, abi);
      for (std::size_t place = 0; place < arguments.size(); ++place) {
        EXPECT_LT(capture_of(arguments, place), static_cast<int>(kSocketCapture)) << call.name;
      }
      const wire_captures captures = captures_of(call, abi, /*payloads=*/false);
      EXPECT_EQ(captures.captures[kSocketCapture].how, WIRE_CAPTURE_SOCKET) << call.name;
    }
  }
}

// What the kernel program reads for the group, beside what the arguments point to.
TEST(CallGroups, TheirOwnCapturesHaveAPlaceInTheRecord) {
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      const wire_captures before = captures_of(call, abi, /*payloads=*/true);
      wire_captures after = before;
      add_group_captures(call, /*payloads=*/true, after);
      for (std::size_t i = 0; i < WIRE_FILE_STRINGS; ++i) {
        if (after.captures[i].flags & WIRE_CAPTURE_OF_GROUP) {
          EXPECT_EQ(before.captures[i].how, WIRE_CAPTURE_NOTHING) << call.name << " " << i;
        }
      }
    }
  }
}

// What is typed is not even read unless it is asked for.
TEST(CallGroups, PayloadsAreNotRead) {
  for (const Call& call : all_calls()) {
    wire_captures captures{};
    add_group_captures(call, /*payloads=*/false, captures);
    if (call.when < WIRE_WHEN_AT_TERMINAL) continue;
    EXPECT_EQ(captures.captures[kTerminalCapture].how, WIRE_CAPTURE_TERMINAL) << call.name;
    EXPECT_EQ(captures.captures[kTerminalDataCapture].how, WIRE_CAPTURE_NOTHING) << call.name;
  }
}

}  // namespace
}  // namespace outrider
