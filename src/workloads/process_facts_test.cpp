// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_facts.h"

#include <gtest/gtest.h>

#include <string>

#include "support/hand_made_records.h"

namespace outrider {
namespace {

using namespace std::string_literals;
using Truth = std::optional<bool>;
using test::header_of;
using test::WithStrings;

constexpr std::uint64_t kOverride = 1ull << 1;
constexpr std::uint64_t kOwner = 1ull << 3;

TEST(ProcessFacts, WhoMayWriteToAnExecutable) {
  struct Case {
    const char* name;
    wire_u32 uid;
    wire_u32 gid;
    unsigned mode;
    unsigned flags;
    Credentials credentials;
    Truth expected;
  };
  constexpr std::uint32_t kFirst = kFirstUserNamespace;
  const Case kCases[] = {
      {"owner", 7, 8, 0755, 0, {7, 9, 0, kFirst}, true},
      {"owner who may make it writable", 7, 8, 0555, 0, {7, 9, 0, kFirst}, true},
      {"owner, in a container", 7, 8, 0755, 0, {7, 9, 0, 1}, true},
      {"nobody may", 0, 0, 0755, 0, {7, 9, 0, kFirst}, false},
      {"group", 0, 9, 0775, 0, {7, 9, 0, kFirst}, true},
      {"group that may not, others may", 0, 9, 0757, 0, {7, 9, 0, kFirst}, false},
      {"others", 0, 0, 0777, 0, {7, 9, 0, kFirst}, true},
      {"perhaps by another group", 0, 0, 0775, 0, {7, 9, 0, kFirst}, std::nullopt},
      {"perhaps not by another group", 0, 0, 0757, 0, {7, 9, 0, kFirst}, std::nullopt},
      {"root", 7, 8, 0755, 0, {0, 0, kOverride, kFirst}, true},
      {"root without its rights", 7, 8, 0755, 0, {0, 0, 0, kFirst}, false},
      {"as good as its owner", 7, 8, 0755, 0, {1, 1, kOwner, kFirst}, true},
      {"another right", 7, 8, 0755, 0, {1, 1, 1ull << 2, kFirst}, false},
      {"root of a container", 7, 8, 0755, 0, {1, 1, kOverride, 1}, std::nullopt},
      {"rights unknown", 7, 8, 0755, 0, {1, 1, std::nullopt, kFirst}, std::nullopt},
      {"read-only", 7, 8, 0777, WIRE_EXECUTABLE_UNCHANGEABLE, {7, 8, ~0ull, kFirst}, false},
  };
  for (const Case& c : kCases) {
    wire_executable file{};
    file.uid = c.uid;
    file.gid = c.gid;
    file.mode = static_cast<wire_u16>(0100000 | c.mode);
    file.flags = static_cast<wire_u16>(c.flags);
    EXPECT_EQ(may_write(file, c.credentials), c.expected) << c.name;
  }
}

TEST(ProcessFacts, TerminalsAreNumberedAsInProc) {
  EXPECT_EQ(terminal_number(0, 0), 0u);
  EXPECT_EQ(terminal_number(136, 0), 34816u);
  EXPECT_EQ(terminal_number(136, 255), 35071u);
  // new_encode_dev() in the kernel: what is above 8 bits stands above the major number.
  EXPECT_EQ(terminal_number(136, 256), 1048576u + 34816u);
  EXPECT_EQ(terminal_number(4, 64), 1088u);
}

TEST(ProcessFacts, AContextIsTakenFromTheRecord) {
  wire_header header = header_of(10, 5);
  header.time = 6;
  header.uid = 7;
  header.session_id = 8;
  wire_context wire{};
  for (unsigned i = 0; i < WIRE_CAPABILITIES_COUNT; ++i) wire.capabilities[i] = 100 + i;
  for (unsigned i = 0; i < WIRE_NAMESPACES_COUNT; ++i) wire.namespaces[i] = 200 + i;
  wire.terminal = 136u << 20 | 300;
  wire.group_id = 9;
  wire.vgroup_id = 2;
  wire.vsession_id = 0;
  const ProcessContext context = context_of(header, wire);
  EXPECT_EQ(context.time, 6u);
  EXPECT_EQ(context.uid, 7u);
  EXPECT_EQ(context.session_id, 8u);
  for (unsigned i = 0; i < WIRE_CAPABILITIES_COUNT; ++i) {
    EXPECT_EQ((*context.capabilities)[i], 100 + i);
  }
  for (unsigned i = 0; i < WIRE_NAMESPACES_COUNT; ++i) EXPECT_EQ(context.namespaces[i], 200 + i);
  EXPECT_EQ(context.terminal, terminal_number(136, 300));
  EXPECT_EQ(context.group_id, 9u);
  EXPECT_EQ(context.vgroup_id, 2u);
  EXPECT_EQ(context.vsession_id, 0u);
}

TEST(ProcessFacts, TheExecutableByItsPathAndFlags) {
  struct Case {
    const char* name;
    std::string path;
    wire_string_state state;
    unsigned path_flags;
    unsigned flags;
    Truth memfd;
    Truth deleted;
    Executable::Layer layer;
  };
  using enum Executable::Layer;
  constexpr auto kWhole = WIRE_STRING_WHOLE;
  const Case kCases[] = {
      {"a file", "ls\0bin\0"s, kWhole, 0, 0, false, false, kNone},
      {"memory", "memfd:x\0"s, kWhole, WIRE_PATH_PSEUDO, 0, true, false, kNone},
      {"a file called like memory", "memfd:x\0"s, kWhole, 0, 0, false, false, kNone},
      {"another pseudo file", "pipe:\0"s, kWhole, WIRE_PATH_PSEUDO, 0, false, false, kNone},
      {"deleted", "ls\0"s, kWhole, WIRE_PATH_DELETED, 0, false, true, kNone},
      {"deep", "ls\0"s, WIRE_STRING_CUT, WIRE_PATH_DELETED, 0, std::nullopt, true, kNone},
      {"not seen", "", WIRE_STRING_FAULTED, 0, 0, std::nullopt, std::nullopt, kNone},
      {"of an image", "ls\0"s, kWhole, 0, WIRE_EXECUTABLE_OVERLAY, false, false, kLower},
      {"not of it", "ls\0"s, kWhole, 0, WIRE_EXECUTABLE_OVERLAY | WIRE_EXECUTABLE_UPPER, false,
       false, kUpper},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    WithStrings<wire_exec> exec(header_of(10, 5), {{WIRE_EXEC_EXE, c.path}});
    exec->strings[WIRE_EXEC_EXE].state = c.state;
    exec->strings[WIRE_EXEC_EXE].flags = static_cast<wire_u8>(c.path_flags);
    exec->exe_inode = 77;
    exec->executable = {.change_time = 3,
                        .modify_time = -4,
                        .uid = 0,
                        .gid = 0,
                        .mode = 0100755,
                        .flags = static_cast<wire_u16>(c.flags),
                        .reserved = 0};
    const auto executable = executable_of(*exec);
    ASSERT_TRUE(executable);
    EXPECT_EQ(executable->inode, 77u);
    EXPECT_EQ(executable->change_time, 3);
    EXPECT_EQ(executable->modify_time, -4);
    EXPECT_EQ(executable->from_memfd, c.memfd);
    EXPECT_EQ(executable->deleted, c.deleted);
    EXPECT_EQ(executable->layer, c.layer);
    EXPECT_EQ(executable->writable, true) << "root's own";
    exec->exe_inode = 0;
    EXPECT_FALSE(executable_of(*exec));
  }
}

TEST(ProcessFacts, ArgumentsAreMeasuredWithoutTheProgramsName) {
  Process process;
  set_arguments(process, {.text = "ls\0-l\0a b\0"s, .known = true, .count = 3, .length = 7});
  EXPECT_EQ(process.argument_count, 3u);
  EXPECT_EQ(process.arguments_length, 5u);
  // Cut behind the name: all of them were counted all the same.
  set_arguments(process, {.text = "ls\0-l"s, .known = true, .cut = true, .count = 3, .length = 99});
  EXPECT_EQ(process.arguments_length, 97u);
  set_arguments(process, {.text = "l", .known = true, .cut = true, .count = 3, .length = 99});
  EXPECT_FALSE(process.arguments_length);
  set_arguments(process, {.text = "", .known = false, .count = 3, .length = 99});
  EXPECT_EQ(process.argument_count, 3u);
  EXPECT_FALSE(process.arguments_length);
  // Nobody promises that the numbers fit together.
  set_arguments(process, {.text = "program\0"s, .known = true, .count = 1, .length = 2});
  EXPECT_EQ(process.arguments_length, 0u);
}

}  // namespace
}  // namespace outrider
