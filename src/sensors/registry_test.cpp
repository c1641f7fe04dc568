// SPDX-License-Identifier: Apache-2.0
//
// What no compiler says about a new line in sensors.def and its descriptors.
#include "sensors/registry.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>

namespace outrider {

namespace {

TEST(Registry, NumbersAndNamesAreUsedOnce) {
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const EventDescriptor* kind : all_kinds()) {
    EXPECT_TRUE(numbers.insert(kind->kind).second) << kind->name << ": " << kind->kind;
    EXPECT_TRUE(names.insert(kind->name).second) << kind->name;
    EXPECT_GT(kind->kind, WIRE_NONE) << kind->name;
    EXPECT_LT(kind->kind, WIRE_WORKING_DIRECTORY) << kind->name;
    EXPECT_EQ(find_kind(kind->name), kind);
    EXPECT_EQ(find_kind(static_cast<std::uint16_t>(kind->kind)), kind);
  }
}

TEST(Registry, DescriptorsAreComplete) {
  for (const EventDescriptor* kind : all_kinds()) {
    EXPECT_FALSE(kind->doc.empty()) << kind->name;
    EXPECT_FALSE(kind->programs.empty()) << kind->name;
    EXPECT_NE(kind->info, nullptr) << kind->name;
    EXPECT_FALSE(kind->columns.empty()) << kind->name;
    for (const std::string_view column : kind->columns) {
      EXPECT_NE(find_field(*kind, column), nullptr) << kind->name << ": " << column;
    }
    std::set<std::string_view> fields;
    for (const FieldDescriptor* field : fields_of(*kind)) {
      EXPECT_TRUE(fields.insert(field->name).second) << kind->name << ": " << field->name;
      EXPECT_FALSE(field->doc.empty()) << field->name;
    }
    EXPECT_GE(kind->record.size, sizeof(wire_header)) << kind->name;
    EXPECT_LE(kind->record.size, std::size_t{WIRE_RECORD_MAX}) << kind->name;
    EXPECT_LE(kind->record.strings_at + kind->record.strings * sizeof(wire_string),
              kind->record.size)
        << kind->name;
  }
}

// A record of each kind, all of its strings three bytes long; then what is wrong with it.
TEST(Registry, DecodeFollowsTheShapes) {
  for (const EventDescriptor* kind : all_kinds()) {
    SCOPED_TRACE(kind->name);
    const RecordShape& shape = kind->record;
    alignas(8) std::array<std::byte, 1024> bytes{};
    const std::size_t size = shape.size + 3 * shape.strings;
    ASSERT_LT(size, bytes.size());
    auto* start = reinterpret_cast<RecordStart*>(bytes.data());
    start->kind = static_cast<wire_u16>(kind->kind);
    start->size = static_cast<wire_u32>(size);
    auto* strings = reinterpret_cast<wire_string*>(bytes.data() + shape.strings_at);
    for (std::size_t i = 0; i < shape.strings; ++i) {
      strings[i].length = 3;
      strings[i].state = WIRE_STRING_WHOLE;
    }
    const auto decoded = [&](std::size_t length) {
      return decode(std::span(bytes).first(length), record_shapes());
    };
    EXPECT_EQ(decoded(size), start);

    EXPECT_EQ(decoded(size - 1), nullptr) << "shorter than it says";
    start->size = static_cast<wire_u32>(size + 1);
    EXPECT_EQ(decoded(size + 1), nullptr) << "more than its strings";
    start->size = static_cast<wire_u32>(shape.size - 1);
    EXPECT_EQ(decoded(shape.size - 1), nullptr) << "not even the fixed part";
    start->size = static_cast<wire_u32>(size);
    if (shape.strings == 0) continue;
    strings[shape.strings - 1].length = 4;
    EXPECT_EQ(decoded(size), nullptr) << "a string behind the end";
    strings[shape.strings - 1].length = 3;
    strings[0].state = WIRE_STRING_FAULTED + 1;
    EXPECT_EQ(decoded(size), nullptr) << "a state that there is not";
  }
}

TEST(Registry, DecodeRefusesKindsThatAreNone) {
  alignas(8) std::array<std::byte, sizeof(wire_header)> bytes{};
  auto* start = reinterpret_cast<RecordStart*>(bytes.data());
  start->size = bytes.size();
  for (const int kind : {int{WIRE_NONE}, int{WIRE_UNWANTED}, int{WIRE_KIND_LIMIT}, 0xffff}) {
    start->kind = static_cast<wire_u16>(kind);
    EXPECT_EQ(decode(bytes, record_shapes()), nullptr) << kind;
  }
}

}  // namespace

}  // namespace outrider
