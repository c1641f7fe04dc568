// SPDX-License-Identifier: Apache-2.0
//
// That the registry's shapes are those of the sensors' records: src/sensors/registry_test.cpp.
#include "events/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

namespace outrider {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// Every layout that a record on the wire can have.
struct Layout {
  std::string_view name;
  wire_kind kind;
  std::size_t fixed;
  std::size_t strings_at;
  std::size_t strings;
};
constexpr Layout kLayouts[] = {
    {"exec", WIRE_EXEC, sizeof(wire_exec), offsetof(wire_exec, strings), WIRE_EXEC_STRINGS},
    {"exit", WIRE_EXIT, sizeof(wire_exit), 0, 0},
    {"fork", WIRE_FORK, sizeof(wire_fork), 0, 0},
    {"open", WIRE_OPEN, sizeof(wire_file), offsetof(wire_file, strings), WIRE_FILE_STRINGS},
    {"truncate", WIRE_TRUNCATE, sizeof(wire_file), offsetof(wire_file, strings), WIRE_FILE_STRINGS},
    {"cwd", WIRE_WORKING_DIRECTORY, sizeof(wire_file), offsetof(wire_file, strings),
     WIRE_FILE_STRINGS},
    {"cgroup", WIRE_CGROUP, sizeof(wire_cgroup), offsetof(wire_cgroup, path), 1},
};

const RecordShapes& shapes() {
  static const RecordShapes table = [] {
    RecordShapes all{};
    all[WIRE_EXEC] = shape_of<wire_exec>();
    all[WIRE_EXIT] = shape_of<wire_exit>();
    all[WIRE_FORK] = shape_of<wire_fork>();
    for (const int kind : {int{WIRE_OPEN}, int{WIRE_TRUNCATE}}) all[kind] = shape_of<wire_file>();
    return all;
  }();
  return table;
}

// A record's bytes, aligned as in a ring and of exactly its size, so that a sanitizer sees who
// reads behind the end.
class Record {
 public:
  explicit Record(std::size_t size) : words_((size + 7) / 8), size_(size) {}

  // A well-formed one whose strings are these.
  Record(const Layout& layout, const std::vector<std::string>& strings) : Record(layout.fixed) {
    std::string payload;
    for (const std::string& text : strings) payload += text;
    resize(layout.fixed + payload.size());
    std::memcpy(bytes() + layout.fixed, payload.data(), payload.size());
    start().kind = layout.kind;
    start().time = 1234;
    for (std::size_t i = 0; i < strings.size(); ++i) {
      string(layout, i).length = static_cast<wire_u16>(strings[i].size());
      string(layout, i).state = WIRE_STRING_WHOLE;
    }
  }

  RecordStart& start() { return *reinterpret_cast<RecordStart*>(words_.data()); }
  wire_string& string(const Layout& layout, std::size_t index) {
    return reinterpret_cast<wire_string*>(bytes() + layout.strings_at)[index];
  }
  std::byte* bytes() { return reinterpret_cast<std::byte*>(words_.data()); }
  [[nodiscard]] std::size_t size() const { return size_; }

  // The bytes, and what the record says of its size.
  void resize(std::size_t size) {
    size_ = size;
    words_.resize((size + 7) / 8);
    if (size >= sizeof(RecordStart)) start().size = static_cast<wire_u32>(size);
  }

  template <typename Wire>
  const Wire* decoded_as() {
    return reinterpret_cast<const Wire*>(decoded());
  }
  const RecordStart* decoded() { return decode({bytes(), size_}, shapes()); }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

std::vector<std::string> some_strings(const Layout& layout) {
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < layout.strings; ++i) {
    strings.push_back(std::string(i + 1, static_cast<char>('a' + i)));
  }
  return strings;
}

TEST(Decode, TakesWholeRecordsOfEveryLayout) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    const std::vector<std::string> strings = some_strings(layout);
    Record record(layout, strings);
    ASSERT_EQ(record.decoded(), &record.start());
    for (std::size_t i = 0; i < strings.size(); ++i) {
      EXPECT_EQ(string_at(&record.string(layout, 0), i, record.bytes() + layout.fixed), strings[i]);
    }
    // All strings empty, in whatever state.
    Record empty(layout, std::vector<std::string>(layout.strings));
    for (int state = WIRE_STRING_MISSING; state <= WIRE_STRING_FAULTED; ++state) {
      for (std::size_t i = 0; i < layout.strings; ++i) {
        empty.string(layout, i).state = static_cast<wire_u8>(state);
      }
      EXPECT_EQ(empty.decoded(), &empty.start());
    }
  }
}

