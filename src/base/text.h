// SPDX-License-Identifier: Apache-2.0
//
// Bytes that nobody can vouch for, made fit to be shown: file names, command
// lines and process names may hold anything but a NUL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace outrider {

// Appends `bytes` as the inside of a JSON string. Always valid UTF-8: a byte that
// is not becomes the four characters \xNN (the backslash doubled as JSON wants).
// Returns false if there was such a byte, so that the reader can be told.
bool append_json_text(std::string& out, std::string_view bytes);

// The same at `to`, for writers that make room once for many texts: json_text_room() bytes, all
// of which may be overwritten. Returns the end of what was written; clears `valid` where
// append_json_text() returns false, and leaves it alone otherwise.
char* write_json_text(char* to, std::string_view bytes, bool& valid);
constexpr std::size_t json_text_room(std::size_t size) { return 6 * size; }

// Appends `bytes` for a terminal. Control characters (also C1), what turns the
// writing direction round, and bytes that are not UTF-8 become \n, \t, \e, \xNN or
// \uNNNN; a backslash stays as it is. Nothing written can move the cursor.
void append_terminal_text(std::string& out, std::string_view bytes);

// Columns that the text takes on a terminal: wide characters count 2, combining 0.
std::size_t display_width(std::string_view utf8);

// `utf8` cut to at most `width` columns, with an ellipsis where something went: at
// the end, or in the middle so that the end of a path stays readable.
std::string shorten_end(std::string_view utf8, std::size_t width);
std::string shorten_middle(std::string_view utf8, std::size_t width);

// Appends 123ns, 1.2us, 3.4s, 5m06s, 7h08m or 9d10h; rounded down.
void append_duration(std::string& out, std::uint64_t nanoseconds);

// Appends `text`, which starts at column `indent`, and breaks it between words so that no line gets
// wider than `width` columns (0: it is not broken); later lines start at the same column.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t width);

}  // namespace outrider
