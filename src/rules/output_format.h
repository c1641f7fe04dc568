// SPDX-License-Identifier: Apache-2.0
//
// What a rule says of an event: a text with %fields in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/event.h"
#include "language/condition.h"
#include "language/fields.h"

namespace outrider {

// "%proc.name", "%proc.aname[2]", "%toupper(proc.name)", and with digits behind the % a width: the
// text is cut or filled with blanks to it. What an event lacks is "<NA>"; a '*' before the whole,
// which asks Falco for that, is accepted. Not changed after parse(): any thread may use it.
class OutputFormat {
 public:
  OutputFormat() = default;

  // Fails as check() does: the message begins with ":1:COLUMN: ". Needs the catalog to live as
  // long.
  static Result<OutputFormat> parse(std::string_view text, const FieldCatalog& catalog);

  // Appends the text for an event, as one line that cannot move a terminal's cursor.
  void append_text(std::string& out, const Event& event) const;
  // Appends `"name":value,` for each field, once each.
  void append_json_fields(std::string& out, const Event& event) const;

 private:
  struct Piece {
    std::string text;                // before the field
    std::uint32_t field = kNoIndex;  // of fields_
    std::size_t width = 0;           // 0: as it is
  };
  struct Field {
    std::string name;     // as it was written
    Condition condition;  // one that reads it
    std::uint32_t term = 0;
  };

  std::vector<Piece> pieces_;
  std::vector<Field> fields_;
};

// A value as Falco shows it: numbers in decimal, times as the time of day.
void append_value(std::string& out, FieldType type, const Value& value);

}  // namespace outrider
