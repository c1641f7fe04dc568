// SPDX-License-Identifier: Apache-2.0
//
// Events as JSON, one object on one line (NDJSON).
//
//   {"evt.time":"2026-11-21T03:50:12.123456789Z","proc.pid":812,"fd.name":"/etc/hosts",...}
//
// Keys are the names of the fields, in the order asked for. A field that does not apply to the
// event is left out. Three arrays of names follow, each only if it would not be empty:
//   evt.unknown  fields that apply but could not be read; they are left out above
//   evt.escaped  texts that held bytes which are not UTF-8; each such byte is written as \xNN
//   evt.cut      texts of which only a part is known
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/descriptor.h"
#include "events/event.h"

namespace outrider {

// Numbers are JSON integers of up to 64 bits: above 2^53 a reader that makes doubles of numbers
// (JavaScript, jq before 1.7) rounds them. Durations are nanoseconds, times are ISO 8601 in UTC
// with nanoseconds, modes are octal strings: "0644".
//
// A writer keeps scratch memory between events and so belongs to one thread.
class JsonWriter {
 public:
  // The descriptors must outlive the writer.
  explicit JsonWriter(std::vector<const FieldDescriptor*> fields);

  // Both append one line with its '\n'. Cannot fail.
  void append(std::string& out, const Event& event) const;
  // The same for values that are there already, one for each field.
  void append_row(std::string& out, std::span<const Value> values) const;

 private:
  struct Field {
    const FieldDescriptor* descriptor;
    std::string quoted;  // ,"name"
    std::string key;     // ,"name": and then zeros up to a multiple of kKeyBlock
    std::size_t key_size;
  };

  // Keys are copied in blocks of constant size, which compilers make single instructions of.
  static constexpr std::size_t kKeyBlock = 16;

  void append_line(std::string& out, std::size_t room) const;
  char* write_fields(char* to) const;
  char* write_value(char* to, const Field& field, const Value& value) const;
  char* write_time(char* to, std::int64_t seconds, std::uint32_t nanoseconds) const;

  std::vector<Field> fields_;
  // Bytes that a line needs at most, but for its texts.
  std::size_t room_ = 0;

  // Of the event being written: its values, and names as in Field::quoted.
  mutable std::vector<Value> values_;
  mutable std::string unknown_;
  mutable std::string escaped_;
  mutable std::string cut_;

  // "2026-11-21T03:50:12. of the last time written: most events share it.
  mutable std::int64_t cached_second_;
  mutable std::array<char, 21> cached_time_;
};

}  // namespace outrider
