// SPDX-License-Identifier: Apache-2.0
//
// A text that was put together from pieces of files, each byte of which knows where it came from.
//
// Conditions of rules are: lists are put in by their text, `append` adds from another file, and
// exceptions are written as a condition. A message still names the place that a person can mend.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "language/expression.h"
#include "language/token.h"

namespace outrider {

// Of a rule file; lines and columns from 1, columns in characters of UTF-8.
struct FilePlace {
  std::uint32_t file = 0;
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool operator==(const FilePlace&) const = default;
};

class PlacedText {
 public:
  PlacedText() = default;

  // All of it from one place.
  static PlacedText at(FilePlace place, std::string_view text);
  // A scalar of a YAML file: `value` is what it says, `raw` the file from where the scalar begins,
  // which is `start`. What was folded or escaped is followed as far as both agree.
  static PlacedText of_scalar(FilePlace start, std::string_view raw, std::string_view value);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  // Of a byte; of the last one, or of what the text stands for, behind the end.
  [[nodiscard]] FilePlace place(std::size_t offset) const;
  // Of a position as the parser of expressions counts them.
  [[nodiscard]] FilePlace place(Position at) const;

  void append(const PlacedText& other);
  void append(const PlacedText& other, std::size_t from, std::size_t size);
  // Text of nobody's, which takes the place.
  void append(std::string_view text, FilePlace place);
  void erase_end(std::size_t size);

  // Rewrites the positions of an expression that was parsed from it: see encoded().
  void place_all(Expression& expression) const;

 private:
  std::string text_;
  std::vector<FilePlace> places_;  // by byte
  FilePlace origin_;
};

// A place as a position of an expression, so that the checker's messages carry it, and back.
Position encoded(FilePlace place);
FilePlace decoded(Position position);

// A message of the parser or the checker, which was told that the source is "".
struct PlacedMessage {
  Position at;
  std::string_view sentence;
};
PlacedMessage split_message(std::string_view message);

}  // namespace outrider
