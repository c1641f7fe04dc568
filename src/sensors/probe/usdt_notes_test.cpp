// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/usdt_notes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "sensors/probe/registers.h"

namespace outrider {

namespace {

void append_number(std::string& out, std::uint64_t number, std::size_t size) {
  out.append(reinterpret_cast<const char*>(&number), size);
}

std::string note(std::string_view owner, std::uint32_t type, std::string description) {
  std::string text;
  append_number(text, owner.size() + 1, 4);
  append_number(text, description.size(), 4);
  append_number(text, type, 4);
  text += owner;
  text += '\0';
  while (text.size() % 4 != 0) text += '\0';
  text += description;
  while (text.size() % 4 != 0) text += '\0';
  return text;
}

std::string probe(std::uint64_t address, std::uint64_t semaphore, std::string_view texts,
                  std::size_t word = 8) {
  std::string description;
  append_number(description, address, word);
  append_number(description, 0x500, word);
  append_number(description, semaphore, word);
  return description + std::string(texts);
}

using namespace std::string_view_literals;

TEST(UsdtNotes, AreRead) {
  const std::string section = note("stapsdt", 3,
                                   probe(0x1000, 0,
                                         "libc\0setjmp\0"
                                         "8@%rdi -4@%esi\0"sv)) +
                              note("GNU", 1, "of somebody else") +
                              note("stapsdt", 3, probe(0x2000, 0x9000, "a\0b\0\0"sv));
  bool whole = false;
  const auto notes = parse_usdt_notes(section, true, whole);
  EXPECT_TRUE(whole);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0], (UsdtNote{.address = 0x1000,
                                .base = 0x500,
                                .semaphore = 0,
                                .provider = "libc",
                                .name = "setjmp",
                                .arguments = "8@%rdi -4@%esi"}));
  EXPECT_EQ(notes[1].semaphore, 0x9000u);
  EXPECT_EQ(notes[1].arguments, "");
  const auto narrow =
      parse_usdt_notes(note("stapsdt", 3, probe(0x1000, 4, "p\0n\0x\0"sv, 4)), false, whole);
  ASSERT_EQ(narrow.size(), 1u);
  EXPECT_EQ(narrow[0].semaphore, 4u);
}

// Files are anybody's: whatever the bytes, what is found is within them.
TEST(UsdtNotes, MalformedOnes) {
  const std::string good = note("stapsdt", 3,
                                probe(0x1000, 0,
                                      "libc\0setjmp\0"
                                      "8@%rdi\0"sv));
  bool whole = false;
  for (std::size_t length = 1; length < good.size(); ++length) {
    const auto notes = parse_usdt_notes(good.substr(0, length), true, whole);
    EXPECT_TRUE(notes.empty()) << length;
    EXPECT_FALSE(whole) << length;
  }
  for (const std::string_view texts : {"libc"sv, "libc\0setjmp"sv, "libc\0setjmp\0arguments"sv}) {
    EXPECT_TRUE(parse_usdt_notes(note("stapsdt", 3, probe(1, 0, texts)), true, whole).empty());
    EXPECT_FALSE(whole);
  }
  std::string huge = good;
  const std::uint32_t most = 0xffffffff;
  for (const std::size_t at : {0u, 4u}) {
    huge = good;
    std::memcpy(huge.data() + at, &most, sizeof(most));
    EXPECT_TRUE(parse_usdt_notes(huge, true, whole).empty());
  }
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = good + good;
    for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    for (const UsdtNote& each : parse_usdt_notes(bytes, true, whole)) {
      EXPECT_LE(each.arguments.data() + each.arguments.size(), bytes.data() + bytes.size());
    }
  }
}

#if defined(__x86_64__)

TEST(UsdtArguments, EveryForm) {
  const std::uint16_t rdi = *register_place("%rdi"), rbp = *register_place("%rbp");
  struct Case {
    std::string_view text;
    std::uint8_t how;
    std::uint16_t from;
    std::int64_t offset;
    ProbeShape shape;
    std::uint8_t size;
  };
  const Case kCases[] = {
      {"8@%rdi", WIRE_PROBE_WORD, rdi, 0, ProbeShape::kUnsigned, 8},
      {"-4@%edi", WIRE_PROBE_WORD, rdi, 0, ProbeShape::kSigned, 4},
      {"1@%dil", WIRE_PROBE_WORD, rdi, 0, ProbeShape::kUnsigned, 1},
      {"-4@$-5", WIRE_PROBE_CONSTANT, 0, -5, ProbeShape::kSigned, 4},
      {"8@-16(%rbp)", WIRE_PROBE_MEMORY, rbp, -16, ProbeShape::kUnsigned, 8},
      {"-2@(%rdi)", WIRE_PROBE_MEMORY, rdi, 0, ProbeShape::kSigned, 2},
      // Nobody can read these, or we cannot.
      {"8f@%xmm0", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"8@%xmm0", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"8@(%rax,%rbx,4)", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"8@symbol(%rip)", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"1@%ah", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"3@%rdi", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"8@", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"%rdi", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"8@$", 0, 0, 0, ProbeShape::kUnknown, 0},
      {"99999999999999999999@%rdi", 0, 0, 0, ProbeShape::kUnknown, 0},
  };
  for (const Case& test : kCases) {
    const auto arguments = parse_usdt_arguments(test.text);
    ASSERT_EQ(arguments.size(), 1u) << test.text;
    EXPECT_EQ(arguments[0].type.shape, test.shape) << test.text;
    EXPECT_EQ(arguments[0].capture.how, test.how) << test.text;
    if (test.shape == ProbeShape::kUnknown) continue;
    EXPECT_EQ(arguments[0].capture.from, test.from) << test.text;
    EXPECT_EQ(arguments[0].capture.offset, test.offset) << test.text;
    EXPECT_EQ(arguments[0].type.size, test.size) << test.text;
  }
  EXPECT_TRUE(parse_usdt_arguments("").empty());
  EXPECT_TRUE(parse_usdt_arguments("   ").empty());
  EXPECT_EQ(parse_usdt_arguments(" 8@%rdi  -4@%esi ").size(), 2u);
  std::string many;
  for (int i = 0; i < 30; ++i) many += "8@%rdi ";
  EXPECT_EQ(parse_usdt_arguments(many).size(), 12u);
}

#endif

}  // namespace

}  // namespace outrider
