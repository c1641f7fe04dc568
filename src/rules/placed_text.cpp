// SPDX-License-Identifier: Apache-2.0
#include "rules/placed_text.h"

#include <algorithm>
#include <charconv>

namespace outrider {

namespace {

// Lines of files have this many bits of a position's line, the file's number the rest.
constexpr std::uint32_t kLineBits = 22;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Walks a text and counts lines and columns.
class Walker {
 public:
  Walker(FilePlace place, std::string_view text) : place_(place), text_(text) {}

  [[nodiscard]] bool at_end() const { return offset_ == text_.size(); }
  [[nodiscard]] char byte() const { return text_[offset_]; }
  [[nodiscard]] FilePlace place() const { return place_; }
  void advance() {
    if (text_[offset_++] == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if (at_end() || !continues_character(text_[offset_])) {
      ++place_.column;
    }
  }

 private:
  FilePlace place_;
  std::string_view text_;
  std::size_t offset_ = 0;
};

// Whether the rest of the file can go on with this byte of the scalar, and where: blanks of any
// number stand for a blank, and a quote or an escape may stand before it.
bool skip_to(Walker& walker, char byte) {
  constexpr int kMostSkipped = 4096;  // a comment before a text of many lines, say
  Walker tried = walker;
  for (int i = 0; i < kMostSkipped && !tried.at_end(); ++i) {
    if (tried.byte() == byte || (is_blank(byte) && is_blank(tried.byte()))) {
      walker = tried;
      return true;
    }
    // Only what a scalar does not say may be passed over.
    const char passed = tried.byte();
    if (!is_blank(passed) && passed != '"' && passed != '\'' && passed != '\\') return false;
    tried.advance();
  }
  return false;
}

// "> ", "|-" and "# comment" up to the line's end, of a scalar that has lines of its own.
void skip_block_header(Walker& walker) {
  if (walker.at_end() || (walker.byte() != '>' && walker.byte() != '|')) return;
  while (!walker.at_end() && walker.byte() != '\n') walker.advance();
}

}  // namespace

PlacedText PlacedText::at(FilePlace place, std::string_view text) {
  PlacedText made;
  made.origin_ = place;
  made.append(text, place);
  return made;
}

PlacedText PlacedText::of_scalar(FilePlace start, std::string_view raw, std::string_view value) {
  PlacedText made;
  made.origin_ = start;
  made.text_ = value;
  made.places_.reserve(value.size());
  Walker walker(start, raw);
  skip_block_header(walker);
  bool follows = true;
  for (const char byte : value) {
    follows = follows && skip_to(walker, byte);
    made.places_.push_back(walker.place());
    if (follows) walker.advance();
  }
  return made;
}

FilePlace PlacedText::place(std::size_t offset) const {
  if (places_.empty()) return origin_;
  if (offset < places_.size()) return places_[offset];
  FilePlace end = places_.back();
  ++end.column;
  return end;
}

FilePlace PlacedText::place(Position at) const {
  Walker walker({.line = 1, .column = 1}, text_);
  std::size_t offset = 0;
  while (!walker.at_end() &&
         (walker.place().line < at.line ||
          (walker.place().line == at.line && walker.place().column < at.column))) {
    walker.advance();
    ++offset;
  }
  return place(offset);
}

void PlacedText::append(const PlacedText& other) { append(other, 0, other.text_.size()); }

void PlacedText::append(const PlacedText& other, std::size_t from, std::size_t size) {
  if (places_.empty() && text_.empty()) origin_ = other.place(from);
  text_.append(other.text_, from, size);
  const auto begin = other.places_.begin() + static_cast<std::ptrdiff_t>(from);
  places_.insert(places_.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
}

void PlacedText::append(std::string_view text, FilePlace place) {
  if (text_.empty()) origin_ = place;
  text_ += text;
  places_.insert(places_.end(), text.size(), place);
}

void PlacedText::erase_end(std::size_t size) {
  text_.resize(text_.size() - size);
  places_.resize(places_.size() - size);
}

void PlacedText::place_all(Expression& expression) const {
  // Where each character begins, and which of them is the first of each line: positions are many.
  std::vector<std::size_t> characters;
  std::vector<std::size_t> lines = {0};
  characters.reserve(text_.size() + 1);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (!continues_character(text_[i])) characters.push_back(i);
    if (text_[i] == '\n') lines.push_back(characters.size());
  }
  characters.push_back(text_.size());
  const auto rewrite = [&](Position& at) {
    const std::size_t line = lines[std::min<std::size_t>(at.line, lines.size()) - 1];
    const std::size_t character = std::min(line + at.column, characters.size()) - 1;
    at = encoded(place(characters[character]));
  };
  for (Operand& operand : expression.operands) {
    rewrite(operand.at);
    rewrite(operand.argument_at);
  }
  for (Comparison& comparison : expression.comparisons) rewrite(comparison.at);
  for (Node& node : expression.nodes) rewrite(node.at);
}

Position encoded(FilePlace place) {
  constexpr std::uint32_t kLastLine = (1U << kLineBits) - 1;
  return {.line = place.file << kLineBits | std::min(place.line, kLastLine),
          .column = place.column};
}

FilePlace decoded(Position position) {
  return {.file = position.line >> kLineBits,
          .line = position.line & ((1U << kLineBits) - 1),
          .column = position.column};
}

PlacedMessage split_message(std::string_view message) {
  PlacedMessage split{.at = {}, .sentence = message};
  const char* at = message.data();
  const char* const end = at + message.size();
  Position read;
  for (std::uint32_t* number : {&read.line, &read.column}) {
    if (at == end || *at != ':') return split;
    const auto parsed = std::from_chars(at + 1, end, *number);
    if (parsed.ec != std::errc()) return split;
    at = parsed.ptr;
  }
  if (end - at < 2 || at[0] != ':' || at[1] != ' ') return split;
  return {.at = read, .sentence = {at + 2, static_cast<std::size_t>(end - at - 2)}};
}

}  // namespace outrider
