// SPDX-License-Identifier: Apache-2.0
//
// Events as columns for people: a heading, and a row for each event.
//
//   TIME            PID COMM             RES      PATH
//   10:22:33.123    812 nginx            SUCCESS  /etc/nginx/nginx.conf
//   10:22:33.125   1203 cat              ENOENT   /srv/…/settings.yaml
//
// One space is between columns; numbers are at the right of theirs, texts at the left. What could
// not be read is '?', what does not apply is '-', and an empty text is "" (with its quotes), so
// that no cell is empty but that of an empty list. What a value holds cannot move the cursor:
// see append_terminal_text().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/descriptor.h"
#include "events/event.h"

namespace outrider {

// On a terminal a line never takes more than its width: columns of text get narrower, the widest
// first, and values are shortened with '…', paths in the middle; the last column of text takes the
// room that is left. Numbers are never shortened while the line has room for them: one that is too
// long for its column pushes what follows. Otherwise nothing is cut, and long values push, too.
//
// Times are the time of day in the time zone of this process (TZ), durations are rounded down to
// one decimal or to their two largest units.
//
// A writer keeps scratch memory between events and so belongs to one thread.
class ColumnsWriter {
 public:
  struct Options {
    std::size_t terminal_width = 0;  // columns; 0: not a terminal
    bool color = false;              // bold heading; results that are not SUCCESS in red
  };

  // The descriptors must outlive the writer.
  ColumnsWriter(std::vector<const FieldDescriptor*> fields, Options options);

  // All append one line with its '\n', without spaces at its end. Cannot fail.
  void append_header(std::string& out) const;
  void append(std::string& out, const Event& event);
  // The same for values that are there already, one for each field.
  void append_row(std::string& out, std::span<const Value> values);

 private:
  struct Column {
    const FieldDescriptor* descriptor;
    std::size_t start;  // from the beginning of the line, in columns of the terminal
    std::size_t width;
    bool is_result;  // evt.res
  };

  // A place in the line being written: `position` columns are written so far.
  struct Line {
    std::string& out;
    std::size_t position = 0;
  };

  using Shortener = std::string (*)(std::string_view utf8, std::size_t width);

  void lay_out();
  template <typename Read>
  void append_line(std::string& out, const Read& read);
  std::size_t begin_of(const Line& line, const Column& column) const;
  std::size_t room_for(const Line& line, const Column& column) const;
  void put(Line& line, const Column& column, std::string_view text, Shortener shorten,
           std::string_view style) const;

  void make_cell(const Column& column, const Value& value, std::size_t room);
  void make_text(const Column& column, const Value& value, std::size_t room);
  void make_text_list(std::string_view items);
  void make_time(std::int64_t nanoseconds);

  std::vector<Column> columns_;
  Options options_;
  std::string cell_;  // of the value being written
  // "10:22:33" of the last time written: most events share it.
  std::int64_t cached_second_;
  std::string cached_time_;
};

}  // namespace outrider
