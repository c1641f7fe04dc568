// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <fmt/compile.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

namespace outrider {
namespace {

// First and last code point, both included; tables are sorted.
struct Range {
  char32_t first;
  char32_t last;
};

bool contains(std::span<const Range> ranges, char32_t code) {
  auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code,
                       [](char32_t value, const Range& range) { return value < range.first; });
  return after != ranges.begin() && code <= std::prev(after)->last;
}

// What is invisible, or changes how its neighbours are shown: C1 controls, line and paragraph
// separators, marks that turn the writing direction, joiners and other format characters.
constexpr Range kUnfitForDisplay[] = {
    {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

// Columns of a character: the two tables are made from Unicode 14 (general categories Mn, Me and
// Cf; East Asian Width W and F). Unassigned code points between two ranges were put into them.
constexpr Range kZeroWidth[] = {
    {0x300, 0x36f},     {0x483, 0x489},     {0x591, 0x5bd},     {0x5bf, 0x5bf},
    {0x5c1, 0x5c2},     {0x5c4, 0x5c5},     {0x5c7, 0x5c7},     {0x610, 0x61a},
    {0x61c, 0x61c},     {0x64b, 0x65f},     {0x670, 0x670},     {0x6d6, 0x6dc},
    {0x6df, 0x6e4},     {0x6e7, 0x6e8},     {0x6ea, 0x6ed},     {0x711, 0x711},
    {0x730, 0x74a},     {0x7a6, 0x7b0},     {0x7eb, 0x7f3},     {0x7fd, 0x7fd},
    {0x816, 0x819},     {0x81b, 0x823},     {0x825, 0x827},     {0x829, 0x82d},
    {0x859, 0x85b},     {0x898, 0x89f},     {0x8ca, 0x8e1},     {0x8e3, 0x902},
    {0x93a, 0x93a},     {0x93c, 0x93c},     {0x941, 0x948},     {0x94d, 0x94d},
    {0x951, 0x957},     {0x962, 0x963},     {0x981, 0x981},     {0x9bc, 0x9bc},
    {0x9c1, 0x9c4},     {0x9cd, 0x9cd},     {0x9e2, 0x9e3},     {0x9fe, 0xa02},
    {0xa3c, 0xa3c},     {0xa41, 0xa51},     {0xa70, 0xa71},     {0xa75, 0xa75},
    {0xa81, 0xa82},     {0xabc, 0xabc},     {0xac1, 0xac8},     {0xacd, 0xacd},
    {0xae2, 0xae3},     {0xafa, 0xb01},     {0xb3c, 0xb3c},     {0xb3f, 0xb3f},
    {0xb41, 0xb44},     {0xb4d, 0xb56},     {0xb62, 0xb63},     {0xb82, 0xb82},
    {0xbc0, 0xbc0},     {0xbcd, 0xbcd},     {0xc00, 0xc00},     {0xc04, 0xc04},
    {0xc3c, 0xc3c},     {0xc3e, 0xc40},     {0xc46, 0xc56},     {0xc62, 0xc63},
    {0xc81, 0xc81},     {0xcbc, 0xcbc},     {0xcbf, 0xcbf},     {0xcc6, 0xcc6},
    {0xccc, 0xccd},     {0xce2, 0xce3},     {0xd00, 0xd01},     {0xd3b, 0xd3c},
    {0xd41, 0xd44},     {0xd4d, 0xd4d},     {0xd62, 0xd63},     {0xd81, 0xd81},
    {0xdca, 0xdca},     {0xdd2, 0xdd6},     {0xe31, 0xe31},     {0xe34, 0xe3a},
    {0xe47, 0xe4e},     {0xeb1, 0xeb1},     {0xeb4, 0xebc},     {0xec8, 0xecd},
    {0xf18, 0xf19},     {0xf35, 0xf35},     {0xf37, 0xf37},     {0xf39, 0xf39},
    {0xf71, 0xf7e},     {0xf80, 0xf84},     {0xf86, 0xf87},     {0xf8d, 0xfbc},
    {0xfc6, 0xfc6},     {0x102d, 0x1030},   {0x1032, 0x1037},   {0x1039, 0x103a},
    {0x103d, 0x103e},   {0x1058, 0x1059},   {0x105e, 0x1060},   {0x1071, 0x1074},
    {0x1082, 0x1082},   {0x1085, 0x1086},   {0x108d, 0x108d},   {0x109d, 0x109d},
    {0x1160, 0x11ff},   {0x135d, 0x135f},   {0x1712, 0x1714},   {0x1732, 0x1733},
    {0x1752, 0x1753},   {0x1772, 0x1773},   {0x17b4, 0x17b5},   {0x17b7, 0x17bd},
    {0x17c6, 0x17c6},   {0x17c9, 0x17d3},   {0x17dd, 0x17dd},   {0x180b, 0x180f},
    {0x1885, 0x1886},   {0x18a9, 0x18a9},   {0x1920, 0x1922},   {0x1927, 0x1928},
    {0x1932, 0x1932},   {0x1939, 0x193b},   {0x1a17, 0x1a18},   {0x1a1b, 0x1a1b},
    {0x1a56, 0x1a56},   {0x1a58, 0x1a60},   {0x1a62, 0x1a62},   {0x1a65, 0x1a6c},
    {0x1a73, 0x1a7f},   {0x1ab0, 0x1b03},   {0x1b34, 0x1b34},   {0x1b36, 0x1b3a},
    {0x1b3c, 0x1b3c},   {0x1b42, 0x1b42},   {0x1b6b, 0x1b73},   {0x1b80, 0x1b81},
    {0x1ba2, 0x1ba5},   {0x1ba8, 0x1ba9},   {0x1bab, 0x1bad},   {0x1be6, 0x1be6},
    {0x1be8, 0x1be9},   {0x1bed, 0x1bed},   {0x1bef, 0x1bf1},   {0x1c2c, 0x1c33},
    {0x1c36, 0x1c37},   {0x1cd0, 0x1cd2},   {0x1cd4, 0x1ce0},   {0x1ce2, 0x1ce8},
    {0x1ced, 0x1ced},   {0x1cf4, 0x1cf4},   {0x1cf8, 0x1cf9},   {0x1dc0, 0x1dff},
    {0x200b, 0x200f},   {0x202a, 0x202e},   {0x2060, 0x206f},   {0x20d0, 0x20f0},
    {0x2cef, 0x2cf1},   {0x2d7f, 0x2d7f},   {0x2de0, 0x2dff},   {0x302a, 0x302d},
    {0x3099, 0x309a},   {0xa66f, 0xa672},   {0xa674, 0xa67d},   {0xa69e, 0xa69f},
    {0xa6f0, 0xa6f1},   {0xa802, 0xa802},   {0xa806, 0xa806},   {0xa80b, 0xa80b},
    {0xa825, 0xa826},   {0xa82c, 0xa82c},   {0xa8c4, 0xa8c5},   {0xa8e0, 0xa8f1},
    {0xa8ff, 0xa8ff},   {0xa926, 0xa92d},   {0xa947, 0xa951},   {0xa980, 0xa982},
    {0xa9b3, 0xa9b3},   {0xa9b6, 0xa9b9},   {0xa9bc, 0xa9bd},   {0xa9e5, 0xa9e5},
    {0xaa29, 0xaa2e},   {0xaa31, 0xaa32},   {0xaa35, 0xaa36},   {0xaa43, 0xaa43},
    {0xaa4c, 0xaa4c},   {0xaa7c, 0xaa7c},   {0xaab0, 0xaab0},   {0xaab2, 0xaab4},
    {0xaab7, 0xaab8},   {0xaabe, 0xaabf},   {0xaac1, 0xaac1},   {0xaaec, 0xaaed},
    {0xaaf6, 0xaaf6},   {0xabe5, 0xabe5},   {0xabe8, 0xabe8},   {0xabed, 0xabed},
    {0xfb1e, 0xfb1e},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},   {0x101fd, 0x101fd}, {0x102e0, 0x102e0}, {0x10376, 0x1037a},
    {0x10a01, 0x10a0f}, {0x10a38, 0x10a3f}, {0x10ae5, 0x10ae6}, {0x10d24, 0x10d27},
    {0x10eab, 0x10eac}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11001, 0x11001},
    {0x11038, 0x11046}, {0x11070, 0x11070}, {0x11073, 0x11074}, {0x1107f, 0x11081},
    {0x110b3, 0x110b6}, {0x110b9, 0x110ba}, {0x110c2, 0x110c2}, {0x11100, 0x11102},
    {0x11127, 0x1112b}, {0x1112d, 0x11134}, {0x11173, 0x11173}, {0x11180, 0x11181},
    {0x111b6, 0x111be}, {0x111c9, 0x111cc}, {0x111cf, 0x111cf}, {0x1122f, 0x11231},
    {0x11234, 0x11234}, {0x11236, 0x11237}, {0x1123e, 0x1123e}, {0x112df, 0x112df},
    {0x112e3, 0x112ea}, {0x11300, 0x11301}, {0x1133b, 0x1133c}, {0x11340, 0x11340},
    {0x11366, 0x11374}, {0x11438, 0x1143f}, {0x11442, 0x11444}, {0x11446, 0x11446},
    {0x1145e, 0x1145e}, {0x114b3, 0x114b8}, {0x114ba, 0x114ba}, {0x114bf, 0x114c0},
    {0x114c2, 0x114c3}, {0x115b2, 0x115b5}, {0x115bc, 0x115bd}, {0x115bf, 0x115c0},
    {0x115dc, 0x115dd}, {0x11633, 0x1163a}, {0x1163d, 0x1163d}, {0x1163f, 0x11640},
    {0x116ab, 0x116ab}, {0x116ad, 0x116ad}, {0x116b0, 0x116b5}, {0x116b7, 0x116b7},
    {0x1171d, 0x1171f}, {0x11722, 0x11725}, {0x11727, 0x1172b}, {0x1182f, 0x11837},
    {0x11839, 0x1183a}, {0x1193b, 0x1193c}, {0x1193e, 0x1193e}, {0x11943, 0x11943},
    {0x119d4, 0x119db}, {0x119e0, 0x119e0}, {0x11a01, 0x11a0a}, {0x11a33, 0x11a38},
    {0x11a3b, 0x11a3e}, {0x11a47, 0x11a47}, {0x11a51, 0x11a56}, {0x11a59, 0x11a5b},
    {0x11a8a, 0x11a96}, {0x11a98, 0x11a99}, {0x11c30, 0x11c3d}, {0x11c3f, 0x11c3f},
    {0x11c92, 0x11ca7}, {0x11caa, 0x11cb0}, {0x11cb2, 0x11cb3}, {0x11cb5, 0x11cb6},
    {0x11d31, 0x11d45}, {0x11d47, 0x11d47}, {0x11d90, 0x11d91}, {0x11d95, 0x11d95},
    {0x11d97, 0x11d97}, {0x11ef3, 0x11ef4}, {0x13430, 0x13438}, {0x16af0, 0x16af4},
    {0x16b30, 0x16b36}, {0x16f4f, 0x16f4f}, {0x16f8f, 0x16f92}, {0x16fe4, 0x16fe4},
    {0x1bc9d, 0x1bc9e}, {0x1bca0, 0x1cf46}, {0x1d167, 0x1d169}, {0x1d173, 0x1d182},
    {0x1d185, 0x1d18b}, {0x1d1aa, 0x1d1ad}, {0x1d242, 0x1d244}, {0x1da00, 0x1da36},
    {0x1da3b, 0x1da6c}, {0x1da75, 0x1da75}, {0x1da84, 0x1da84}, {0x1da9b, 0x1daaf},
    {0x1e000, 0x1e02a}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef},
    {0x1e8d0, 0x1e8d6}, {0x1e944, 0x1e94a}, {0xe0001, 0xe01ef},
};

constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x3029},
    {0x302e, 0x303e},   {0x3041, 0x3096},   {0x309b, 0x3247},   {0x3250, 0x4dbf},
    {0x4e00, 0xa4c6},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
    {0x16fe0, 0x16fe3}, {0x16ff0, 0x1b2fb}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3},
    {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440},
    {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567},
    {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes; 0: the first byte does not begin a character
};

// The character at the beginning of `bytes`, which is not empty. Strict: no overlong forms, no
// surrogates, nothing above U+10FFFF.
CodePoint decode(std::string_view bytes) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  auto continued = [&](std::size_t i) { return i < bytes.size() && (byte(i) & 0xc0) == 0x80; };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xc2) return {0, 0};
  if (first < 0xe0) {
    if (!continued(1)) return {0, 0};
    return {(first & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  }
  if (first < 0xf0) {
    if (!continued(1) || !continued(2)) return {0, 0};
    const char32_t code = (first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    if (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)) return {0, 0};
    return {code, 3};
  }
  if (first < 0xf5) {
    if (!continued(1) || !continued(2) || !continued(3)) return {0, 0};
    const char32_t code =
        (first & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
    if (code < 0x10000 || code > 0x10ffff) return {0, 0};
    return {code, 4};
  }
  return {0, 0};
}

// Bytes that need a second look: controls, DEL, '"', '\\', and all that is not ASCII.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

// The high bit of each byte of `word` that needs a second look, up to the first such byte at
// least: (x - n) borrows where a byte is less than n, which may spoil the bytes above it.
std::uint64_t find_unplain(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const std::uint64_t quote = word ^ kOnes * '"';
  const std::uint64_t backslash = word ^ kOnes * '\\';
  const std::uint64_t del = word ^ kOnes * 0x7f;
  return (word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes) | (del - kOnes)) &
         kHigh;
}

// Copies the plain bytes at the beginning of `bytes` and returns how many they are. What is
// behind them, up to the size of `bytes`, is overwritten too.
std::size_t copy_plain_prefix(char* to, std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  const std::size_t size = bytes.size();
  if (size < sizeof(std::uint64_t)) {
    std::size_t i = 0;
    for (; i < size && kPlain[static_cast<unsigned char>(bytes[i])]; ++i) to[i] = bytes[i];
    return i;
  }
  // Eight at a time; the last eight overlap those before, which are plain, or we were done.
  const std::size_t last = size - sizeof(std::uint64_t);
  for (std::size_t i = 0;; i = std::min(i + sizeof(std::uint64_t), last)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    std::memcpy(to + i, &word, sizeof word);
    const std::uint64_t hits = find_unplain(word);
    if (hits != 0) return i + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    if (i == last) return size;
  }
}

char* write(char* to, std::string_view text) { return std::copy(text.begin(), text.end(), to); }

char* write_hex(char* to, char32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    *to++ = "0123456789abcdef"[value >> shift & 0xf];
  }
  return to;
}

