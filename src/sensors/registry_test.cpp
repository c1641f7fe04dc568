// SPDX-License-Identifier: Apache-2.0
//
// What no compiler says about a new line in sensors.def and its descriptors.
#include "sensors/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>

#include "language/checker.h"
#include "language/fields.h"
#include "support/hand_made_event.h"

namespace outrider {

namespace {

using namespace std::string_view_literals;

// Also those that are only shown if they are asked for.
std::vector<const FieldDescriptor*> all_fields_of(const EventDescriptor& kind) {
  std::vector<const FieldDescriptor*> fields = fields_of(kind);
  const auto derived = derived_fields_of(kind);
  fields.insert(fields.end(), derived.begin(), derived.end());
  return fields;
}

// What a reader may say where its descriptor promises this type.
bool fits_type(const Value& value, FieldType type) {
  switch (value.kind) {
    case Value::Kind::kMissing:
    case Value::Kind::kUnknown:
      return true;
    case Value::Kind::kText:
      return type == FieldType::kText || type == FieldType::kPath || type == FieldType::kFlags ||
             type == FieldType::kAddress;
    case Value::Kind::kTextList:
      return type == FieldType::kTextList || is_any_of(type);
    case Value::Kind::kSigned:
      return type == FieldType::kSigned;
    case Value::Kind::kUnsigned:
      return type == FieldType::kUnsigned || type == FieldType::kTime ||
             type == FieldType::kDuration || type == FieldType::kOctal || type == FieldType::kHex;
  }
  return false;
}

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
    EXPECT_NE(std::ranges::find(kind_groups(), kind->group), kind_groups().end()) << kind->name;
    EXPECT_FALSE(kind->programs.empty() && kind->choices.empty()) << kind->name;
    EXPECT_NE(kind->info, nullptr) << kind->name;
    EXPECT_FALSE(kind->columns.empty()) << kind->name;
    for (const std::string_view column : kind->columns) {
      EXPECT_NE(find_field(*kind, column), nullptr) << kind->name << ": " << column;
    }
    std::set<std::string_view> fields;
    for (const FieldDescriptor* field : all_fields_of(*kind)) {
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

// The layout of a stream of several kinds, and what reads its JSON, take a name for one thing.
TEST(Registry, AFieldIsTheSameInAllKinds) {
  std::map<std::string_view, const FieldDescriptor*> first;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const FieldDescriptor* field : all_fields_of(*kind)) {
      const FieldDescriptor& model = *first.emplace(field->name, field).first->second;
      EXPECT_EQ(field->type, model.type) << kind->name << ": " << field->name;
      EXPECT_EQ(field->unit, model.unit) << kind->name << ": " << field->name;
      EXPECT_EQ(field->column, model.column) << kind->name << ": " << field->name;
    }
  }
}

TEST(Registry, FieldsAreDocumentedInOneLine) {
  const auto is_line = [](std::string_view text) {
    return !text.empty() && !text.ends_with('.') && !text.ends_with(' ') &&
           std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
  };
  for (const EventDescriptor* kind : all_kinds()) {
    EXPECT_TRUE(is_line(kind->doc)) << kind->name;
    for (const FieldDescriptor* field : all_fields_of(*kind)) {
      SCOPED_TRACE(field->name);
      EXPECT_TRUE(is_line(field->doc)) << field->doc;
      EXPECT_NE(field->name.find('.'), std::string_view::npos);
      EXPECT_TRUE(std::ranges::all_of(field->name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
      }));
      EXPECT_FALSE(field->column.empty());
      EXPECT_GE(field->width, field->column.size());
      EXPECT_NE(field->read, nullptr);
      if (field->type == FieldType::kTime || field->type == FieldType::kDuration) {
        EXPECT_EQ(field->unit, "ns");
      }
    }
  }
}