TEST(Decode, RefusesRecordsCutAtAnyByte) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    const Record whole(layout, some_strings(layout));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      Record says_whole = whole;
      says_whole.resize(size);
      if (size >= sizeof(RecordStart)) {
        says_whole.start().size = static_cast<wire_u32>(whole.size());
      }
      EXPECT_EQ(says_whole.decoded(), nullptr) << size << " bytes that say they are all";
      Record says_cut = whole;
      says_cut.resize(size);
      EXPECT_EQ(says_cut.decoded(), nullptr) << size << " bytes that say they are so many";
    }
  }
}

TEST(Decode, RefusesRecordsWithBytesToSpare) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    for (const std::size_t more : {1, 7, 8, 4096}) {
      Record record(layout, some_strings(layout));
      record.resize(record.size() + more);
      EXPECT_EQ(record.decoded(), nullptr) << more;
    }
  }
}

TEST(Decode, RefusesSizesThatAreNotThatOfTheBytes) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    Record record(layout, some_strings(layout));
    const auto size = static_cast<wire_u32>(record.size());
    for (const wire_u32 said : {0u, 1u, size - 1, size + 1, size + 8, 0x10000u + size, ~0u}) {
      record.start().size = said;
      EXPECT_EQ(record.decoded(), nullptr) << said;
    }
    record.start().size = size;
    EXPECT_NE(record.decoded(), nullptr);
  }
}

TEST(Decode, RefusesStringsThatEndElsewhereThanTheRecord) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    for (std::size_t i = 0; i < layout.strings; ++i) {
      Record record(layout, some_strings(layout));
      const wire_u16 right = record.string(layout, i).length;
      for (const int wrong : {right - 1, right + 1, 0x7fff, 0xffff}) {
        record.string(layout, i).length = static_cast<wire_u16>(wrong);
        EXPECT_EQ(record.decoded(), nullptr) << "string " << i << ": " << wrong;
      }
      record.string(layout, i).length = right;
      EXPECT_NE(record.decoded(), nullptr);
    }
  }
}

TEST(Decode, RefusesStatesThatThereAreNot) {
  for (const Layout& layout : kLayouts) {
    SCOPED_TRACE(layout.name);
    for (std::size_t i = 0; i < layout.strings; ++i) {
      Record record(layout, some_strings(layout));
      for (const int state : {int{WIRE_STRING_FAULTED} + 1, 0x80, 0xff}) {
        record.string(layout, i).state = static_cast<wire_u8>(state);
        EXPECT_EQ(record.decoded(), nullptr) << "string " << i << ": " << state;
      }
    }
  }
}

// The lengths are 16 bits each: six of them can say more than any buffer is made for.
TEST(Decode, RefusesRecordsLargerThanTheKernelCanBuild) {
  const Layout& exec = kLayouts[0];
  const auto with_total = [&](std::size_t total) {
    std::vector<std::string> strings(exec.strings);
    std::size_t left = total - exec.fixed;
    for (std::string& text : strings) {
      text.assign(std::min<std::size_t>(left, 0xffff), 'x');
      left -= text.size();
    }
    return Record(exec, strings);
  };
  EXPECT_NE(with_total(WIRE_RECORD_MAX).decoded(), nullptr);
  EXPECT_EQ(with_total(WIRE_RECORD_MAX + 1).decoded(), nullptr);
  EXPECT_EQ(with_total(exec.fixed + 6 * 0xffff).decoded(), nullptr);
}

TEST(Decode, RefusesKindsThatAreNone) {
  for (int kind = 0; kind <= 0xffff; kind = kind < WIRE_KIND_LIMIT + 1 ? kind + 1 : kind * 2 + 1) {
    bool known = kind == WIRE_ARGUMENTS;
    for (const Layout& layout : kLayouts) known = known || layout.kind == kind;
    if (known) continue;
    // As large as the fixed part of any kind, and empty.
    for (const Layout& layout : kLayouts) {
      Record record(layout, std::vector<std::string>(layout.strings));
      record.start().kind = static_cast<wire_u16>(kind);
      EXPECT_EQ(record.decoded(), nullptr) << kind << " as " << layout.name;
    }
  }
}