// \n, \u001f or \U000e0001; at most ten bytes, and six for what UTF-8 has in up to three.
char* write_escaped(char* to, char32_t code) {
  switch (code) {
    case '\n':
      return write(to, "\\n");
    case '\t':
      return write(to, "\\t");
    case '\r':
      return write(to, "\\r");
    default:
      if (code <= 0xffff) return write_hex(write(to, "\\u"), code, 4);
      return write_hex(write(to, "\\U"), code, 8);
  }
}

// How many bytes at the beginning of `text` are printable ASCII: one column each, fit for all.
std::size_t printable_prefix(std::string_view text) {
  auto end = std::ranges::find_if_not(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  return static_cast<std::size_t>(end - text.begin());
}

// Columns and bytes of the character (or of the stray byte) at the beginning of `text`.
struct Cell {
  std::size_t length;
  std::size_t width;
};

Cell next_cell(std::string_view text) {
  const CodePoint point = decode(text);
  if (point.length == 0) return {1, 1};
  if (point.value < 0x300) return {point.length, 1};
  if (contains(kZeroWidth, point.value)) return {point.length, 0};
  return {point.length, contains(kWide, point.value) ? std::size_t{2} : std::size_t{1}};
}

// The longest beginning of `text` that takes at most `width` columns.
std::string_view fitting_prefix(std::string_view text, std::size_t width) {
  std::size_t i = std::min(printable_prefix(text), width);
  std::size_t used = i;
  while (i < text.size()) {
    const Cell cell = next_cell(text.substr(i));
    if (used + cell.width > width) break;
    used += cell.width;
    i += cell.length;
  }
  return text.substr(0, i);
}

constexpr std::string_view kEllipsis = "\u2026";

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000 * kMicrosecond;
constexpr std::uint64_t kSecond = 1'000 * kMillisecond;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

}  // namespace

