// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/probe_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>

#include "sensors/probe/probe_wire.h"

namespace outrider {

namespace {

std::uint64_t unsigned_of(std::uint64_t bits, std::uint8_t size) {
  return size >= sizeof(bits) ? bits : bits & ((std::uint64_t{1} << 8 * size) - 1);
}

std::int64_t signed_of(std::uint64_t bits, std::uint8_t size) {
  if (size >= sizeof(bits)) return static_cast<std::int64_t>(bits);
  const std::uint64_t sign = std::uint64_t{1} << (8 * size - 1);
  return static_cast<std::int64_t>((unsigned_of(bits, size) ^ sign) - sign);
}

std::optional<std::uint64_t> word_at(std::string_view data, std::size_t place, std::size_t size) {
  std::uint64_t word = 0;
  if (size > sizeof(word) || place > data.size() || size > data.size() - place) return std::nullopt;
  std::memcpy(&word, data.data() + place, size);
  return word;
}

std::optional<wire_probe_word> captured_at(std::string_view data, std::size_t place) {
  wire_probe_word word;
  if (place > data.size() || sizeof(word) > data.size() - place) return std::nullopt;
  std::memcpy(&word, data.data() + place, sizeof(word));
  return word;
}

Value as_list(const ProbeType& type, std::string_view bytes, bool cut, Arena& arena) {
  std::string items;
  for (std::size_t at = 0; at + type.size <= bytes.size(); at += type.size) {
    const std::uint64_t bits = *word_at(bytes, at, type.size);
    if (type.is_signed) {
      fmt::format_to(std::back_inserter(items), "{}", signed_of(bits, type.size));
    } else {
      fmt::format_to(std::back_inserter(items), "{}", bits);
    }
    items += '\0';
  }
  Value value = Value::of_text(arena.copy(items), cut);
  value.kind = Value::Kind::kTextList;
  return value;
}

// Of an array, or what of it was captured.
Value array_value(const ProbeType& type, std::string_view bytes, bool cut, Arena& arena) {
  if (type.shape == ProbeShape::kCharacters) {
    const std::size_t end = bytes.find('\0');
    return Value::of_text(bytes.substr(0, end), cut && end == std::string_view::npos);
  }
  if (type.shape == ProbeShape::kNumbers) return as_list(type, bytes, cut, arena);
  std::string digits;
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(digits), "{:02x}", static_cast<unsigned char>(byte));
  }
  return Value::of_text(arena.copy(digits), cut);
}

bool is_array(ProbeShape shape) {
  return shape == ProbeShape::kCharacters || shape == ProbeShape::kNumbers ||
         shape == ProbeShape::kDigits;
}

// The bytes behind a struct wire_probe_word that says how many there were.
Value counted_value(const ProbeArgument& argument, std::string_view data, Arena& arena) {
  const auto word = captured_at(data, argument.place);
  if (!word || word->length < 0) return Value::unknown();
  const std::size_t begin = argument.place + sizeof(*word);
  const auto length = static_cast<std::uint64_t>(word->length);
  const std::size_t count = std::min<std::uint64_t>(length, argument.room);
  if (count > data.size() - begin) return Value::unknown();
  return array_value(argument.type, data.substr(begin, count), length > count, arena);
}

// An address and the text there, of which the kernel has copied up to a NUL.
Value text_value(const ProbeArgument& argument, std::string_view data) {
  const auto word = captured_at(data, argument.place);
  if (!word) return Value::unknown();
  if (word->value == 0) return Value::missing();
  const std::size_t begin = argument.place + sizeof(*word);
  if (word->length <= 0 || static_cast<std::uint64_t>(word->length) > argument.room ||
      static_cast<std::uint64_t>(word->length) > data.size() - begin) {
    return Value::unknown();
  }
  const auto length = static_cast<std::size_t>(word->length);
  // The kernel puts a NUL at the end of what it has cut, too.
  return Value::of_text(data.substr(begin, length - 1), length == argument.room);
}

}  // namespace

FieldType field_type_of(const ProbeType& type) {
  switch (type.shape) {
    case ProbeShape::kUnsigned:
      return FieldType::kUnsigned;
    case ProbeShape::kSigned:
      return FieldType::kSigned;
    case ProbeShape::kUnknown:
    case ProbeShape::kHex:
      return FieldType::kHex;
    case ProbeShape::kNumbers:
      return FieldType::kTextList;
    case ProbeShape::kTruth:
    case ProbeShape::kNamed:
    case ProbeShape::kText:
    case ProbeShape::kCharacters:
    case ProbeShape::kDigits:
      break;
  }
  return FieldType::kText;
}

Value number_value(const ProbeType& type, std::uint64_t bits, Arena& arena) {
  switch (type.shape) {
    case ProbeShape::kUnsigned:
    case ProbeShape::kHex:
    case ProbeShape::kText:
      return Value::of_unsigned(unsigned_of(bits, type.size));
    case ProbeShape::kSigned:
      return Value::of_signed(signed_of(bits, type.size));
    case ProbeShape::kTruth:
      return Value::of_truth(unsigned_of(bits, type.size) != 0);
    case ProbeShape::kNamed: {
      const std::int64_t number = type.is_signed
                                      ? signed_of(bits, type.size)
                                      : static_cast<std::int64_t>(unsigned_of(bits, type.size));
      const auto found = std::ranges::find(type.names, number, &ProbeName::value);
      if (found != type.names.end()) return Value::of_text(found->name);
      return Value::of_text(arena.copy(fmt::format("{}", number)));
    }
    default:
      return Value::unknown();
  }
}

Value argument_value(const ProbeArgument& argument, std::string_view data, bool is_raw,
                     Arena& arena) {
  const ProbeType& type = argument.type;
  if (type.shape == ProbeShape::kUnknown) return Value::unknown();
  if (is_array(type.shape)) {
    if (argument.is_counted) return counted_value(argument, data, arena);
    if (argument.place > data.size() || argument.room > data.size() - argument.place) {
      return Value::unknown();
    }
    return array_value(type, data.substr(argument.place, argument.room), false, arena);
  }
  if (type.shape == ProbeShape::kText) return text_value(argument, data);
  if (is_raw) {
    const auto bits = word_at(data, argument.place, type.size);
    return bits ? number_value(type, *bits, arena) : Value::unknown();
  }
  const auto word = captured_at(data, argument.place);
  if (!word || word->length < 0) return Value::unknown();
  return number_value(type, word->value, arena);
}

}  // namespace outrider