// Every field of every kind with every state of all strings: nothing is read that is not there,
// and values are of the type that the descriptor promises.
TEST(Registry, ReadersTakeAnyWellFormedRecord) {
  constexpr std::string_view kBytes[] = {"", "a", "/", "../..", "a\0b\0"sv, "\0\0"sv, "\xff\n"};
  for (const EventDescriptor* kind : all_kinds()) {
    for (unsigned state = WIRE_STRING_MISSING; state <= WIRE_STRING_FAULTED; ++state) {
      for (unsigned flags = 0; flags < WIRE_PATH_PSEUDO << 1; ++flags) {
        for (const std::string_view bytes : kBytes) {
          test::HandMadeEvent event(kind->name);
          for (std::size_t i = 0; i < kind->record.strings; ++i) {
            event.set_string(i, bytes, static_cast<wire_string_state>(state), flags);
          }
          const Event& read = event.get();
          for (const FieldDescriptor* field : all_fields_of(*kind)) {
            const Value value = field->read(read);
            EXPECT_TRUE(fits_type(value, field->type)) << kind->name << ": " << field->name;
          }
        }
      }
    }
  }
}

// Conditions name fields without saying of which kind: a name means the same in all of them.
TEST(Registry, AllFieldsGoIntoOneCatalog) {
  FieldCatalog catalog;
  std::set<std::string_view> names;
  for (const EventDescriptor* kind : all_kinds()) {
    for (const FieldDescriptor* field : all_fields_of(*kind)) {
      EXPECT_TRUE(catalog.add(kind->kind, *field)) << kind->name << ": " << field->name;
      names.insert(field->name);
    }
    for (const FieldWithArgument* field : fields_with_argument_of(*kind)) {
      EXPECT_TRUE(catalog.add(kind->kind, field->descriptor, field->extras))
          << kind->name << ": " << field->descriptor.name;
      names.insert(field->descriptor.name);
    }
  }
  EXPECT_EQ(catalog.names().size(), names.size());
}

// A misspelt name would never match, and nobody would see why.
TEST(Registry, NamesThatNoValueHasAreRefused) {
  struct Case {
    std::string_view condition;
    std::string_view error;
  };
  constexpr Case kCases[] = {
      {"evt.res = ENOENTT", "EXPR:1:11: 'evt.res' is never 'ENOENTT'; did you mean 'ENOENT'?"},
      {"evt.res in (SUCCESS, EACCESS)",
       "EXPR:1:22: 'evt.res' is never 'EACCESS'; did you mean 'EACCES'?"},
      {"evt.res intersects (EACCESS)",
       "EXPR:1:21: 'evt.res' is never 'EACCESS'; did you mean 'EACCES'?"},
      {"evt.rawres = ENOENTT",
       "EXPR:1:14: 'evt.rawres' is a number, and 'ENOENTT' is none; did you mean 'ENOENT'?"},
      {"evt.kind = opn", "EXPR:1:12: 'evt.kind' is never 'opn'; did you mean 'open'?"},
      {"evt.type != openatt", "EXPR:1:13: 'evt.type' is never 'openatt'; did you mean 'openat'?"},
      {"evt.arg.flags contains O_CREATE",
       "EXPR:1:24: 'evt.arg.flags' is never 'O_CREATE'; did you mean 'O_CREAT'?"},
      {"evt.arg.signal = SIGKIL",
       "EXPR:1:18: 'evt.arg.signal' is never 'SIGKIL'; did you mean 'SIGKILL'?"},
      {"evt.is_open_write = truee",
       "EXPR:1:21: 'evt.is_open_write' is never 'truee'; did you mean 'true'?"},
      {"evt.arg.olpath = a", "EXPR:1:1: 'evt.arg' has no 'olpath'; did you mean 'oldpath'?"},
      {"evt.arg[siganl] = a", "EXPR:1:9: 'evt.arg' has no 'siganl'; did you mean 'signal'?"},
      {"evt.rawarg.pathh = 1", "EXPR:1:1: 'evt.rawarg' has no 'pathh'; did you mean 'path'?"},
      {"evt.arg = a", "EXPR:1:1: 'evt.arg' needs a name or a number in brackets"},
  };
  const FieldCatalog catalog = catalog_of(all_kinds());
  for (const Case& c : kCases) {
    const auto condition = load(c.condition, catalog);
    ASSERT_FALSE(condition) << c.condition;
    EXPECT_EQ(condition.error().message, c.error);
  }
}

