// SPDX-License-Identifier: Apache-2.0
#include "syscalls/number_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace outrider {

std::string_view join_flags(std::string_view first, std::uint64_t bits,
                            std::span<const NamedValue> table, Arena& arena) {
  constexpr std::size_t kRest = 32;  // of a number in hexadecimal, with its '|'
  std::size_t room = first.size() + kRest;
  for (const NamedValue& flag : table) {
    if ((bits & flag.value) == flag.value) room += flag.name.size() + 1;
  }
  char* out = arena.allocate(room);
  char* end = out;
  const auto add = [&](std::string_view name) {
    if (end != out) *end++ = '|';
    std::memcpy(end, name.data(), name.size());
    end += name.size();
  };
  if (!first.empty()) add(first);
  for (const NamedValue& flag : table) {
    if (flag.value == 0 || (bits & flag.value) != flag.value) continue;
    add(flag.name);
    bits &= ~flag.value;
  }
  if (bits != 0) {
    if (end != out) *end++ = '|';
    end = fmt::format_to(end, "{:#x}", bits);
  }
  if (end == out) *end++ = '0';
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view number_text(const NumberNames& names, std::uint64_t number, Arena& arena) {
  if (names.mask == 0) {
    if (number == 0 && !names.numbers.empty()) return names.numbers.front().name;
    return join_flags("", number, names.flags, arena);
  }
  const std::uint64_t one = number & names.mask;
  const auto found = std::ranges::find(names.numbers, one, &NamedValue::value);
  if (found != names.numbers.end()) {
    if (number == one) return found->name;
    return join_flags(found->name, number & ~names.mask, names.flags, arena);
  }
  if (one == 0) return join_flags("", number, names.flags, arena);
  // A small number is a decimal one that nobody has a name for; else it says more in bits.
  constexpr std::uint64_t kSmall = 0x10000;
  char* out = arena.allocate(32);
  char* end = one < kSmall ? fmt::format_to(out, "{}", one) : fmt::format_to(out, "{:#x}", one);
  const std::string_view text(out, static_cast<std::size_t>(end - out));
  if (number == one) return text;
  return join_flags(text, number & ~names.mask, names.flags, arena);
}

}  // namespace outrider