TEST(Decode, PiecesOfArguments) {
  struct Case {
    std::size_t length;
    wire_u32 offset;
    bool taken;
  };
  constexpr Case kCases[] = {
      {0, 0, true},
      {1, 0, true},
      {WIRE_ARGUMENTS_PIECE, 0, true},
      {WIRE_ARGUMENTS_PIECE + 1, 0, false},
      {WIRE_ARGUMENTS_PIECE, WIRE_ARGUMENTS_MAX - WIRE_ARGUMENTS_PIECE, true},
      {WIRE_ARGUMENTS_PIECE, WIRE_ARGUMENTS_MAX - WIRE_ARGUMENTS_PIECE + 1, false},
      {0, WIRE_ARGUMENTS_MAX, true},
      {1, WIRE_ARGUMENTS_MAX, false},
      {0, WIRE_ARGUMENTS_MAX + 1, false},
      // The sum would be small again in 32 bits.
      {16, 0xffffffff, false},
      {16, 0xfffffff0, false},
  };
  for (const Case& c : kCases) {
    Record record(sizeof(wire_arguments));
    record.resize(sizeof(wire_arguments) + c.length);
    record.start().kind = WIRE_ARGUMENTS;
    reinterpret_cast<wire_arguments*>(record.bytes())->offset = c.offset;
    EXPECT_EQ(record.decoded() != nullptr, c.taken) << c.length << " bytes at " << c.offset;
  }
  for (std::size_t size = 0; size < sizeof(wire_arguments); ++size) {
    Record record(sizeof(wire_arguments));
    record.start().kind = WIRE_ARGUMENTS;
    record.resize(size);
    EXPECT_EQ(record.decoded(), nullptr) << size;
  }
}

TEST(Decode, TextsAreMissingUnknownCutOrWhole) {
  struct Case {
    wire_string_state state;
    Value::Kind kind;
    bool cut;
  };
  constexpr Case kCases[] = {
      {WIRE_STRING_MISSING, Value::Kind::kMissing, false},
      {WIRE_STRING_WHOLE, Value::Kind::kText, false},
      {WIRE_STRING_CUT, Value::Kind::kText, true},
      {WIRE_STRING_FAULTED, Value::Kind::kUnknown, false},
  };
  const Layout& open = kLayouts[3];
  for (const Case& c : kCases) {
    Record record(open, {"/etc", "base", "", "other", "object"});
    record.string(open, WIRE_FILE_PATH).state = static_cast<wire_u8>(c.state);
    const auto* file = record.decoded_as<wire_file>();
    ASSERT_NE(file, nullptr);
    const Value value = text_of(*file, WIRE_FILE_PATH);
    EXPECT_EQ(value.kind, c.kind) << c.state;
    EXPECT_EQ(value.cut, c.cut) << c.state;
    if (c.kind == Value::Kind::kText) {
      EXPECT_EQ(value.text, "/etc");
    }
    // The others are where they were, whatever became of the first.
    EXPECT_EQ(string_of(*file, WIRE_FILE_BASE), "base");
    EXPECT_EQ(string_of(*file, WIRE_FILE_PATH2), "");
    EXPECT_EQ(text_of(*file, WIRE_FILE_BASE2).text, "other");
    EXPECT_EQ(text_of(*file, WIRE_FILE_OBJECT).text, "object");
  }
  // An empty text is a text.
  Record record(open, {"", "", "", "", ""});
  const Value empty = text_of(*record.decoded_as<wire_file>(), WIRE_FILE_PATH);
  EXPECT_EQ(empty.kind, Value::Kind::kText);
  EXPECT_EQ(empty.text, "");
}