char* write_json_text(char* to, std::string_view bytes, bool& valid) {
  while (true) {
    const std::size_t plain = copy_plain_prefix(to, bytes);
    to += plain;
    bytes.remove_prefix(plain);
    if (bytes.empty()) return to;
    const CodePoint point = decode(bytes);
    if (point.length == 0) {
      valid = false;
      to = write_hex(write(to, "\\\\x"), static_cast<unsigned char>(bytes[0]), 2);
      bytes.remove_prefix(1);
      continue;
    }
    // Characters that a terminal must not see raw are escaped here too: people read JSON on
    // terminals, and to a parser it is the same. Above U+FFFF there are only tags: left alone.
    if (point.value == '"' || point.value == '\\') {
      *to++ = '\\';
      *to++ = bytes[0];
    } else if (point.value < 0x80 ||
               (point.value <= 0xffff && contains(kUnfitForDisplay, point.value))) {
      to = write_escaped(to, point.value);
    } else {
      to = write(to, bytes.substr(0, point.length));
    }
    bytes.remove_prefix(point.length);
  }
}

bool append_json_text(std::string& out, std::string_view bytes) {
  bool valid = true;
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + json_text_room(bytes.size()), [&](char* data, std::size_t) {
    return static_cast<std::size_t>(write_json_text(data + before, bytes, valid) - data);
  });
  return valid;
}

