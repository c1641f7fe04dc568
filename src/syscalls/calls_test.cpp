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

// Of a header: the calls that it names.
std::map<std::string, std::int64_t> calls_in(const std::string& header) {
  std::map<std::string, std::int64_t> calls;
  for (const auto& [define, number] :
       test::numbers_in_header(header).value_or(std::map<std::string, std::int64_t>())) {
    for (const std::string_view prefix : {"__NR_", "__NR3264_"}) {
      if (define.starts_with(prefix)) calls[define.substr(prefix.size())] = number;
    }
  }
  return calls;
}

// What a call of a header is called in the table.
using NameInTable = std::string (*)(const std::string& name,
                                    const std::map<std::string, std::int64_t>& all);

std::string same_name(const std::string& name, const std::map<std::string, std::int64_t>&) {
  return name;
}

// i386 has calls whose ids have 16 bits, and newer ones of the same meaning, which 64-bit programs
// have under the old name; and two whose arguments are in memory.
std::string name_of_i386(const std::string& name, const std::map<std::string, std::int64_t>& all) {
  if (name == "select" || name == "mmap") return "old_" + name;
  if (all.contains(name + "32")) return name + "16";
  if (name.ends_with("32") && all.contains(name.substr(0, name.size() - 2))) {
    return name.substr(0, name.size() - 2);
  }
  return name;
}

std::string name_of_arm64(const std::string& name, const std::map<std::string, std::int64_t>&) {
  return name == "fstatat" ? "newfstatat" : name;
}

// Compares the column of the table with a header, which may be older than the table: what it lacks
// must be newer than all it has. None that the header has may lack in the table.
void compare(const std::string& header, std::int16_t Call::* column, NameInTable name_in_table,
             const std::set<std::string>& not_ours = {}) {
  const auto all = calls_in(header);
  if (all.empty()) GTEST_SKIP() << "there is no <" << header << "> here";
  // Numbers of one's own architecture, not of an empty or quite different file.
  ASSERT_GT(all.size(), 250u) << header;
  std::map<std::string, std::int64_t> by_name;
  std::int64_t newest = 0;
  for (const auto& [name, number] : all) {
    if (not_ours.contains(name)) continue;
    by_name[name_in_table(name, all)] = number;
    newest = std::max(newest, number);
  }
  for (const auto& [name, number] : by_name) {
    const Call* call = find_call(name);
    ASSERT_NE(call, nullptr) << name << " of " << header << " is not in the table";
    EXPECT_EQ(call->*column, number) << name << " in " << header;
  }
  for (const Call& call : all_calls()) {
    if (call.*column == kNoNumber || by_name.contains(std::string(call.name))) continue;
    // x86-64 has two that no header names, since only the kernel's own code calls them.
    if (call.name == "uprobe" || call.name == "uretprobe") continue;
    EXPECT_GT(call.*column, newest) << call.name << ": not in " << header;
  }
}

TEST(Calls, AreThoseOfX86) { compare("asm/unistd_64.h", &Call::x86_64, same_name); }

TEST(Calls, AreThoseOfI386) { compare("asm/unistd_32.h", &Call::i386, name_of_i386); }

TEST(Calls, AreThoseOfArm64) {
  std::set<std::string> not_ours = {"sync_file_range2", "arch_specific_syscall", "syscalls"};
  // Of 32-bit architectures.
  for (const auto& [name, number] : calls_in("asm-generic/unistd.h")) {
    const Call* call = find_call(name);
    if (call != nullptr && call->x86_64 == kNoNumber) not_ours.insert(name);
  }
  compare("asm-generic/unistd.h", &Call::arm64, name_of_arm64, not_ours);
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
  EXPECT_EQ(find_call(WIRE_ABI_64, 39)->name, "getpid");
  EXPECT_EQ(find_call(WIRE_ABI_64, 2)->name, "open");
  EXPECT_EQ(find_call(WIRE_ABI_32, 2)->name, "fork");
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
    // The others read what captures_of() says.
    const bool has_paths = call.kind != WIRE_NONE && call.kind != WIRE_WORKING_DIRECTORY;
    if (!has_paths) continue;
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
  }
}