TEST(Registry, ConditionsAsFoldersOfRulesHaveThem) {
  constexpr std::string_view kConditions[] = {
      "evt.type in (open,openat,openat2) and evt.is_open_write=true and fd.num>=0",
      "fd.typechar='f' and fd.num>=0",
      "evt.type = mkdir and evt.dir=< and evt.failed=false",
      "evt.dir = '>'",
      "evt.res = SUCCESS or evt.res = ERESTARTSYS or evt.rawres = ENOENT or evt.rawres < -1",
      "evt.arg.flags contains O_CREAT or evt.arg.flags = AT_REMOVEDIR or evt.arg.flags = 0",
      "evt.arg[flags] intersects (O_RDWR, RENAME_EXCHANGE)",
      "evt.arg.oldpath startswith /etc or evt.arg[1] endswith x or evt.rawarg.fd > 2",
      "proc.aname[2] in (bash, sh) or proc.apid = 1 or proc.pname = x",
      "fd.directory in (/bin, /sbin) and fd.filename != x and fs.path.name startswith /etc",
      "evt.arg.signal in (SIGKILL, SIGRTMIN+3)",
      "evt.category = process and evt.kind = exec and evt.type = execve",
  };
  const FieldCatalog catalog = catalog_of(all_kinds());
  for (const std::string_view condition : kConditions) {
    const auto loaded = load(condition, catalog);
    EXPECT_TRUE(loaded) << loaded.error().message;
  }
}

// evt.arg[flags] is the field of that name: a set of flags, not a text.
TEST(Registry, ArgumentsThatAreFieldsAreThose) {
  const FieldCatalog catalog = catalog_of(all_kinds());
  const auto condition = load("evt.arg[flags] contains O_CREAT and evt.arg[uid] > 5", catalog);
  ASSERT_TRUE(condition) << condition.error().message;
  EXPECT_EQ(condition->terms[0].field->name, "evt.arg.flags");
  EXPECT_EQ(condition->terms[0].value_class, ValueClass::kFlags);
  EXPECT_EQ(condition->terms[1].field->name, "evt.arg.uid");
}

TEST(Registry, FieldsWithAnArgumentCanBeRead) {
  for (const EventDescriptor* kind : all_kinds()) {
    for (const FieldWithArgument* field : fields_with_argument_of(*kind)) {
      SCOPED_TRACE(field->descriptor.name);
      EXPECT_NE(field->extras.argument, ArgumentUse::kNone);
      ASSERT_NE(field->extras.read, nullptr);
      EXPECT_FALSE(field->descriptor.doc.empty());
      test::HandMadeEvent event(kind->name);
      event.header().ppid = 1;
      for (const std::uint64_t index : {0, 1, 5, 1000}) {
        const FieldArgument argument{.given = true, .index = index, .text = "flags"};
        EXPECT_TRUE(fits_type(field->extras.read(event.get(), argument), field->descriptor.type));
      }
    }
  }
}

// What is derived costs nothing unless it is asked for.
TEST(Registry, DerivedFieldsAreNotOfEveryEvent) {
  for (const EventDescriptor* kind : all_kinds()) {
    const auto fields = fields_of(*kind);
    for (const FieldDescriptor* field : derived_fields_of(*kind)) {
      EXPECT_EQ(std::ranges::find(fields, field), fields.end()) << field->name;
      EXPECT_EQ(find_field(*kind, field->name), field);
    }
    const auto names = field_names_of(std::span(&kind, 1));
    EXPECT_EQ(std::ranges::find(names, "proc.pexepath"), names.end());
  }
}

}  // namespace

}  // namespace outrider
