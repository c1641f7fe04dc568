// SPDX-License-Identifier: Apache-2.0
//
// Files of /proc and their words. Nothing of it is believed that does not parse.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/file_descriptor.h"
#include "workloads/process.h"

namespace outrider {

// The folder of a process; not valid if it has gone. What is read through it is of that process,
// whoever has its id later.
FileDescriptor open_proc_folder(const std::string& proc, std::uint32_t pid);

// The whole of a small file of /proc, at most `limit` bytes; `cut` says whether there is more.
// Empty if it cannot be read.
std::string read_small_file(int directory, const char* name, std::size_t limit,
                            bool* cut = nullptr);

// Where a symbolic link leads, as the kernel has it; not known if it cannot be read.
KnownText read_proc_link(int directory, const char* name);

// The whole word is a number of this type.
template <typename Number>
std::optional<Number> parsed(std::string_view word, int base = 10) {
  Number number{};
  const char* end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, number, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

template <typename Number>
bool parse(std::string_view word, Number& out, int base = 10) {
  const auto number = parsed<Number>(word, base);
  if (number) out = *number;
  return number.has_value();
}

// The next word of a line, and the blanks before it, are taken from the line; empty at its end.
std::string_view next_word(std::string_view& line);

// The next line, without its end, is taken from the text.
std::string_view next_line(std::string_view& text);

// What follows `KEY:` in a text of such lines; empty data() if there is no such line. Of two of a
// key the last counts: the name of the process is in the first line of its status, and should it
// bring a line of its own, what the kernel says comes after.
std::string_view line_of(std::string_view text, std::string_view key);

// A path of mountinfo, where blanks and backslashes are a backslash and three octal digits
// (proc(5)).
std::string unescape_octal(std::string_view text);

// proc(5): the fields of a stat behind the command, which is in parentheses and may hold anything.
// The first of them is field 3. Empty data() if it is none.
std::string_view fields_of_stat(std::string_view stat);

}  // namespace outrider
