// SPDX-License-Identifier: Apache-2.0
#include "events/json_writer.h"

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

namespace outrider {
namespace {

using namespace std::string_view_literals;

// Readers have no state, so a field under test reads what the test put here.
Value the_value;
Value the_other_value;
Value read_value(const Event&) { return the_value; }
Value read_other_value(const Event&) { return the_other_value; }

FieldDescriptor field_of(FieldType type) {
  return {.name = "f",
          .type = type,
          .unit = "",
          .doc = "",
          .column = "F",
          .width = 8,
          .read = read_value};
}

std::string line_of(FieldType type, const Value& value) {
  const FieldDescriptor field = field_of(type);
  the_value = value;
  std::string out;
  JsonWriter({&field}).append(out, Event{});
  return out;
}

Value list_of(std::string_view items, bool cut = false) {
  Value value = Value::of_text(items, cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

TEST(JsonWriterTest, WritesEveryTypeOfValue) {
  constexpr auto kMaxUnsigned = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kMinSigned = std::numeric_limits<std::int64_t>::min();
  struct Case {
    FieldType type;
    Value value;
    std::string_view expected;
  };
  const Case kCases[] = {
      {FieldType::kUnsigned, Value::of_unsigned(0), R"({"f":0})"},
      {FieldType::kUnsigned, Value::of_unsigned(kMaxUnsigned), R"({"f":18446744073709551615})"},
      {FieldType::kSigned, Value::of_signed(-2), R"({"f":-2})"},
      {FieldType::kSigned, Value::of_signed(kMinSigned), R"({"f":-9223372036854775808})"},
      {FieldType::kDuration, Value::of_unsigned(1500000), R"({"f":1500000})"},
      {FieldType::kOctal, Value::of_unsigned(0644), R"({"f":"0644"})"},
      {FieldType::kOctal, Value::of_unsigned(04755), R"({"f":"04755"})"},
      {FieldType::kOctal, Value::of_unsigned(0), R"({"f":"0000"})"},
      {FieldType::kOctal, Value::of_unsigned(022), R"({"f":"0022"})"},
      {FieldType::kOctal, Value::of_unsigned(kMaxUnsigned), R"({"f":"01777777777777777777777"})"},
      {FieldType::kOctal, Value::of_signed(0100644), R"({"f":"0100644"})"},
      {FieldType::kHex, Value::of_unsigned(0), R"({"f":"0x0"})"},
      {FieldType::kHex, Value::of_unsigned(kMaxUnsigned), R"({"f":"0xffffffffffffffff"})"},
      {FieldType::kText, Value::of_text("a \"b\"\n"), R"({"f":"a \"b\"\n"})"},
      {FieldType::kText, Value::of_text(""), R"({"f":""})"},
      {FieldType::kPath, Value::of_text("/etc/hosts"), R"({"f":"/etc/hosts"})"},
      {FieldType::kTextList, list_of("ls\0-l\0\0a b\0"sv), R"({"f":["ls","-l","","a b"]})"},
      {FieldType::kTextList, list_of(""), R"({"f":[]})"},
      {FieldType::kText, Value::missing(), "{}"},
      {FieldType::kText, Value::unknown(), R"({"evt.unknown":["f"]})"},
      {FieldType::kText, Value::of_text("/a/lo", true), R"({"f":"/a/lo","evt.cut":["f"]})"},
      {FieldType::kTextList, list_of("ls\0-"sv, true), R"({"f":["ls","-"],"evt.cut":["f"]})"},
      {FieldType::kText, Value::of_text("a\xff"), R"({"f":"a\\xff","evt.escaped":["f"]})"},
      {FieldType::kTextList, list_of("\xff\0\xfe\0"sv),
       R"({"f":["\\xff","\\xfe"],"evt.escaped":["f"]})"},
      {FieldType::kText, Value::of_text("\xc3", true),
       R"({"f":"\\xc3","evt.escaped":["f"],"evt.cut":["f"]})"},
  };
  for (const Case& c : kCases) {
    const std::string line = line_of(c.type, c.value);
    EXPECT_EQ(line, std::string(c.expected) + '\n');
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST(JsonWriterTest, WritesTimesInUtc) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kDay = 86400 * kSecond;
  struct Case {
    Value value;
    std::string_view expected;
  };
  const Case kCases[] = {
      {Value::of_unsigned(1795233012123456789), "2026-11-21T03:50:12.123456789Z"},
      {Value::of_unsigned(1795233013000000000), "2026-11-21T03:50:13.000000000Z"},
      {Value::of_unsigned(1795232970000000000), "2026-11-21T03:49:30.000000000Z"},
      {Value::of_unsigned(1795232940000000000), "2026-11-21T03:49:00.000000000Z"},
      {Value::of_unsigned(0), "1970-01-01T00:00:00.000000000Z"},
      {Value::of_signed(951782400 * kSecond), "2000-02-29T00:00:00.000000000Z"},
      {Value::of_signed(951782400 * kSecond + kDay - 1), "2000-02-29T23:59:59.999999999Z"},
      {Value::of_signed(951782400 * kSecond + kDay), "2000-03-01T00:00:00.000000000Z"},
      {Value::of_signed(4107456000 * kSecond), "2100-02-28T00:00:00.000000000Z"},
      {Value::of_signed(4107456000 * kSecond + kDay), "2100-03-01T00:00:00.000000000Z"},
      {Value::of_signed(1735689599 * kSecond), "2024-12-31T23:59:59.000000000Z"},
      {Value::of_signed(-1), "1969-12-31T23:59:59.999999999Z"},
      {Value::of_signed(-kDay), "1969-12-31T00:00:00.000000000Z"},
      {Value::of_signed(std::numeric_limits<std::int64_t>::min()),
       "1677-09-21T00:12:43.145224192Z"},
      {Value::of_unsigned(std::numeric_limits<std::uint64_t>::max()),
       "2554-07-21T23:34:33.709551615Z"},
  };
  // One writer for all: the seconds that it keeps must not outlive their second.
  const FieldDescriptor field = field_of(FieldType::kTime);
  const JsonWriter writer({&field});
  for (const Case& c : kCases) {
    the_value = c.value;
    for (int twice = 0; twice < 2; ++twice) {
      std::string out;
      writer.append(out, Event{});
      EXPECT_EQ(out, "{\"f\":\"" + std::string(c.expected) + "\"}\n");
    }
  }
}

// The whole calendar against the C library's.
TEST(JsonWriterTest, AgreesWithTheCLibraryAboutEveryDay) {
  const FieldDescriptor field = field_of(FieldType::kTime);
  const JsonWriter writer({&field});
  std::string out;
  for (std::time_t day = -106'000; day < 106'000; ++day) {
    const std::time_t second = day * 86400 + 4321;
    std::tm time{};
    gmtime_r(&second, &time);
    char expected[64];
    std::strftime(expected, sizeof expected, "{\"f\":\"%Y-%m-%dT%H:%M:%S.000000007Z\"}\n", &time);
    the_value = Value::of_signed(second * 1'000'000'000 + 7);
    out.clear();
    writer.append(out, Event{});
    ASSERT_EQ(out, expected);
  }
}

TEST(JsonWriterTest, KeepsTheOrderOfTheFieldsAndAppends) {
  const FieldDescriptor second = {"evt.res", FieldType::kText, "", "", "", 8, read_other_value};
  const FieldDescriptor first = {
      "a.name.longer.than.sixteen.bytes", FieldType::kUnsigned, "", "", "", 8, read_value};
  the_value = Value::of_unsigned(7);
  the_other_value = Value::of_text("ENOENT");
  std::string out = "before\n";
  const JsonWriter writer({&first, &second});
  writer.append(out, Event{});
  EXPECT_EQ(out, "before\n{\"a.name.longer.than.sixteen.bytes\":7,\"evt.res\":\"ENOENT\"}\n");

  // What was said about one event is not said about the next.
  out.clear();
  the_value = Value::unknown();
  the_other_value = Value::of_text("\xff", true);
  writer.append(out, Event{});
  EXPECT_EQ(out,
            "{\"evt.res\":\"\\\\xff\",\"evt.unknown\":[\"a.name.longer.than.sixteen.bytes\"],"
            "\"evt.escaped\":[\"evt.res\"],\"evt.cut\":[\"evt.res\"]}\n");
  out.clear();
  the_value = Value::missing();
  the_other_value = Value::of_text("SUCCESS");
  writer.append(out, Event{});
  EXPECT_EQ(out, "{\"evt.res\":\"SUCCESS\"}\n");
}

TEST(JsonWriterTest, NamesAllFieldsThatAreUnknown) {
  const FieldDescriptor one = {"one", FieldType::kText, "", "", "", 8, read_value};
  const FieldDescriptor two = {"two", FieldType::kText, "", "", "", 8, read_value};
  the_value = Value::unknown();
  std::string out;
  JsonWriter({&one, &two}).append(out, Event{});
  EXPECT_EQ(out, "{\"evt.unknown\":[\"one\",\"two\"]}\n");
}

TEST(JsonWriterTest, HasRoomForTheWorst) {
  // Each of these bytes becomes six.
  const std::string controls(100'000, '\x01');
  EXPECT_EQ(line_of(FieldType::kText, Value::of_text(controls)).size(), 8 + 600'000 + 1);
  // Each of these items takes three bytes and becomes two quotes and a comma.
  const std::string empty_items(100'000, '\0');
  EXPECT_EQ(line_of(FieldType::kTextList, list_of(empty_items)).size(), 8 + 300'000 - 1 + 1);
  EXPECT_EQ(line_of(FieldType::kText, Value::of_unsigned(1)), "{\"f\":1}\n");
}

}  // namespace
}  // namespace outrider
