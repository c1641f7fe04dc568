// SPDX-License-Identifier: Apache-2.0
//
// Values of a probe's arguments: how they are made of the bytes that were captured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "events/descriptor.h"
#include "events/value.h"

namespace outrider {

enum class ProbeShape : std::uint8_t {
  kUnknown,   // cannot be read: in a register that programs are not given
  kUnsigned,  // of `size` bytes, as the next ones
  kSigned,
  kHex,  // an address, or of no known type
  kTruth,
  kNamed,       // a number with names: an enum
  kText,        // an address, and the text there
  kNumbers,     // an array of numbers of `size` bytes
  kCharacters,  // an array of characters, up to a NUL
  kDigits,      // an array of bytes, as hexadecimal digits
};

struct ProbeName {
  std::int64_t value = 0;
  std::string name;
  bool operator==(const ProbeName&) const = default;
};

// What an argument is, wherever it comes from: a tracepoint's format, BTF, DWARF.
struct ProbeType {
  ProbeShape shape = ProbeShape::kHex;
  std::uint8_t size = 8;              // bytes of a number: 1, 2, 4 or 8
  bool is_signed = false;             // of kNumbers and kNamed
  std::string declared = {};          // as people write it: "const char *"
  std::vector<ProbeName> names = {};  // of kNamed
  bool operator==(const ProbeType&) const = default;
};

struct ProbeArgument {
  std::string name;
  ProbeType type;
  // Where its bytes are in the data of a record.
  std::uint16_t place = 0;
  // Of arrays: they are behind a struct wire_probe_word, which says how many there were, and have
  // room for so many bytes; else so many are there.
  bool is_counted = false;
  std::uint16_t room = 0;
};

// As which type of field it is shown.
FieldType field_type_of(const ProbeType& type);

// A number of that type, of which a register or the memory has these bits; not of arrays.
Value number_value(const ProbeType& type, std::uint64_t bits, Arena& arena);

// The value of an argument in the data of a record, which may be anybody's: what is not in it is
// unknown. Numbers that were captured are struct wire_probe_word unless `is_raw`: then their bytes
// themselves, as in the data of a tracepoint.
Value argument_value(const ProbeArgument& argument, std::string_view data, bool is_raw,
                     Arena& arena);

}  // namespace outrider
