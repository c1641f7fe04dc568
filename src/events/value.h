// SPDX-License-Identifier: Apache-2.0
//
// A field's value in one event, as consumers see it.
//
// Unknown is not missing (SEMANTICS 3): unknown could not be read (a page not
// resident, a name not known yet), missing does not apply to this event.
#pragma once

#include <cstdint>
#include <string_view>

namespace outrider {

struct Value {
  enum class Kind : std::uint8_t { kMissing, kUnknown, kUnsigned, kSigned, kText, kTextList };

  Kind kind = Kind::kMissing;
  // The text is only the beginning (or, for a path walked upwards, the end) of the whole.
  bool cut = false;
  union {
    std::uint64_t unsigned_value = 0;
    std::int64_t signed_value;
  };
  // Any bytes, not necessarily UTF-8. A list holds its items each followed by a NUL.
  // Lives as long as the event and its arena.
  std::string_view text;

  static Value missing() { return {}; }
  static Value unknown() {
    Value value;
    value.kind = Kind::kUnknown;
    return value;
  }
  static Value of_unsigned(std::uint64_t number) {
    Value value;
    value.kind = Kind::kUnsigned;
    value.unsigned_value = number;
    return value;
  }
  static Value of_signed(std::int64_t number) {
    Value value;
    value.kind = Kind::kSigned;
    value.signed_value = number;
    return value;
  }
  // "true" or "false", as Falco has it.
  static Value of_truth(bool truth) { return of_text(truth ? "true" : "false"); }
  static Value of_text(std::string_view text, bool cut = false) {
    Value value;
    value.kind = Kind::kText;
    value.text = text;
    value.cut = cut;
    return value;
  }
};

}  // namespace outrider
