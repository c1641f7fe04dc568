// SPDX-License-Identifier: Apache-2.0
//
// What stands between a field and its comparison: tolower(proc.name) = nginx.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "events/value.h"

namespace outrider {

enum class Transformer : std::uint8_t {
  kToLower,
  kToUpper,
  kB64,
  kBasename,
  kLen,
  kJoin,
  kConcat,
  kGetopt,
};

struct TransformerRow {
  std::string_view name;
  Transformer transformer;
  std::uint8_t least;  // operands
  std::uint8_t most;   // 0: any number
  bool takes_argument;
  std::string_view usage;
};

// nullptr if there is none of this name. Static, as is what it points to.
const TransformerRow* find_transformer(std::string_view name);
std::span<const std::string_view> transformer_names();

// Letters of ASCII only; memory from the arena.
std::string_view to_lower(std::string_view text, Arena& arena);
std::string_view to_upper(std::string_view text, Arena& arena);
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// The bytes that `text` is the base64 of; with or without padding. nullopt if it is none.
std::optional<std::string_view> decode_base64(std::string_view text, Arena& arena);

// What follows the last '/': "" for a path that ends with one.
std::string_view base_name(std::string_view path);

// Reads a list of texts (each followed by a NUL, as in Value) item by item; false at its end. A
// last item without a NUL is one, too.
bool next_item(std::string_view& rest, std::string_view& item);

// The options of getopt(3): "ab:c", of which b wants a value.
struct OptionTable {
  std::bitset<256> known;
  std::bitset<256> with_value;
};
OptionTable parse_options(std::string_view options);

// Reads `arguments`, a list, as getopt(3) does: short options, alone or together, up to "--" or
// the first that is no option; "--long" ones are passed over. As a list: each option's letter,
// followed by its value if it takes one (empty if it is not there); "?" for one that is not known.
Value read_options(std::string_view arguments, const OptionTable& table, Arena& arena);

// The value of one option (its letter if it takes none), the last one if it is given several
// times; missing if it is not given.
Value read_option(std::string_view arguments, const OptionTable& table, char letter);

}  // namespace outrider