void append_terminal_text(std::string& out, std::string_view bytes) {
  std::size_t written = 0;
  std::size_t i = 0;
  while (true) {
    i += printable_prefix(bytes.substr(i));
    if (i == bytes.size()) break;
    const CodePoint point = decode(bytes.substr(i));
    if (point.length != 0 && point.value > 0x7f && !contains(kUnfitForDisplay, point.value)) {
      i += point.length;
      continue;
    }
    char escape[12];
    char* end = escape;
    if (point.length == 0) {
      end = write_hex(write(end, "\\x"), static_cast<unsigned char>(bytes[i]), 2);
    } else if (point.value == 0x1b) {
      end = write(end, "\\e");
    } else {
      end = write_escaped(end, point.value);
    }
    out.append(bytes, written, i - written).append(escape, end);
    i += std::max<std::size_t>(point.length, 1);
    written = i;
  }
  out.append(bytes, written);
}

std::size_t display_width(std::string_view utf8) {
  std::size_t i = printable_prefix(utf8);
  std::size_t width = i;
  while (i < utf8.size()) {
    const Cell cell = next_cell(utf8.substr(i));
    width += cell.width;
    i += cell.length;
  }
  return width;
}

std::string shorten_end(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  if (width == 0) return {};
  return std::string(fitting_prefix(utf8, width - 1)).append(kEllipsis);
}

std::string shorten_middle(std::string_view utf8, std::size_t width) {
  const std::size_t whole = display_width(utf8);
  if (whole <= width) return std::string(utf8);
  if (width == 0) return {};
  // The end of a path tells more than its beginning: a third for the one, the rest for the other.
  const std::size_t before = (width - 1) / 3;
  const std::size_t after = width - 1 - before;
  std::size_t dropped = 0;
  std::size_t i = 0;
  while (i < utf8.size()) {
    const Cell cell = next_cell(utf8.substr(i));
    // A combining mark belongs to the character before it, which is gone.
    if (whole - dropped <= after && cell.width > 0) break;
    dropped += cell.width;
    i += cell.length;
  }
  return std::string(fitting_prefix(utf8, before)).append(kEllipsis).append(utf8.substr(i));
}

void append_duration(std::string& out, std::uint64_t nanoseconds) {
  struct Unit {
    std::uint64_t below;  // durations that are written with it
    std::uint64_t unit;
    std::string_view name;
  };
  static constexpr Unit kDecimalUnits[] = {
      {kMillisecond, kMicrosecond, "us"}, {kSecond, kMillisecond, "ms"}, {kMinute, kSecond, "s"}};
  struct Pair {
    std::uint64_t below;
    std::uint64_t large;
    std::uint64_t small;
    char large_name;
    char small_name;
  };
  static constexpr Pair kPairs[] = {{kHour, kMinute, kSecond, 'm', 's'},
                                    {kDay, kHour, kMinute, 'h', 'm'},
                                    {0, kDay, kHour, 'd', 'h'}};

  auto to = std::back_inserter(out);
  if (nanoseconds < kMicrosecond) {
    fmt::format_to(to, FMT_COMPILE("{}ns"), nanoseconds);
    return;
  }
  for (const Unit& unit : kDecimalUnits) {
    if (nanoseconds >= unit.below) continue;
    fmt::format_to(to, FMT_COMPILE("{}.{}{}"), nanoseconds / unit.unit,
                   nanoseconds % unit.unit / (unit.unit / 10), unit.name);
    return;
  }
  for (const Pair& pair : kPairs) {
    if (pair.below != 0 && nanoseconds >= pair.below) continue;
    fmt::format_to(to, FMT_COMPILE("{}{}{:02}{}"), nanoseconds / pair.large, pair.large_name,
                   nanoseconds % pair.large / pair.small, pair.small_name);
    return;
  }
}

void append_wrapped(std::string& out, std::string_view text, std::size_t indent,
                    std::size_t width) {
  std::size_t column = indent;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const std::size_t columns = display_width(word);
    if (width != 0 && column > indent && column + 1 + columns > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += columns;
  }
  out += '\n';
}

}  // namespace outrider