TEST(Calls, ArgumentsHaveNames) {
  for (const Call& call : all_calls()) {
    SCOPED_TRACE(call.name);
    // No holes, and a name for each argument, which no other has but the halves of a number.
    for (const CallArguments* arguments :
         {&call.arguments, &registers_of(call, WIRE_ABI_64), &registers_of(call, WIRE_ABI_32)}) {
      bool ended = false;
      std::set<std::string_view> names;
      for (const Argument& argument : *arguments) {
        ended = ended || argument.type == ArgumentType::kNone;
        EXPECT_EQ(argument.type == ArgumentType::kNone, ended);
        EXPECT_EQ(argument.name.empty(), ended);
        if (ended || argument.type == ArgumentType::kSizeHigh) continue;
        EXPECT_TRUE(names.insert(argument.name).second) << argument.name;
      }
    }
  }
}

bool has_names(ArgumentType type) {
  return type == ArgumentType::kNamed || type == ArgumentType::kNamedWord;
}

bool has_structure(ArgumentType type) {
  return type == ArgumentType::kStructure || type == ArgumentType::kStructureOut ||
         type == ArgumentType::kStructures || type == ArgumentType::kStructuresOut;
}

bool has_count(ArgumentType type) {
  return type == ArgumentType::kBytes || type == ArgumentType::kStructures ||
         type == ArgumentType::kSocketAddress || type == ArgumentType::kSocketAddressOut;
}

TEST(Calls, RegistersAreDescribedWhole) {
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      SCOPED_TRACE(call.name);
      const CallArguments& arguments = registers_of(call, abi);
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        const Argument& argument = arguments[i];
        EXPECT_EQ(argument.names != nullptr, has_names(argument.type)) << argument.name;
        EXPECT_EQ(argument.structure != nullptr, has_structure(argument.type)) << argument.name;
        EXPECT_EQ(argument.count != WIRE_NO_ARGUMENT, has_count(argument.type)) << argument.name;
        if (has_count(argument.type)) {
          ASSERT_LT(argument.count, arguments.size());
          EXPECT_NE(arguments[argument.count].type, ArgumentType::kNone) << argument.name;
        }
        if (argument.type == ArgumentType::kSizeLow) {
          ASSERT_LT(i + 1, arguments.size());
          EXPECT_EQ(arguments[i + 1].type, ArgumentType::kSizeHigh) << argument.name;
        }
      }
    }
  }
}

// Each capture is one string of the record, and within what the kernel program has room for.
TEST(Calls, CapturesFitTheRecord) {
  for (const Call& call : all_calls()) {
    for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
      SCOPED_TRACE(call.name);
      const CallArguments& arguments = registers_of(call, abi);
      const wire_captures captures = captures_of(call, abi, true);
      std::set<int> used;
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        const int first = capture_of(arguments, i);
        if (first < 0) continue;
        const int last = arguments[i].type == ArgumentType::kMessage ? first + 2 : first;
        ASSERT_LT(last, int{WIRE_FILE_STRINGS}) << arguments[i].name;
        // What is captured first is where the others look.
        EXPECT_TRUE(last == first || first == 0);
        for (int capture = first; capture <= last; ++capture) {
          EXPECT_TRUE(used.insert(capture).second);
          EXPECT_NE(captures.captures[capture].how, WIRE_CAPTURE_NOTHING);
          EXPECT_LE(captures.captures[capture].limit, int{WIRE_PATH_MAX});
          EXPECT_GT(captures.captures[capture].size, 0);
          EXPECT_LE(captures.captures[capture].size, captures.captures[capture].limit);
        }
      }
    }
  }
}

// Payload is read only if it is to be shown.
TEST(Calls, PayloadsAreNotCaptured) {
  const Call* write = find_call("write");
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(captures_of(*write, WIRE_ABI_64, false).captures[0].how, WIRE_CAPTURE_NOTHING);
  EXPECT_EQ(captures_of(*write, WIRE_ABI_64, true).captures[0].how, WIRE_CAPTURE_BYTES);
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
      {"fchdir", ArgumentType::kPath, -1},
  };
  for (const Case& c : kCases) {
    const auto call = std::ranges::find(all_calls(), c.name, &Call::name);
    ASSERT_NE(call, all_calls().end()) << c.name;
    EXPECT_EQ(place_of(*call, c.type), c.place) << c.name;
  }
}

}  // namespace
}  // namespace outrider
