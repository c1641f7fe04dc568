// SPDX-License-Identifier: Apache-2.0
#include "language/matchers.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

#include "language/transformers.h"

namespace outrider {

namespace {

constexpr std::size_t kHashFrom = 9;  // texts in a set; fewer are compared one by one

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};
// "ms" before "s": the first that fits is taken.
constexpr Unit kUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
};

// An address as IPv6 has it; of IPv4 behind ::ffff:0:0/96 (RFC 4291, 2.5.5.2).
using AddressBytes = std::array<std::uint8_t, sizeof(in6_addr)>;
constexpr std::uint64_t kAddressBits = 128;
constexpr std::uint64_t kIpv4PrefixBits = 96;
constexpr AddressBytes kIpv4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::optional<AddressBytes> parse_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof(terminated) || text.contains('\0')) return std::nullopt;
  std::ranges::copy(text, terminated);
  AddressBytes bytes = kIpv4Prefix;
  if (::inet_pton(AF_INET, terminated, bytes.data() + kIpv4PrefixBits / 8) == 1) return bytes;
  if (::inet_pton(AF_INET6, terminated, bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool is_ipv4(const AddressBytes& address) {
  return std::equal(address.begin(), address.begin() + kIpv4PrefixBits / 8, kIpv4Prefix.begin());
}

// Which bits of a byte are among the first `bits` of an address.
std::uint8_t mask_of(std::uint64_t bits, std::size_t byte) {
  if (bits >= 8 * (byte + 1)) return 0xff;
  return bits <= 8 * byte ? 0 : static_cast<std::uint8_t>(0xff00 >> (bits - 8 * byte));
}

// A set in brackets at the start of `pattern`, "[a-z]": its length, 0 if the bracket is a letter.
std::size_t match_set(std::string_view pattern, char c, bool ignore_case, bool& matched) {
  const auto letter = [ignore_case](char of) {
    return static_cast<unsigned char>(ignore_case ? to_lower(of) : of);
  };
  std::size_t i = 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) {
      matched = found != negated;
      return i + 1;
    }
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    const unsigned char low = letter(pattern[i++]);
    unsigned char high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      high = letter(pattern[i++]);
    }
    found = found || (low <= letter(c) && letter(c) <= high);
  }
  return 0;
}

// One letter of the text against the start of the pattern, which is no star: how much of the
// pattern it takes, 0 if it does not match.
std::size_t match_one(std::string_view pattern, char c, bool ignore_case) {
  if (pattern.front() == '?') return 1;
  if (pattern.front() == '[') {
    bool matched = false;
    if (const std::size_t size = match_set(pattern, c, ignore_case, matched)) {
      return matched ? size : 0;
    }
  }
  const std::size_t escaped = pattern.front() == '\\' && pattern.size() > 1 ? 1 : 0;
  const char wanted = pattern[escaped];
  const bool same = ignore_case ? to_lower(wanted) == to_lower(c) : wanted == c;
  return same ? escaped + 1 : 0;
}

// The next component of a path, without slashes; false at its end.
bool next_component(std::string_view& rest, std::string_view& component) {
  const std::size_t start = rest.find_first_not_of('/');
  if (start == std::string_view::npos) return false;
  rest.remove_prefix(start);
  const std::size_t end = std::min(rest.find('/'), rest.size());
  component = rest.substr(0, end);
  rest.remove_prefix(end);
  return true;
}

}  // namespace

int order(Number a, Number b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  if (a.bits == b.bits) return 0;
  return a.bits < b.bits ? -1 : 1;
}

Number number_of(const Value& value) {
  const bool negative = value.kind == Value::Kind::kSigned && value.signed_value < 0;
  return {negative, value.unsigned_value};
}

