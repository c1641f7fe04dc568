// SPDX-License-Identifier: Apache-2.0
#include "language/transformers.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace outrider {

namespace {

constexpr TransformerRow kTransformers[] = {
    {"tolower", Transformer::kToLower, 1, 1, false, "tolower(text)"},
    {"toupper", Transformer::kToUpper, 1, 1, false, "toupper(text)"},
    {"b64", Transformer::kB64, 1, 1, false, "b64(text)"},
    {"basename", Transformer::kBasename, 1, 1, false, "basename(path)"},
    {"len", Transformer::kLen, 1, 1, false, "len(text or list)"},
    {"join", Transformer::kJoin, 2, 2, false, "join(separator, list)"},
    {"concat", Transformer::kConcat, 2, 0, false, "concat(text, text, ...)"},
    {"getopt", Transformer::kGetopt, 2, 2, true, "getopt(list, options)[letter]"},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kTransformers)> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kTransformers[i].name;
  return names;
}();

constexpr char to_upper_letter(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

template <typename Letter>
std::string_view by_letter(std::string_view text, Arena& arena, Letter letter) {
  char* out = arena.allocate(text.size());
  std::ranges::transform(text, out, letter);
  return {out, text.size()};
}

constexpr int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Calls found(letter, value, has_value) for each option.
template <typename Found>
void walk_options(std::string_view arguments, const OptionTable& table, Found found) {
  std::string_view argument;
  while (next_item(arguments, argument)) {
    if (argument == "--") return;
    if (argument.starts_with("--")) continue;
    if (argument.size() < 2 || argument[0] != '-') return;
    for (std::size_t i = 1; i < argument.size(); ++i) {
      const std::string_view letter = argument.substr(i, 1);
      const auto place = static_cast<unsigned char>(letter[0]);
      if (!table.known[place]) {
        found("?", std::string_view(), false);
        continue;
      }
      if (!table.with_value[place]) {
        found(letter, std::string_view(), false);
        continue;
      }
      // The rest of this argument, or the whole of the next.
      std::string_view value = argument.substr(i + 1);
      if (value.empty() && !next_item(arguments, value)) {
        found(letter, std::string_view(), true);
      } else {
        found(letter, value, true);
      }
      break;
    }
  }
}

}  // namespace

const TransformerRow* find_transformer(std::string_view name) {
  const auto* row = std::ranges::find(kTransformers, name, &TransformerRow::name);
  return row == std::end(kTransformers) ? nullptr : row;
}

std::span<const std::string_view> transformer_names() { return kNames; }

std::string_view to_lower(std::string_view text, Arena& arena) {
  return by_letter(text, arena, [](char c) { return to_lower(c); });
}

std::string_view to_upper(std::string_view text, Arena& arena) {
  return by_letter(text, arena, to_upper_letter);
}

std::optional<std::string_view> decode_base64(std::string_view text, Arena& arena) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  // One digit alone is not a whole byte.
  if (text.size() % 4 == 1) return std::nullopt;
  char* out = arena.allocate(text.size() / 4 * 3 + 3);
  std::size_t size = 0;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out[size++] = static_cast<char>(bits >> count & 0xff);
  }
  return std::string_view(out, size);
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool next_item(std::string_view& rest, std::string_view& item) {
  if (rest.empty()) return false;
  const std::size_t end = rest.find('\0');
  item = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return true;
}

OptionTable parse_options(std::string_view options) {
  OptionTable table;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i] == ':') continue;
    const auto place = static_cast<unsigned char>(options[i]);
    table.known[place] = true;
    if (i + 1 < options.size() && options[i + 1] == ':') table.with_value[place] = true;
  }
  return table;
}

Value read_options(std::string_view arguments, const OptionTable& table, Arena& arena) {
  // Of each letter there is a byte in the arguments, but two in the list.
  char* out = arena.allocate(2 * arguments.size() + 2);
  char* end = out;
  const auto add = [&end](std::string_view item) {
    end = std::ranges::copy(item, end).out;
    *end++ = '\0';
  };
  walk_options(arguments, table,
               [&add](std::string_view letter, std::string_view value, bool has_value) {
                 add(letter);
                 if (has_value) add(value);
               });
  Value list = Value::of_text({out, static_cast<std::size_t>(end - out)});
  list.kind = Value::Kind::kTextList;
  return list;
}

Value read_option(std::string_view arguments, const OptionTable& table, char letter) {
  Value last = Value::missing();
  walk_options(arguments, table,
               [&](std::string_view found, std::string_view value, bool has_value) {
                 if (found != std::string_view(&letter, 1)) return;
                 last = Value::of_text(has_value ? value : found);
               });
  return last;
}

}  // namespace outrider
