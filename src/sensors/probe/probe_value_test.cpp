// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/probe_value.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "sensors/probe/probe_wire.h"

namespace outrider {

namespace {

// What a capture leaves: the word, and the bytes behind it.
std::string captured(std::uint64_t value, std::int64_t length, std::string_view bytes = {}) {
  const wire_probe_word word{.value = value, .length = length};
  std::string data(sizeof(word), '\0');
  std::memcpy(data.data(), &word, sizeof(word));
  return data + std::string(bytes);
}

TEST(ProbeValue, NumbersOfEachSizeAndSign) {
  struct Case {
    ProbeShape shape;
    std::uint8_t size;
    std::uint64_t bits;
    Value::Kind kind;
    std::uint64_t expected;
  };
  // The upper bits of a register are anything.
  constexpr Case kCases[] = {
      {ProbeShape::kUnsigned, 1, 0xdeadbeefff, Value::Kind::kUnsigned, 0xff},
      {ProbeShape::kSigned, 1, 0xdeadbeefff, Value::Kind::kSigned, ~std::uint64_t{0}},
      {ProbeShape::kUnsigned, 2, 0x12348000, Value::Kind::kUnsigned, 0x8000},
      {ProbeShape::kSigned, 2, 0x12348000, Value::Kind::kSigned, ~std::uint64_t{0x7fff}},
      {ProbeShape::kUnsigned, 4, 0x1ffffffff, Value::Kind::kUnsigned, 0xffffffff},
      {ProbeShape::kSigned, 4, 0x1fffffffe, Value::Kind::kSigned, ~std::uint64_t{1}},
      {ProbeShape::kUnsigned, 8, ~std::uint64_t{0}, Value::Kind::kUnsigned, ~std::uint64_t{0}},
      {ProbeShape::kSigned, 8, ~std::uint64_t{0}, Value::Kind::kSigned, ~std::uint64_t{0}},
      {ProbeShape::kHex, 8, 0x7f0012345678, Value::Kind::kUnsigned, 0x7f0012345678},
  };
  Arena arena;
  for (const Case& test : kCases) {
    const Value value = number_value({.shape = test.shape, .size = test.size}, test.bits, arena);
    EXPECT_EQ(value.kind, test.kind) << int{test.size};
    EXPECT_EQ(value.unsigned_value, test.expected) << int{test.size};
  }
  EXPECT_EQ(number_value({.shape = ProbeShape::kTruth, .size = 1}, 0x100, arena).text, "false");
  EXPECT_EQ(number_value({.shape = ProbeShape::kTruth, .size = 1}, 0x101, arena).text, "true");
  const ProbeType named{.shape = ProbeShape::kNamed,
                        .size = 4,
                        .is_signed = true,
                        .names = {{-1, "NONE"}, {2, "TWO"}}};
  EXPECT_EQ(number_value(named, 0xffffffff, arena).text, "NONE");
  EXPECT_EQ(number_value(named, 2, arena).text, "TWO");
  EXPECT_EQ(number_value(named, 3, arena).text, "3");
}

TEST(ProbeValue, TextsAndWhatBecomesOfThem) {
  Arena arena;
  const ProbeArgument argument{
      .name = "path", .type = {.shape = ProbeShape::kText}, .place = 0, .room = 8};
  const auto read = [&](const std::string& data) {
    return argument_value(argument, data, false, arena);
  };
  const std::string room("abc\0....", 8);
  EXPECT_EQ(read(captured(0x1000, 4, room)).text, "abc");
  EXPECT_FALSE(read(captured(0x1000, 4, room)).cut);
  EXPECT_TRUE(read(captured(0x1000, 8, "abcdefg")).kind == Value::Kind::kUnknown)
      << "more than there is";
  EXPECT_TRUE(read(captured(0x1000, 8, std::string("abcdefg\0", 8))).cut);
  EXPECT_EQ(read(captured(0x1000, 1, room)).text, "");
  EXPECT_EQ(read(captured(0, 0, room)).kind, Value::Kind::kMissing) << "a null pointer";
  EXPECT_EQ(read(captured(0x1000, -14, room)).kind, Value::Kind::kUnknown);
  EXPECT_EQ(read(captured(0x1000, 9, room)).kind, Value::Kind::kUnknown) << "more than its room";
  EXPECT_EQ(read("").kind, Value::Kind::kUnknown);
  EXPECT_EQ(read("abc").kind, Value::Kind::kUnknown);
}

TEST(ProbeValue, ArraysOfATracepoint) {
  Arena arena;
  const std::string data = std::string("xxxxcomm\0junk", 13) + std::string("\1\0\2\0\xff\xff", 6);
  const auto fixed = [&](ProbeType type, std::uint16_t place, std::uint16_t room) {
    return argument_value({.name = "x", .type = std::move(type), .place = place, .room = room},
                          data, true, arena);
  };
  EXPECT_EQ(fixed({.shape = ProbeShape::kCharacters, .size = 1}, 4, 9).text, "comm");
  EXPECT_EQ(fixed({.shape = ProbeShape::kDigits, .size = 1}, 13, 4).text, "01000200");
  const Value numbers = fixed({.shape = ProbeShape::kNumbers, .size = 2, .is_signed = true}, 13, 6);
  EXPECT_EQ(numbers.kind, Value::Kind::kTextList);
  EXPECT_EQ(numbers.text, std::string_view("1\0"
                                           "2\0"
                                           "-1\0",
                                           7));
  EXPECT_EQ(fixed({.shape = ProbeShape::kDigits, .size = 1}, 13, 7).kind, Value::Kind::kUnknown)
      << "behind the end";

  const ProbeArgument located{.name = "x",
                              .type = {.shape = ProbeShape::kCharacters, .size = 1},
                              .place = 0,
                              .is_counted = true,
                              .room = 4};
  const auto counted = [&](const std::string& bytes) {
    return argument_value(located, bytes, true, arena);
  };
  EXPECT_EQ(counted(captured(0, 3, std::string("ab\0.", 4))).text, "ab");
  EXPECT_TRUE(counted(captured(0, 9, "abcd")).cut);
  EXPECT_EQ(counted(captured(0, 9, "abcd")).text, "abcd");
  EXPECT_EQ(counted(captured(0, 4, "abc")).kind, Value::Kind::kUnknown);
  EXPECT_EQ(counted(captured(0, -1, "abcd")).kind, Value::Kind::kUnknown);
}

// Records are anybody's bytes once they are in a ring that could be anybody's.
TEST(ProbeValue, NoPlaceLeadsOutOfTheData) {
  Arena arena;
  const std::string data(64, '\xff');
  for (const ProbeShape shape :
       {ProbeShape::kUnknown, ProbeShape::kUnsigned, ProbeShape::kSigned, ProbeShape::kHex,
        ProbeShape::kTruth, ProbeShape::kNamed, ProbeShape::kText, ProbeShape::kNumbers,
        ProbeShape::kCharacters, ProbeShape::kDigits}) {
    for (int place = 0; place < 0x10000; place += place < 128 ? 1 : 8191) {
      for (const bool is_raw : {false, true}) {
        for (const bool is_counted : {false, true}) {
          const ProbeArgument argument{.name = "x",
                                       .type = {.shape = shape, .size = 8},
                                       .place = static_cast<std::uint16_t>(place),
                                       .is_counted = is_counted,
                                       .room = 32};
          const Value value = argument_value(argument, data, is_raw, arena);
          if (place > 64) {
            EXPECT_EQ(value.kind, Value::Kind::kUnknown);
          }
        }
      }
    }
  }
}

}  // namespace

}  // namespace outrider
