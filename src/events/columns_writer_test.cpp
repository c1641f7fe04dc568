// SPDX-License-Identifier: Apache-2.0
#include "events/columns_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <limits>

#include "base/text.h"

namespace outrider {
namespace {

using namespace std::string_view_literals;

// Readers have no state: field number N reads the N-th value of the test.
std::array<Value, 8> values;
template <std::size_t kNumber>
Value read(const Event&) {
  return values[kNumber];
}

template <std::size_t kNumber>
FieldDescriptor field(std::string_view column, FieldType type, std::uint8_t width,
                      std::string_view name = "f") {
  return {.name = name,
          .type = type,
          .unit = "",
          .doc = "",
          .column = column,
          .width = width,
          .read = read<kNumber>};
}

Value list_of(std::string_view items, bool cut = false) {
  Value value = Value::of_text(items, cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

const FieldDescriptor kPid = field<0>("PID", FieldType::kUnsigned, 7);
const FieldDescriptor kComm = field<1>("COMM", FieldType::kText, 10);
const FieldDescriptor kResult = field<2>("RES", FieldType::kText, 8, "evt.res");
const FieldDescriptor kPath = field<3>("PATH", FieldType::kPath, 24);

void set_row(std::uint64_t pid, std::string_view comm, std::string_view result,
             std::string_view path) {
  values = {Value::of_unsigned(pid), Value::of_text(comm), Value::of_text(result),
            Value::of_text(path)};
}

std::string header_of(const ColumnsWriter& writer) {
  std::string out;
  writer.append_header(out);
  return out;
}

std::string row_of(ColumnsWriter& writer) {
  std::string out;
  writer.append(out, Event{});
  return out;
}

// The one cell that a value makes in a wide column.
std::string cell_of(FieldType type, const Value& value, std::size_t terminal_width = 0) {
  const FieldDescriptor one = field<0>("", type, 1);
  ColumnsWriter writer({&one}, {.terminal_width = terminal_width});
  values[0] = value;
  std::string row = row_of(writer);
  EXPECT_TRUE(row.ends_with('\n'));
  row.pop_back();
  return row;
}

TEST(ColumnsWriterTest, PadsButNeverCutsWhereThereIsNoTerminal) {
  ColumnsWriter writer({&kPid, &kComm, &kResult, &kPath}, {});
  EXPECT_EQ(header_of(writer), "    PID COMM       RES      PATH\n");
  set_row(812, "nginx", "SUCCESS", "/etc/nginx/nginx.conf");
  EXPECT_EQ(row_of(writer), "    812 nginx      SUCCESS  /etc/nginx/nginx.conf\n");
  // What is too long pushes the rest, which comes back to its columns as soon as it can.
  set_row(812, "a-long-name", "SUCCESS", "/a/path/longer/than/twenty/four/characters");
  EXPECT_EQ(row_of(writer),
            "    812 a-long-name SUCCESS /a/path/longer/than/twenty/four/characters\n");
  set_row(1234567890, "sh", "SUCCESS", "/");
  EXPECT_EQ(row_of(writer), "1234567890 sh      SUCCESS  /\n");
}

TEST(ColumnsWriterTest, WritesNoSpacesAtTheEnd) {
  ColumnsWriter writer({&kPid, &kComm}, {});
  values = {Value::of_unsigned(1), list_of("")};
  EXPECT_EQ(row_of(writer), "      1\n");
  values = {Value::of_unsigned(1), Value::of_text("sh")};
  EXPECT_EQ(row_of(writer), "      1 sh\n");
}

TEST(ColumnsWriterTest, TellsUnknownFromMissingFromEmpty) {
  ColumnsWriter writer({&kPid, &kComm, &kResult, &kPath}, {});
  values = {Value::unknown(), Value::unknown(), Value::missing(), Value::of_text("")};
  EXPECT_EQ(row_of(writer), "      ? ?          -        \"\"\n");
}

TEST(ColumnsWriterTest, GivesTheLastTextColumnWhatIsLeft) {
  ColumnsWriter writer({&kPath, &kPid}, {.terminal_width = 60});
  values[0] = Value::of_unsigned(812);
  values[3] = Value::of_text("/usr/lib/x86_64-linux-gnu/a-rather-long-folder/libc.so.6");
  EXPECT_EQ(header_of(writer), "PATH" + std::string(53, ' ') + "PID\n");
  EXPECT_EQ(row_of(writer), "/usr/lib/x86_64-l…gnu/a-rather-long-folder/libc.so.6     812\n");
}

TEST(ColumnsWriterTest, NarrowsTheWidestTextColumnsFirst) {
  struct Case {
    std::size_t terminal_width;
    std::string_view header;
    std::string_view row;
  };
  constexpr Case kCases[] = {
      {80, "    PID COMM       RES      PATH\n",
       "4194304 container… EACCES   /var/lib/containerd/io/overlay/snapshots/11/fs/etc\n"},
      {52, "    PID COMM       RES      PATH\n",
       "4194304 container… EACCES   /var/li…pshots/11/fs/etc\n"},
      {40, "    PID COMM       RES      PATH\n", "4194304 container… EACCES   /va…1/fs/etc\n"},
      {34, "    PID COMM     RES      PATH\n", "4194304 contain… EACCES   /v…s/etc\n"},
      {20, "    PID CO… RES PATH\n", "4194304 co… EA… /…tc\n"},
      {14, "    PID … … P…\n", "4194304 … … …c\n"},
      {11, "    PID … …\n", "4194304 … …\n"},
      {5, "  PID\n", "4194…\n"},
  };
  for (const Case& c : kCases) {
    ColumnsWriter writer({&kPid, &kComm, &kResult, &kPath}, {.terminal_width = c.terminal_width});
    set_row(4194304, "containerd-shim", "EACCES",
            "/var/lib/containerd/io/overlay/snapshots/11/fs/etc");
    EXPECT_EQ(header_of(writer), c.header);
    EXPECT_EQ(row_of(writer), c.row);
  }
}

TEST(ColumnsWriterTest, NeverExceedsTheTerminal) {
  const FieldDescriptor time = field<4>("TIME", FieldType::kTime, 12);
  const FieldDescriptor list = field<5>("ARGS", FieldType::kTextList, 20);
  const FieldDescriptor number = field<6>("BYTES", FieldType::kUnsigned, 6);
  set_row(std::numeric_limits<std::uint64_t>::max(), "日本語日本語日本", "ENAMETOOLONG",
          "/\xff/e\u0301/日本/\u202e/\x1b[2J/\n/a/very/long/path/indeed/with/more/of/it");
  values[4] = Value::of_unsigned(1795233012123456789);
  values[5] = list_of("ls\0-l\0日本 日本\0"sv, true);
  values[6] = Value::of_unsigned(std::numeric_limits<std::uint64_t>::max());
  for (std::size_t width = 1; width < 150; ++width) {
    ColumnsWriter writer({&time, &kPid, &kComm, &number, &kResult, &kPath, &list},
                         {.terminal_width = width});
    std::string header = header_of(writer);
    std::string row = row_of(writer);
    ASSERT_EQ(header.back(), '\n');
    ASSERT_EQ(row.back(), '\n');
    header.pop_back();
    row.pop_back();
    EXPECT_LE(display_width(header), width) << header;
    EXPECT_LE(display_width(row), width) << row;
    EXPECT_NE(row, "");
    for (char c : row) EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
  }
}

TEST(ColumnsWriterTest, NumbersAreWholeAsLongAsTheLineHasRoom) {
  ColumnsWriter writer({&kPid, &kComm}, {.terminal_width = 18});
  values[0] = Value::of_unsigned(123456789012);
  values[1] = Value::of_text("containerd");
  EXPECT_EQ(row_of(writer), "123456789012 cont…\n");
  values[0] = Value::of_unsigned(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(row_of(writer), "18446744073709551…\n");
}

TEST(ColumnsWriterTest, AlignsWideCharacters) {
  ColumnsWriter writer({&kComm, &kResult}, {});
  values[1] = Value::of_text("日本e\u0301");
  values[2] = Value::of_text("SUCCESS");
  EXPECT_EQ(row_of(writer), "日本e\u0301      SUCCESS\n");
}

TEST(ColumnsWriterTest, ColorsTheHeadingAndWhatFailed) {
  ColumnsWriter writer({&kComm, &kResult}, {.terminal_width = 0, .color = true});
  EXPECT_EQ(header_of(writer), "\x1b[1mCOMM\x1b[0m       \x1b[1mRES\x1b[0m\n");
  struct Case {
    Value result;
    std::string_view cell;
  };
  const Case kCases[] = {
      {Value::of_text("SUCCESS"), "SUCCESS"},
      {Value::of_text("ENOENT"), "\x1b[31mENOENT\x1b[0m"},
      {Value::missing(), "-"},
      {Value::unknown(), "?"},
  };
  for (const Case& c : kCases) {
    values[1] = Value::of_text("ENOENT");  // in another column it means nothing
    values[2] = c.result;
    EXPECT_EQ(row_of(writer), "ENOENT     " + std::string(c.cell) + '\n');
  }
  // A terminal's width does not count the colours.
  ColumnsWriter narrow({&kComm, &kResult}, {.terminal_width = 19, .color = true});
  values[2] = Value::of_text("ENAMETOOLONG");
  EXPECT_EQ(row_of(narrow), "ENOENT     \x1b[31mENAMETO…\x1b[0m\n");
}

TEST(ColumnsWriterTest, WritesEveryTypeOfValue) {
  constexpr auto kMaxUnsigned = std::numeric_limits<std::uint64_t>::max();
  constexpr auto kMinSigned = std::numeric_limits<std::int64_t>::min();
  struct Case {
    FieldType type;
    Value value;
    std::string_view expected;
  };
  const Case kCases[] = {
      {FieldType::kUnsigned, Value::of_unsigned(kMaxUnsigned), "18446744073709551615"},
      {FieldType::kSigned, Value::of_signed(-2), "-2"},
      {FieldType::kOctal, Value::of_unsigned(0644), "0644"},
      {FieldType::kOctal, Value::of_unsigned(0), "0000"},
      {FieldType::kOctal, Value::of_signed(04755), "04755"},
      {FieldType::kHex, Value::of_unsigned(0xffff8880deadbeef), "0xffff8880deadbeef"},
      {FieldType::kHex, Value::of_unsigned(0), "0x0"},
      {FieldType::kDuration, Value::of_unsigned(0), "0ns"},
      {FieldType::kDuration, Value::of_unsigned(999), "999ns"},
      {FieldType::kDuration, Value::of_unsigned(1'000), "1.0us"},
      {FieldType::kDuration, Value::of_unsigned(999'999), "999.9us"},
      {FieldType::kDuration, Value::of_unsigned(1'290'000), "1.2ms"},
      {FieldType::kDuration, Value::of_unsigned(3'400'000'000), "3.4s"},
      {FieldType::kDuration, Value::of_unsigned(59'999'999'999), "59.9s"},
      {FieldType::kDuration, Value::of_unsigned(66'000'000'000), "1m06s"},
      {FieldType::kDuration, Value::of_unsigned(3'600'000'000'000), "1h00m"},
      {FieldType::kDuration, Value::of_unsigned(93'600'000'000'000), "1d02h"},
      {FieldType::kDuration, Value::of_unsigned(kMaxUnsigned), "213503d23h"},
      {FieldType::kDuration, Value::of_signed(-1'200), "-1.2us"},
      {FieldType::kDuration, Value::of_signed(kMinSigned), "-106751d23h"},
      {FieldType::kText, Value::of_text("a\nb\x1b[31m\\"), "a\\nb\\e[31m\\"},
      {FieldType::kText, Value::of_text("abc", true), "abc…"},
      {FieldType::kPath, Value::of_text("/usr/li", true), "/usr/li…"},
      {FieldType::kPath, Value::of_text("lib/libc.so", true), "…lib/libc.so"},
      {FieldType::kTextList, list_of("ls\0-l\0\0a\tb\0"sv), "ls -l \"\" a\\tb"},
      {FieldType::kTextList, list_of("ls\0-"sv, true), "ls -…"},
      {FieldType::kTextList, list_of(""), ""},
  };
  for (const Case& c : kCases) EXPECT_EQ(cell_of(c.type, c.value), c.expected);
}

TEST(ColumnsWriterTest, WritesTheLocalTimeOfDay) {
  // Half an hour off, so that minutes count, and with summer time.
  setenv("TZ", "LHST-10:30LHDT-11,M10.1.0,M4.1.0", 1);
  tzset();
  constexpr std::uint64_t kMillisecond = 1'000'000;
  EXPECT_EQ(cell_of(FieldType::kTime, Value::of_unsigned(1795233012123456789)), "14:50:12.123");
  EXPECT_EQ(cell_of(FieldType::kTime, Value::of_unsigned(1783000000'000'000'000)), "00:16:40.000");

  const FieldDescriptor time = field<0>("TIME", FieldType::kTime, 12);
  ColumnsWriter writer({&time}, {});
  values[0] = Value::of_unsigned(0);
  EXPECT_EQ(row_of(writer), "11:00:00.000\n");
  values[0] = Value::of_unsigned(999 * kMillisecond);
  EXPECT_EQ(row_of(writer), "11:00:00.999\n");
  values[0] = Value::of_unsigned(1000 * kMillisecond);
  EXPECT_EQ(row_of(writer), "11:00:01.000\n");
  values[0] = Value::of_signed(-1);
  EXPECT_EQ(row_of(writer), "10:59:59.999\n");
  unsetenv("TZ");
  tzset();
}

TEST(ColumnsWriterTest, ShortensTextsThatAreMuchTooLong) {
  const std::string letters(100'000, 'a');
  EXPECT_EQ(cell_of(FieldType::kText, Value::of_text(letters), 10), "aaaaaaaaa…");
  std::string pairs;
  for (int i = 0; i < 50'000; ++i) pairs += "a\u0301";
  EXPECT_EQ(display_width(cell_of(FieldType::kText, Value::of_text(pairs), 10)), 10);
  // Marks that take no place cannot make a line of any length.
  std::string marks = "a";
  for (int i = 0; i < 50'000; ++i) marks += "\u0301";
  EXPECT_LT(cell_of(FieldType::kText, Value::of_text(marks), 10).size(), 200);
}

}  // namespace
}  // namespace outrider
