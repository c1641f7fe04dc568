// SPDX-License-Identifier: Apache-2.0
//
// From bytes of a ring to a record that can be trusted to be well-formed.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "events/descriptor.h"
#include "events/value.h"
#include "events/wire.h"

namespace outrider {

// What every record begins with, also those without a full header.
struct RecordStart {
  wire_u16 kind;
  wire_u16 flags;
  wire_u32 size;
  wire_u64 time;
};

// By kind; size 0 where there is no such kind of events.
using RecordShapes = std::array<RecordShape, WIRE_KIND_LIMIT>;

// Checks kind, size and the lengths of all strings, so that readers need not. Returns
// the record, or nullptr if it is malformed. The bytes must be 8-byte aligned.
const RecordStart* decode(std::span<const std::byte> bytes, const RecordShapes& shapes);

// The addresses of the frames of a stack, 8 bytes each, of an event that decode() has accepted;
// WIRE_STRING_MISSING where it has none.
struct Stack {
  wire_string_state state = WIRE_STRING_MISSING;
  std::string_view frames = {};
};
Stack stack_of(const wire_header& header, wire_stack which);

// The same as a value: a list of texts such as 0x401136, innermost first. Memory from the arena.
Value stack_value(const wire_header& header, wire_stack which, Arena& arena);

// String number `index` of a record that decode() has accepted; `strings` is the
// record's own array and `payload` what follows the fixed part.
std::string_view string_at(const wire_string* strings, std::size_t index, const void* payload);

// The fixed part's end: where the payload of a record begins.
template <typename Record>
const void* payload_of(const Record& record) {
  return &record + 1;
}

template <typename Record>
std::string_view string_of(const Record& record, std::size_t index) {
  return string_at(record.strings, index, payload_of(record));
}

// A string of a record as a value: missing, unknown, or the bytes.
template <typename Record>
Value text_of(const Record& record, std::size_t index) {
  switch (record.strings[index].state) {
    case WIRE_STRING_MISSING:
      return Value::missing();
    case WIRE_STRING_FAULTED:
      return Value::unknown();
    default:
      break;
  }
  return Value::of_text(string_of(record, index), record.strings[index].state == WIRE_STRING_CUT);
}

// A walked path of a record, turned round and marked as /proc does: " (deleted)",
// "(unreachable)"; the front of a path that was cut is "?". Memory from the arena.
Value path_value(const wire_string& string, std::string_view components, Arena& arena);

template <typename Record>
Value path_of(const Record& record, std::size_t index, Arena& arena) {
  return path_value(record.strings[index], string_of(record, index), arena);
}

}  // namespace outrider