TEST(Decode, WalkedPathsAreTurnedRoundAndMarked) {
  struct Case {
    wire_string_state state;
    int flags;
    std::string_view components;
    Value::Kind kind;
    std::string_view text;
    bool cut = false;
  };
  constexpr auto kText = Value::Kind::kText;
  constexpr Case kCases[] = {
      {WIRE_STRING_WHOLE, 0, "passwd\0etc\0"sv, kText, "/etc/passwd"},
      {WIRE_STRING_WHOLE, 0, "", kText, "/"},
      {WIRE_STRING_WHOLE, WIRE_PATH_DELETED, "x\0tmp\0"sv, kText, "/tmp/x (deleted)"},
      {WIRE_STRING_WHOLE, WIRE_PATH_UNREACHABLE, "x\0mnt\0"sv, kText, "(unreachable)/mnt/x"},
      {WIRE_STRING_WHOLE, WIRE_PATH_UNREACHABLE, "", kText, "(unreachable)/"},
      {WIRE_STRING_WHOLE, WIRE_PATH_UNREACHABLE | WIRE_PATH_DELETED, "x\0"sv, kText,
       "(unreachable)/x (deleted)"},
      {WIRE_STRING_WHOLE, WIRE_PATH_TORN, "x\0tmp\0"sv, kText, "/tmp/x"},
      // The front is not known, so whether it is reachable is not either.
      {WIRE_STRING_CUT, 0, "c\0b\0"sv, kText, "?/b/c", true},
      {WIRE_STRING_CUT, WIRE_PATH_UNREACHABLE, "c\0b\0"sv, kText, "?/b/c", true},
      {WIRE_STRING_CUT, WIRE_PATH_DELETED, "c\0b\0"sv, kText, "?/b/c (deleted)", true},
      // Nothing at all is the root, unless there was no time to read more.
      {WIRE_STRING_CUT, 0, "", Value::Kind::kUnknown, ""},
      {WIRE_STRING_CUT, WIRE_PATH_PSEUDO, "", Value::Kind::kUnknown, ""},
      {WIRE_STRING_WHOLE, WIRE_PATH_PSEUDO, "memfd:cache\0"sv, kText, "memfd:cache"},
      {WIRE_STRING_WHOLE, WIRE_PATH_PSEUDO, "memfd:cache"sv, kText, "memfd:cache"},
      {WIRE_STRING_WHOLE, WIRE_PATH_PSEUDO, "", kText, ""},
      {WIRE_STRING_MISSING, 0, "x\0"sv, Value::Kind::kMissing, ""},
      {WIRE_STRING_FAULTED, 0, "x\0"sv, Value::Kind::kUnknown, ""},
      {WIRE_STRING_FAULTED, WIRE_PATH_PSEUDO, "x\0"sv, Value::Kind::kUnknown, ""},
  };
  for (const Case& c : kCases) {
    const wire_string string{.length = static_cast<wire_u16>(c.components.size()),
                             .state = static_cast<wire_u8>(c.state),
                             .flags = static_cast<wire_u8>(c.flags | WIRE_PATH_REVERSED)};
    Arena arena;
    const Value value = path_value(string, c.components, arena);
    EXPECT_EQ(value.kind, c.kind) << c.text;
    EXPECT_EQ(value.text, c.text);
    EXPECT_EQ(value.cut, c.cut) << c.text;
  }
}

TEST(Decode, PathsOfARecord) {
  const Layout& open = kLayouts[3];
  Record record(open, {"../x", "b\0a\0"s, "", "", "x\0a\0"s});
  const auto* file = record.decoded_as<wire_file>();
  ASSERT_NE(file, nullptr);
  Arena arena;
  EXPECT_EQ(path_of(*file, WIRE_FILE_BASE, arena).text, "/a/b");
  EXPECT_EQ(path_of(*file, WIRE_FILE_OBJECT, arena).text, "/a/x");
}

// The end of an event with WIRE_STACKS: frames, then their lengths.
struct StackEnd {
  wire_string stack;
  std::string frames;
};

Record with_stacks(const Layout& layout, const StackEnd& user, const StackEnd& kernel) {
  Record record(layout, some_strings(layout));
  reinterpret_cast<wire_header*>(record.bytes())->flags |= WIRE_STACKS;
  const wire_stacks lengths{{user.stack, kernel.stack}};
  const std::size_t before = record.size();
  const std::string end = user.frames + kernel.frames;
  record.resize(before + end.size() + sizeof(lengths));
  std::memcpy(record.bytes() + before, end.data(), end.size());
  std::memcpy(record.bytes() + before + end.size(), &lengths, sizeof(lengths));
  return record;
}

std::string frames_of(std::initializer_list<std::uint64_t> addresses) {
  std::string bytes;
  for (const std::uint64_t address : addresses) {
    bytes.append(reinterpret_cast<const char*>(&address), sizeof(address));
  }
  return bytes;
}

constexpr wire_string stack_state(wire_string_state state, std::size_t frames) {
  return {.length = static_cast<wire_u16>(8 * frames),
          .state = static_cast<wire_u8>(state),
          .flags = 0};
}

constexpr wire_string kNoStack = stack_state(WIRE_STRING_MISSING, 0);

std::string_view list(const Value& value) { return value.text; }

