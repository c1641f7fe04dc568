// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/trace_format.h"

#include <gtest/gtest.h>

#include <string>

#include "sensors/probe/tracepoint.h"

namespace outrider {

namespace {

using Where = TraceField::Where;

std::string format_with(std::string_view fields) {
  return "name: made_up\nID: 77\nformat:\n"
         "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
         "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n" +
         std::string(fields) + "\nprint fmt: \"x=%d\", REC->x\n";
}

TEST(TraceFormat, EveryWayToDeclareAField) {
  struct Case {
    std::string_view line;
    TraceField field;
  };
  const Case kCases[] = {
      {"\tfield:pid_t pid;\toffset:8;\tsize:4;\tsigned:1;",
       {.name = "pid", .type = "pid_t", .is_signed = true, .offset = 8, .size = 4}},
      {"\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:0;",
       {.name = "comm",
        .type = "char",
        .is_array = true,
        .offset = 8,
        .size = 16,
        .element_size = 1}},
      {"\tfield:unsigned long ip[4];\toffset:8;\tsize:32;\tsigned:0;",
       {.name = "ip",
        .type = "unsigned long",
        .is_array = true,
        .offset = 8,
        .size = 32,
        .element_size = 8}},
      // The length may be a name, as the compiler has not seen it.
      {"\tfield:__u8 saddr[ADDRESS_LENGTH];\toffset:8;\tsize:28;\tsigned:0;",
       {.name = "saddr",
        .type = "__u8",
        .is_array = true,
        .offset = 8,
        .size = 28,
        .element_size = 1}},
      {"\tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;",
       {.name = "skaddr", .type = "const void *", .offset = 8, .size = 8}},
      {"\tfield:struct rpc_task *task;\toffset:8;\tsize:8;\tsigned:0;",
       {.name = "task", .type = "struct rpc_task *", .offset = 8, .size = 8}},
      {"\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;",
       {.name = "filename",
        .type = "char",
        .where = Where::kLocated,
        .is_array = true,
        .offset = 8,
        .size = 4,
        .element_size = 1}},
      {"\tfield:__rel_loc u32[] list;\toffset:12;\tsize:4;\tsigned:0;",
       {.name = "list",
        .type = "u32",
        .where = Where::kRelative,
        .is_array = true,
        .offset = 12,
        .size = 4,
        .element_size = 4}},
      {"\tfield:bool preempt;\toffset:8;\tsize:1;\tsigned:0;",
       {.name = "preempt", .type = "bool", .offset = 8, .size = 1}},
  };
  for (const Case& test : kCases) {
    SCOPED_TRACE(test.line);
    const auto format = parse_trace_format(format_with(test.line));
    ASSERT_TRUE(format) << format.error().message;
    EXPECT_EQ(format->id, 77u);
    ASSERT_EQ(format->fields.size(), 1u);
    const TraceField& field = format->fields[0];
    EXPECT_EQ(field.name, test.field.name);
    EXPECT_EQ(field.type, test.field.type);
    EXPECT_EQ(field.where, test.field.where);
    EXPECT_EQ(field.element_size, test.field.element_size);
    EXPECT_EQ(field, test.field);
  }
}

TEST(TraceFormat, WhatCannotBeOneIsRefused) {
  constexpr std::string_view kWrong[] = {
      "\tfield:int x;\toffset:8;",
      "\tfield:int x;\toffset:-8;\tsize:4;\tsigned:1;",
      "\tfield:int x;\toffset:8;\tsize:99999;\tsigned:1;",
      "\tfield:int x;\toffset:8190;\tsize:4;\tsigned:1;",
      "\tfield:;\toffset:8;\tsize:4;\tsigned:1;",
      "\tfield:x;\toffset:8;\tsize:4;\tsigned:1;",
      "\tfield:int x[4;\toffset:8;\tsize:16;\tsigned:1;",
      // The word that says where it is has four bytes.
      "\tfield:__data_loc char[] x;\toffset:8;\tsize:8;\tsigned:1;",
  };
  for (const std::string_view line : kWrong) {
    EXPECT_FALSE(parse_trace_format(format_with(line))) << line;
  }
  EXPECT_FALSE(parse_trace_format(""));
  EXPECT_FALSE(parse_trace_format("ID: x\n"));
  EXPECT_FALSE(parse_trace_format("format:\n")) << "no number";
}

// Whatever the text, it ends, and what it finds is within the data.
TEST(TraceFormat, CutAnywhere) {
  const std::string whole = format_with(
      "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
      "\tfield:char comm[16];\toffset:12;\tsize:16;\tsigned:0;");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    if (const auto format = parse_trace_format(whole.substr(0, length))) {
      EXPECT_LE(format->fields.size(), 2u);
    }
  }
}

TEST(Tracepoint, CapturesWhatItsFieldsNeed) {
  const auto format = parse_trace_format(
      format_with("\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;\n"
                  "\tfield:int state;\toffset:12;\tsize:4;\tsigned:1;\n"
                  "\tfield:__data_loc u64[] all;\toffset:16;\tsize:4;\tsigned:0;"));
  ASSERT_TRUE(format);
  const auto description = describe_tracepoint("a:b", *format);
  ASSERT_TRUE(description);
  EXPECT_EQ(description->target, "tp:a:b");
  ASSERT_EQ(description->programs.size(), 1u);
  const auto& captures = description->programs[0].captures;
  ASSERT_EQ(captures.size(), 3u);
  // Bytes 8 to 20, and then each of the two that are elsewhere.
  EXPECT_EQ(captures[0].how, WIRE_PROBE_BYTES);
  EXPECT_EQ(captures[0].from, 8);
  EXPECT_EQ(captures[0].size, 12);
  EXPECT_EQ(captures[1].how, WIRE_PROBE_LOCATED);
  EXPECT_EQ(captures[1].from, 8);
  EXPECT_EQ(captures[1].place, 16);
  EXPECT_EQ(captures[2].from, 16);
  EXPECT_EQ(captures[2].place, 16 + 16 + 256);
  EXPECT_EQ(description->data_size, 16 + 2 * (16 + 256));
  ASSERT_EQ(description->arguments.size(), 3u);
  EXPECT_EQ(description->arguments[0].type.shape, ProbeShape::kCharacters);
  EXPECT_EQ(description->arguments[1].type.shape, ProbeShape::kSigned);
  EXPECT_EQ(description->arguments[1].place, 4);
  EXPECT_EQ(description->arguments[2].type.shape, ProbeShape::kNumbers);
  EXPECT_EQ(description->arguments[2].type.declared, "u64[]");
}

TEST(Tracepoint, TooMuchDataIsRefused) {
  const auto format =
      parse_trace_format(format_with("\tfield:char x[4000];\toffset:8;\tsize:4000;\tsigned:0;"));
  ASSERT_TRUE(format);
  EXPECT_FALSE(describe_tracepoint("a:b", *format));
}

}  // namespace

}  // namespace outrider
