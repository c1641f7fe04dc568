// SPDX-License-Identifier: Apache-2.0
#include "rules/list_substitution.h"

#include <algorithm>

#include "language/parser.h"

namespace outrider {

namespace {

constexpr std::string_view kBlanks = " \t\n\r";
constexpr std::string_view kEndsWord = " \t\n\r(),=";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

void remove_blanks_at_end(PlacedText& text) {
  std::size_t size = 0;
  while (size < text.text().size() && is_blank(text.text()[text.text().size() - 1 - size])) ++size;
  text.erase_end(size);
}

}  // namespace

PlacedText quoted_item(const PlacedText& item) {
  const std::string& text = item.text();
  const bool needs_quotes =
      text.empty() || (text.find(' ') != std::string::npos && text[0] != '"' && text[0] != '\'');
  if (!needs_quotes) return item;
  PlacedText quoted;
  quoted.append("\"", item.place(std::size_t{0}));
  quoted.append(item);
  quoted.append("\"", item.place(text.size()));
  return quoted;
}

PlacedText substitute_lists(const PlacedText& text, const FindList& find) {
  const std::string_view bytes = text.text();
  PlacedText out;
  // What is longer is refused by the parser anyway.
  for (std::size_t at = 0; at < bytes.size() && out.text().size() <= kLongestExpression;) {
    const std::size_t end = std::min(bytes.find_first_of(kEndsWord, at), bytes.size());
    const auto* items = end > at ? find(bytes.substr(at, end - at)) : nullptr;
    if (items == nullptr) {
      const std::size_t next = std::min(end + 1, bytes.size());
      out.append(text, at, next - at);
      at = next;
      continue;
    }
    const FilePlace place = text.place(at);
    at = end;
    if (items->empty()) {
      remove_blanks_at_end(out);
      if (out.text().ends_with(',')) {
        out.erase_end(1);
      } else {
        std::size_t comma = at;
        while (comma < bytes.size() && is_blank(bytes[comma])) ++comma;
        if (comma < bytes.size() && bytes[comma] == ',') at = comma + 1;
      }
      out.append(" ", place);
      continue;
    }
    bool first = true;
    for (const PlacedText& item : *items) {
      if (out.text().size() > kLongestExpression) break;
      if (!first) out.append(", ", place);
      first = false;
      out.append(quoted_item(item));
    }
  }
  return out;
}

}  // namespace outrider