TEST(Decode, TakesStacksBehindTheStrings) {
  const Layout& open = kLayouts[3];
  Record record =
      with_stacks(open, {stack_state(WIRE_STRING_WHOLE, 2), frames_of({0x401136, ~0ull})},
                  {stack_state(WIRE_STRING_CUT, 1), frames_of({0xffffffff81000000})});
  const auto* file = record.decoded_as<wire_file>();
  ASSERT_NE(file, nullptr);
  Arena arena;
  const Value user = stack_value(file->header, WIRE_STACK_USER, arena);
  EXPECT_EQ(user.kind, Value::Kind::kTextList);
  EXPECT_EQ(list(user),
            "0x401136\0"
            "0xffffffffffffffff\0"sv);
  EXPECT_FALSE(user.cut);
  const Value kernel = stack_value(file->header, WIRE_STACK_KERNEL, arena);
  EXPECT_EQ(list(kernel), "0xffffffff81000000\0"sv);
  EXPECT_TRUE(kernel.cut);
  // The strings are where they are without.
  EXPECT_EQ(string_of(*file, WIRE_FILE_OBJECT), some_strings(open)[WIRE_FILE_OBJECT]);
}

TEST(Decode, AStackThatIsNotThereIsMissingOrUnknown) {
  Arena arena;
  Record record =
      with_stacks(kLayouts[0], {kNoStack, ""}, {stack_state(WIRE_STRING_FAULTED, 0), ""});
  const auto* exec = record.decoded_as<wire_exec>();
  ASSERT_NE(exec, nullptr);
  EXPECT_EQ(stack_value(exec->header, WIRE_STACK_USER, arena).kind, Value::Kind::kMissing);
  EXPECT_EQ(stack_value(exec->header, WIRE_STACK_KERNEL, arena).kind, Value::Kind::kUnknown);
  Record without(kLayouts[0], some_strings(kLayouts[0]));
  ASSERT_NE(without.decoded(), nullptr);
  EXPECT_EQ(stack_value(without.decoded_as<wire_exec>()->header, WIRE_STACK_USER, arena).kind,
            Value::Kind::kMissing);
}

TEST(Decode, RefusesStacksThatAreNotWellFormed) {
  const std::string frame = frames_of({1});
  const wire_string one = stack_state(WIRE_STRING_WHOLE, 1);
  struct Case {
    std::string_view what;
    StackEnd user;
    StackEnd kernel;
  };
  wire_string no_state = one;
  no_state.state = WIRE_STRING_FAULTED + 1;
  wire_string half_frame = one;
  half_frame.length = 4;
  const Case cases[] = {
      {"more frames than it says", {one, frame + frame}, {kNoStack, ""}},
      {"less frames than it says", {stack_state(WIRE_STRING_WHOLE, 2), frame}, {kNoStack, ""}},
      {"more than the record", {kNoStack, ""}, {stack_state(WIRE_STRING_WHOLE, 127), frame}},
      {"no such state", {no_state, frame}, {kNoStack, ""}},
      {"half a frame", {half_frame, frame.substr(4)}, {kNoStack, ""}},
      {"whole without frames", {stack_state(WIRE_STRING_WHOLE, 0), ""}, {kNoStack, ""}},
      {"missing with frames", {stack_state(WIRE_STRING_MISSING, 1), frame}, {one, frame}},
      {"too many", {stack_state(WIRE_STRING_CUT, 128), std::string(8 * 128, 'x')}, {kNoStack, ""}},
  };
  for (const Case& c : cases) {
    Record record = with_stacks(kLayouts[3], c.user, c.kernel);
    EXPECT_EQ(record.decoded(), nullptr) << c.what;
  }
  const std::string most(8 * WIRE_FRAMES_MAX, 'x');
  const wire_string full = stack_state(WIRE_STRING_CUT, WIRE_FRAMES_MAX);
  EXPECT_NE(with_stacks(kLayouts[3], {full, most}, {full, most}).decoded(), nullptr);
}

TEST(Decode, RefusesAnEventWithoutRoomForTheLengthsOfItsStacks) {
  for (const Layout& layout : kLayouts) {
    if (layout.kind >= WIRE_WORKING_DIRECTORY) continue;
    Record record(layout, std::vector<std::string>(layout.strings));
    reinterpret_cast<wire_header*>(record.bytes())->flags |= WIRE_STACKS;
    for (std::size_t size = layout.fixed; size < layout.fixed + sizeof(wire_stacks); ++size) {
      record.resize(size);
      EXPECT_EQ(record.decoded(), nullptr) << layout.name << " of " << size;
    }
    record.resize(layout.fixed + sizeof(wire_stacks));
    EXPECT_NE(record.decoded(), nullptr) << layout.name;
  }
}

}  // namespace
}  // namespace outrider
