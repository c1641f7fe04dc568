// SPDX-License-Identifier: Apache-2.0
//
// How one text, number or set of flags is held against what an expression says. What is prepared
// at load is a type of its own; nothing here allocates when it matches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "events/value.h"

namespace outrider {

// An integer of either sign, 64 bits.
struct Number {
  bool negative = false;
  std::uint64_t bits = 0;  // two's complement
  bool operator==(const Number&) const = default;
};
// -1, 0 or 1.
int order(Number a, Number b);
Number number_of(const Value& value);

enum class NumberStyle : std::uint8_t {
  kPlain,
  kOctal,     // with a leading 0 it is octal: 0644
  kDuration,  // nanoseconds, or with a unit: 15ms (ns, us, ms, s, m, h)
};
// Decimal or 0x hexadecimal, with a sign; nullopt if it is no number or does not fit.
std::optional<Number> parse_number(std::string_view text, NumberStyle style);

// The bytes that pairs of hexadecimal digits stand for; nullopt if they are none.
std::optional<std::string> decode_hex(std::string_view text);

// The network that an address or one with a length of its prefix stands for ("10.0.0.0/8", "::1"),
// as is_within() wants it; nullopt if it is none. What is behind the prefix does not count.
std::optional<std::string> parse_network(std::string_view text);
// Whether a text is an address of that network. IPv4 that is written as IPv6 (::ffff:10.0.0.1) is
// IPv4, as the peer sees it.
bool is_within(std::string_view address, std::string_view network);

bool contains(std::string_view text, std::string_view part);
// `lowered` has no capital letters (of ASCII).
bool contains_ignoring_case(std::string_view text, std::string_view lowered);

// fnmatch(3) without flags: * ? [a-z] [!a-z] and \ before what is meant literally. '/' is a letter
// like any other. Time is at most the product of both lengths.
bool matches_glob(std::string_view text, std::string_view pattern, bool ignore_case = false);
// Whatever follows a text that matches still matches: the pattern ends with a star.
bool is_open_ended(std::string_view glob);

// Whether `path` is `prefix` or lies beneath it. Component by component, each of which may be a
// glob; empty components (//, a / at the end) do not count.
bool matches_path_prefix(std::string_view path, std::string_view prefix);

// Calls each(name) for the names of a set of flags, "O_WRONLY|O_CREAT"; ends when it is false.
template <typename Each>
bool all_flags(std::string_view flags, Each each) {
  while (true) {
    const std::size_t end = flags.find('|');
    if (!each(flags.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    flags.remove_prefix(end + 1);
  }
}
bool has_flag(std::string_view flags, std::string_view name);

// Texts to be found again: by length first, then one by one or, when there are many, by hash.
class TextSet {
 public:
  TextSet() = default;
  explicit TextSet(std::vector<std::string> texts);
  TextSet(TextSet&&) = default;
  TextSet& operator=(TextSet&&) = default;

  bool has(std::string_view text) const {
    const std::size_t bit = text.size() < 63 ? text.size() : 63;
    if ((lengths_ >> bit & 1) == 0) return false;
    return find(text);
  }
  bool empty() const { return texts_.empty(); }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  bool find(std::string_view text) const;

  std::vector<std::string> texts_;
  std::uint64_t lengths_ = 0;  // bit N: one has N bytes; the last: 63 or more
  std::unordered_set<std::string_view> hashed_;
};

}  // namespace outrider
