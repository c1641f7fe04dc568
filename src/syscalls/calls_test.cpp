// SPDX-License-Identifier: Apache-2.0
#include "syscalls/calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "support/c_header.h"

namespace outrider {
namespace {

// What a header calls a call, where that is not its name in the table.
using Aliases = std::map<std::string_view, std::string>;

// Compares the column of the table with a header. Headers may be older than the table: what they
// lack must be newer than all they have.
void compare(const std::string& header, std::int16_t Call::* column, const Aliases& aliases) {
  const auto numbers = test::numbers_in_header(header);
  if (!numbers) GTEST_SKIP() << "there is no <" << header << "> here";
  std::map<std::int64_t, std::string> names;
  for (const auto& [define, number] : *numbers) {
    for (const std::string_view prefix : {"__NR_", "__NR3264_"}) {
      if (define.starts_with(prefix)) names[number] = define.substr(prefix.size());
    }
  }
  // syscall numbers of one's own architecture, not of an empty or quite different file.
  ASSERT_GT(names.size(), 250u) << header;
  std::map<std::string, std::int64_t> by_name;
  for (const auto& [number, name] : names) by_name[name] = number;

  for (const Call& call : all_calls()) {
    const auto alias = aliases.find(call.name);
    const std::string name = alias != aliases.end() ? alias->second : std::string(call.name);
    const std::int16_t number = call.*column;
    const auto found = by_name.find(name);
    if (found != by_name.end()) {
      EXPECT_EQ(number, found->second) << call.name << " in " << header;
    } else if (number != kNoNumber) {
      EXPECT_GT(number, names.rbegin()->first) << call.name << ": not in " << header;
    }
  }
}

TEST(Calls, NumbersAreThoseOfX86) {
  // The 16-bit ids are of i386 only; no header of x86-64 knows these names.
  compare("asm/unistd_64.h", &Call::x86_64, {});
}

TEST(Calls, NumbersAreThoseOfI386) {
  compare("asm/unistd_32.h", &Call::i386,
          {{"chown", "chown32"},
           {"lchown", "lchown32"},
           {"fchown", "fchown32"},
           {"chown16", "chown"},
           {"lchown16", "lchown"},
           {"fchown16", "fchown"}});
}

TEST(Calls, NumbersAreThoseOfArm64) {
  compare("asm-generic/unistd.h", &Call::arm64, {{"truncate64", "-"}, {"ftruncate64", "-"}});
}

TEST(Calls, NamesAndNumbersAreUsedOnce) {
  std::set<std::string_view> names;
  for (const Call& call : all_calls()) {
    EXPECT_TRUE(names.insert(call.name).second) << call.name;
  }
  for (std::int16_t Call::* column : {&Call::x86_64, &Call::i386, &Call::arm64}) {
    std::set<int> numbers;
    for (const Call& call : all_calls()) {
      if (call.*column == kNoNumber) continue;
      EXPECT_TRUE(numbers.insert(call.*column).second) << call.name;
      EXPECT_GE(call.*column, 0) << call.name;
      EXPECT_LT(call.*column, int{WIRE_SYSTEM_CALLS}) << call.name;
    }
  }
}

TEST(Calls, AreFoundByNumberAndWordSize) {
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      const std::int16_t number = number_of(call, abi);
      if (number == kNoNumber) continue;
      EXPECT_EQ(find_call(abi, static_cast<std::uint16_t>(number)), &call) << call.name;
    }
  }
  for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
    for (int number = 0; number < WIRE_SYSTEM_CALLS; ++number) {
      const Call* call = find_call(abi, static_cast<std::uint16_t>(number));
      if (call != nullptr) {
        EXPECT_EQ(number_of(*call, abi), number);
      }
    }
    for (const int number : {int{WIRE_SYSTEM_CALLS}, 0x7fff, 0xffff}) {
      EXPECT_EQ(find_call(abi, static_cast<std::uint16_t>(number)), nullptr) << number;
    }
  }
  EXPECT_EQ(find_call(WIRE_ABI_COUNT, 0), nullptr);
}

TEST(Calls, OfBothWordSizesAreNotMixedUp) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "only x86-64 has a second table";
#endif
  // The trap of SEMANTICS 6: int 0x80 with 39 is mkdir; 39 of the 64-bit table is getpid.
  ASSERT_NE(find_call(WIRE_ABI_32, 39), nullptr);
  EXPECT_EQ(find_call(WIRE_ABI_32, 39)->name, "mkdir");
  EXPECT_EQ(find_call(WIRE_ABI_64, 39), nullptr);
  EXPECT_EQ(find_call(WIRE_ABI_64, 2)->name, "open");
  EXPECT_EQ(find_call(WIRE_ABI_32, 2), nullptr);
}

constexpr wire_u8 kNo = WIRE_NO_ARGUMENT;
constexpr wire_u8 kNoBase = WIRE_NO_BASE;