std::optional<Number> parse_number(std::string_view text, NumberStyle style) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::uint64_t unit = 1;
  if (style == NumberStyle::kDuration) {
    for (const Unit& known : kUnits) {
      if (!text.ends_with(known.name)) continue;
      unit = known.nanoseconds;
      text.remove_suffix(known.name.size());
      break;
    }
  }
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  } else if (style == NumberStyle::kOctal && text.starts_with('0')) {
    base = 8;
  }
  std::uint64_t magnitude = 0;
  const char* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, magnitude, base);
  if (error != std::errc() || read != end) return std::nullopt;
  if (magnitude > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
  magnitude *= unit;
  if (!negative || magnitude == 0) return Number{false, magnitude};
  if (magnitude > std::uint64_t{1} << 63) return std::nullopt;
  return Number{true, 0 - magnitude};
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned char byte = 0;
    const char* end = text.data() + i + 2;
    const auto [read, error] = std::from_chars(text.data() + i, end, byte, 16);
    if (error != std::errc() || read != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::optional<std::string> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  std::uint64_t bits = kAddressBits;
  if (slash != std::string_view::npos) {
    const std::uint64_t before = text.find(':') == std::string_view::npos ? kIpv4PrefixBits : 0;
    const auto given = parse_number(text.substr(slash + 1), NumberStyle::kPlain);
    if (!given || given->negative || given->bits > kAddressBits - before) return std::nullopt;
    bits = before + given->bits;
  }
  for (std::size_t i = 0; i < address->size(); ++i) (*address)[i] &= mask_of(bits, i);
  std::string network(address->begin(), address->end());
  network += static_cast<char>(bits);
  return network;
}

bool is_within(std::string_view address, std::string_view network) {
  const auto bytes = parse_address(address);
  if (!bytes || network.size() != bytes->size() + 1) return false;
  const auto bits = static_cast<std::uint8_t>(network.back());
  // ::/0 is all of IPv6.
  if (bits < kIpv4PrefixBits && is_ipv4(*bytes)) return false;
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    if (((*bytes)[i] & mask_of(bits, i)) != static_cast<std::uint8_t>(network[i])) return false;
  }
  return true;
}

bool contains(std::string_view text, std::string_view part) {
  if (part.empty()) return true;
  // Which may have no address.
  if (text.size() < part.size()) return false;
  return ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

bool contains_ignoring_case(std::string_view text, std::string_view lowered) {
  return !std::ranges::search(text, lowered, {}, [](char c) { return to_lower(c); }).empty() ||
         lowered.empty();
}

bool matches_glob(std::string_view text, std::string_view pattern, bool ignore_case) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  // Where to go on if the rest does not match: the last star takes one letter more. An earlier
  // star never has to, since the last one could take the same.
  std::size_t star = std::string_view::npos;
  std::size_t star_at = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = ++in_pattern;
      star_at = at;
      continue;
    }
    std::size_t taken = 0;
    if (in_pattern < pattern.size()) {
      taken = match_one(pattern.substr(in_pattern), text[at], ignore_case);
    }
    if (taken != 0) {
      in_pattern += taken;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

bool is_open_ended(std::string_view glob) {
  if (!glob.ends_with('*')) return false;
  glob.remove_suffix(1);
  std::size_t backslashes = 0;
  while (glob.ends_with('\\')) {
    glob.remove_suffix(1);
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

bool matches_path_prefix(std::string_view path, std::string_view prefix) {
  if (path.starts_with('/') != prefix.starts_with('/')) return false;
  std::string_view wanted;
  std::string_view component;
  while (next_component(prefix, wanted)) {
    if (!next_component(path, component)) return false;
    if (wanted == component) continue;
    if (wanted.find_first_of("*?[\\") == std::string_view::npos) return false;
    if (!matches_glob(component, wanted)) return false;
  }
  return true;
}

bool has_flag(std::string_view flags, std::string_view name) {
  return !all_flags(flags, [name](std::string_view flag) { return flag != name; });
}

TextSet::TextSet(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (const std::string& text : texts_) {
    lengths_ |= std::uint64_t{1} << std::min<std::size_t>(text.size(), 63);
  }
  if (texts_.size() >= kHashFrom) hashed_.insert(texts_.begin(), texts_.end());
}

bool TextSet::find(std::string_view text) const {
  if (!hashed_.empty()) return hashed_.contains(text);
  return std::ranges::find(texts_, text) != texts_.end();
}

}  // namespace outrider
