// SPDX-License-Identifier: Apache-2.0
//
// Descriptors: the one description of every kind of event and of its fields.
//
// Columns, JSON, help, filters and reference pages are all made from these; a
// new kind is a folder and a row, and no other place knows field names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "events/value.h"
#include "events/wire.h"

namespace outrider {

struct Event;

// How a value is written and, later, compared.
enum class FieldType : std::uint8_t {
  kUnsigned,
  kSigned,
  kText,      // any bytes
  kPath,      // text that is shortened in the middle, not at the end
  kFlags,     // text: names joined by '|', such as O_WRONLY|O_CREAT; what has none is a number
  kTextList,  // JSON: an array; columns: separated by spaces
  kTime,      // nanoseconds since 1970; columns: local time of day; JSON: ISO 8601, UTC
  kDuration,  // nanoseconds
  kOctal,     // file modes: "0644"
  kHex,       // addresses: "0x7f00"; kUnsigned
  // IP addresses: texts that conditions compare as addresses, also with networks.
  kAddress,
  // Values of which any may be meant, such as of both ends of a connection; lists of texts. `=`
  // holds if it holds for one of them, `!=` if it does for all.
  kAnyAddress,
  kAnyNumber,
};

// A value that has a name: an errno, a flag, a bit of a mode.
struct NamedValue {
  std::string_view name;
  std::uint64_t value = 0;  // of a number or flag; texts only have the name
};

struct FieldDescriptor {
  std::string_view name;  // Falco's, where Falco has the field
  FieldType type;
  std::string_view unit;    // "" where there is none
  std::string_view doc;     // one line: what it is, for a person
  std::string_view column;  // heading of the column
  std::uint8_t width;       // of the column, characters; texts may get more
  Value (*read)(const Event&);
  // All names that its values have, where they are known: a condition that names another is wrong.
  std::span<const NamedValue> (*values)() = nullptr;
};

// A table of descriptors as those who look for one want it.
template <std::size_t count>
constexpr std::array<const FieldDescriptor*, count> pointers_to(
    const FieldDescriptor (&descriptors)[count]) {
  std::array<const FieldDescriptor*, count> pointers{};
  for (std::size_t i = 0; i < count; ++i) pointers[i] = &descriptors[i];
  return pointers;
}

// Of fields that are read by Value::of_truth().
inline std::span<const NamedValue> truth_names() {
  static constexpr NamedValue kNames[] = {{"true"}, {"false"}};
  return kNames;
}

// What records of a kind look like: all that decode() has to know about them.
struct RecordShape {
  std::size_t size = 0;        // of the fixed part, bytes
  std::size_t strings_at = 0;  // offset of the array `strings`, if there is one
  std::size_t strings = 0;     // how many; their bytes are the whole rest of the record
};

template <typename Record>
constexpr RecordShape shape_of() {
  static_assert(std::is_standard_layout_v<Record> && alignof(Record) <= 8);
  if constexpr (requires(const Record& record) { record.strings; }) {
    return {sizeof(Record), offsetof(Record, strings), std::extent_v<decltype(Record::strings)>};
  } else {
    return {.size = sizeof(Record)};
  }
}

// Programs that do the same in different kernels.
struct ProgramChoice {
  // The first of them that this kernel takes is used.
  std::span<const std::string_view> programs;
  // What is not seen where there is none of them; empty: nothing, the kind is absent then.
  std::string_view without = {};
  // A type that the kernel has if its hooks are as the programs expect them.
  std::string_view type = {};
};

struct EventDescriptor {
  wire_kind kind;
  std::string_view name;
  std::string_view group = {};  // that it is listed in: process, file, net, ...
  std::string_view doc;
  // What a stream of this kind shows in columns when nothing else is asked for.
  std::span<const std::string_view> columns;
  // Fields besides those that all kinds have.
  std::span<const FieldDescriptor* const> fields;
  // The event in a few words, for streams of several kinds: evt.info.
  Value (*info)(const Event&);
  // The kernel programs that make it, in the order in which they are attached; loaded
  // while somebody wants the kind. Those that this kernel cannot have are left out.
  std::span<const std::string_view> programs = {};
  RecordShape record = {};
  // What follows from its fields, and is shown only if it is asked for by name.
  std::span<const FieldDescriptor* const> derived = {};
  // Which of its events the kernel sends whether anybody wants them or not, since tables live on
  // them: in words, or all if it is the kind's own name.
  std::string_view always_sent = {};
  // Of a kind that groups calls: their names. Its records are struct wire_file with registers and
  // captures, as those of the kind syscall.
  std::span<const std::string_view> calls = {};
  // Further programs, where not every kernel has the same hooks; attached before `programs`.
  std::span<const ProgramChoice> choices = {};
  // Of a kind that is no call, but ends well or not: 0 or a negative errno; nothing if that is not
  // known. It is what evt.res shows.
  std::optional<std::int64_t> (*result)(const Event&) = nullptr;
};

}  // namespace outrider