TEST(Calls, PlacesOfPathsAndTheirDirectories) {
  struct Case {
    std::string_view name;
    wire_u8 path, base, path2, base2;
    wire_u8 structure = kNo;
  };
  constexpr Case kCases[] = {
      {"open", 0, kNo, kNo, kNo},
      {"creat", 0, kNo, kNo, kNo},
      {"openat", 1, 0, kNo, kNo},
      {"openat2", 1, 0, kNo, kNo, 2},
      {"open_by_handle_at", kNo, kNo, kNo, kNo},
      {"mkdir", 0, kNo, kNo, kNo},
      {"mkdirat", 1, 0, kNo, kNo},
      {"unlinkat", 1, 0, kNo, kNo},
      {"rename", 0, kNo, 1, kNo},
      {"renameat", 1, 0, 3, 2},
      {"renameat2", 1, 0, 3, 2},
      {"link", 0, kNo, 1, kNo},
      {"linkat", 1, 0, 3, 2},
      // What a symbolic link says is relative to nothing.
      {"symlink", 0, kNoBase, 1, kNo},
      {"symlinkat", 0, kNoBase, 2, 1},
      {"chmod", 0, kNo, kNo, kNo},
      {"fchmod", kNo, kNo, kNo, kNo},
      {"fchmodat2", 1, 0, kNo, kNo},
      {"fchownat", 1, 0, kNo, kNo},
      {"truncate64", 0, kNo, kNo, kNo},
      {"ftruncate64", kNo, kNo, kNo, kNo},
      {"execve", 0, kNo, kNo, kNo},
      {"execveat", 1, 0, kNo, kNo},
      {"chdir", kNo, kNo, kNo, kNo},
  };
  for (const Case& c : kCases) {
    const auto call = std::ranges::find(all_calls(), c.name, &Call::name);
    ASSERT_NE(call, all_calls().end()) << c.name;
    const wire_call wire = to_wire(*call);
    EXPECT_EQ(wire.path, c.path) << c.name;
    EXPECT_EQ(wire.base, c.base) << c.name;
    EXPECT_EQ(wire.path2, c.path2) << c.name;
    EXPECT_EQ(wire.base2, c.base2) << c.name;
    EXPECT_EQ(wire.structure, c.structure) << c.name;
  }
}

// What holds for every row, also for those that are still to come.
TEST(Calls, RowsFitTheWire) {
  for (const Call& call : all_calls()) {
    SCOPED_TRACE(call.name);
    const wire_call wire = to_wire(call);
    EXPECT_EQ(wire.kind, call.kind);
    EXPECT_EQ(wire.resolve, call.resolve);
    EXPECT_EQ(wire.tail, call.tail);
    EXPECT_EQ(wire.other_kind, call.other_kind);
    EXPECT_EQ(wire.other_argument, call.other_argument);
    EXPECT_EQ(wire.other_mask, call.other_mask);
    EXPECT_NE(call.kind, WIRE_NONE);
    EXPECT_LT(call.kind, WIRE_UNWANTED);
    EXPECT_EQ(call.other_kind == WIRE_NONE, call.other_mask == 0);
    const auto is_path = [&](wire_u8 place) {
      const ArgumentType type = call.arguments.at(place).type;
      return type == ArgumentType::kPath || type == ArgumentType::kText;
    };
    for (const wire_u8 place : {wire.path, wire.path2}) {
      if (place != kNo) {
        EXPECT_TRUE(is_path(place));
      }
    }
    for (const wire_u8 place : {wire.base, wire.base2}) {
      if (place == kNo || place == kNoBase) continue;
      EXPECT_EQ(call.arguments.at(place).type, ArgumentType::kDirectory);
    }
    EXPECT_EQ(std::ranges::count_if(call.arguments,
                                    [](const Argument& argument) {
                                      return argument.type == ArgumentType::kPath ||
                                             argument.type == ArgumentType::kText;
                                    }),
              (wire.path != kNo) + (wire.path2 != kNo))
        << "a path that nobody reads";
    if (call.resolve == WIRE_RESOLVE_FIRST) {
      EXPECT_EQ(call.arguments[0].type, ArgumentType::kDescriptor);
    }
    // No holes, and a name for each argument.
    bool ended = false;
    for (const Argument& argument : call.arguments) {
      ended = ended || argument.type == ArgumentType::kNone;
      EXPECT_EQ(argument.type == ArgumentType::kNone, ended);
      EXPECT_EQ(argument.name.empty(), ended);
    }
  }
}

TEST(Calls, UnlinkatRemovesDirectoriesToo) {
  const auto call = std::ranges::find(all_calls(), "unlinkat", &Call::name);
  ASSERT_NE(call, all_calls().end());
  EXPECT_EQ(call->kind, WIRE_UNLINK);
  EXPECT_EQ(call->other_kind, WIRE_RMDIR);
  EXPECT_EQ(call->arguments[call->other_argument].type, ArgumentType::kAtFlags);
  EXPECT_EQ(call->other_mask, std::uint32_t{AT_REMOVEDIR});
}

TEST(Calls, PlacesOfArgumentsByType) {
  struct Case {
    std::string_view name;
    ArgumentType type;
    int place;
  };
  constexpr Case kCases[] = {
      {"openat", ArgumentType::kDirectory, 0},   {"openat", ArgumentType::kOpenFlags, 2},
      {"openat", ArgumentType::kMode, 3},        {"openat", ArgumentType::kAtFlags, -1},
      {"renameat2", ArgumentType::kPath, 1},     {"renameat2", ArgumentType::kRenameFlags, 4},
      {"chown", ArgumentType::kUser, 1},         {"chown", ArgumentType::kUser16, -1},
      {"chown16", ArgumentType::kUser16, 1},     {"chown16", ArgumentType::kGroup16, 2},
      {"truncate64", ArgumentType::kSizeLow, 1}, {"truncate64", ArgumentType::kSizeHigh, 2},
      {"chdir", ArgumentType::kPath, -1},
  };
  for (const Case& c : kCases) {
    const auto call = std::ranges::find(all_calls(), c.name, &Call::name);
    ASSERT_NE(call, all_calls().end()) << c.name;
    EXPECT_EQ(place_of(*call, c.type), c.place) << c.name;
  }
}

}  // namespace
}  // namespace outrider
