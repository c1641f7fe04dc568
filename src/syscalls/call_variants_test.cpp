// SPDX-License-Identifier: Apache-2.0
#include "syscalls/call_variants.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <set>

namespace outrider {
namespace {

TEST(CallVariants, EachCommandOnce) {
  for (const Call& call : all_calls()) {
    std::set<std::uint32_t> commands;
    for (const CallVariant& variant : call.variants) {
      EXPECT_TRUE(commands.insert(variant.command).second) << call.name << variant.command;
      // The command itself is where it always is.
      EXPECT_EQ(variant.arguments[call.command].name, call.arguments[call.command].name)
          << call.name;
    }
  }
}

// The kernel program reads the same for all commands: what one shows must be among it.
TEST(CallVariants, ShowWhatIsRead) {
  for (const Call& call : all_calls()) {
    for (const CallVariant& variant : call.variants) {
      for (std::size_t place = 0; place < variant.arguments.size(); ++place) {
        const int capture = capture_of(variant.arguments, place);
        if (capture < 0) continue;
        ASSERT_NE(call.captured, nullptr) << call.name;
        EXPECT_EQ(capture_of(*call.captured, place), capture) << call.name << variant.command;
        const bool is_text = variant.arguments[place].type == ArgumentType::kText;
        EXPECT_EQ((*call.captured)[place].type == ArgumentType::kText, is_text) << call.name;
      }
    }
  }
}

TEST(CallVariants, AreFoundByTheirCommand) {
  const Call& fcntl = *find_call("fcntl");
  const wire_u64 flags[6] = {3, F_SETFL, 0};
  EXPECT_EQ(registers_of(fcntl, WIRE_ABI_64, flags)[2].type, ArgumentType::kOpenFlags);
  // Of an int the upper half may be anything.
  const wire_u64 upper[6] = {3, 0xffffffff00000000 | F_GETFL, 0};
  EXPECT_EQ(registers_of(fcntl, WIRE_ABI_64, upper)[2].type, ArgumentType::kNone);
  const wire_u64 other[6] = {3, 12345, 0};
  EXPECT_EQ(registers_of(fcntl, WIRE_ABI_64, other)[2].type, ArgumentType::kAddress);
  const wire_u64 name[6] = {PR_SET_NAME, 0, 0};
  EXPECT_EQ(registers_of(*find_call("prctl"), WIRE_ABI_64, name)[1].type, ArgumentType::kText);
  EXPECT_EQ(registers_of(*find_call("read"), WIRE_ABI_64, name)[0].type, ArgumentType::kDescriptor);
}

}  // namespace
}  // namespace outrider
