// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace outrider {
namespace {

std::string json(std::string_view bytes) {
  std::string out;
  append_json_text(out, bytes);
  return out;
}

std::string terminal(std::string_view bytes) {
  std::string out;
  append_terminal_text(out, bytes);
  return out;
}

struct TextCase {
  std::string_view bytes;
  std::string_view json;
  std::string_view terminal;
  bool valid;
};

using namespace std::string_view_literals;

constexpr TextCase kTexts[] = {
    {"", "", "", true},
    {"/usr/bin/bash", "/usr/bin/bash", "/usr/bin/bash", true},
    {"say \"hi\"", "say \\\"hi\\\"", "say \"hi\"", true},
    {"a\\b", "a\\\\b", "a\\b", true},
    {"a\nb\tc\rd", "a\\nb\\tc\\rd", "a\\nb\\tc\\rd", true},
    {"\x1b[2J", "\\u001b[2J", "\\e[2J", true},
    {"\a\0\x7f"sv, "\\u0007\\u0000\\u007f", "\\u0007\\u0000\\u007f", true},
    // C1, line separators, what turns the writing direction, what cannot be seen.
    {"\u0080\u009f", "\\u0080\\u009f", "\\u0080\\u009f", true},
    {"\u2028\u2029", "\\u2028\\u2029", "\\u2028\\u2029", true},
    {"\u200e\u202a\u202e\u2066\u2069", "\\u200e\\u202a\\u202e\\u2066\\u2069",
     "\\u200e\\u202a\\u202e\\u2066\\u2069", true},
    {"\u200b\u200d\ufeff\u00ad\u061c", "\\u200b\\u200d\\ufeff\\u00ad\\u061c",
     "\\u200b\\u200d\\ufeff\\u00ad\\u061c", true},
    {"\U000e0041", "\U000e0041", "\\U000e0041", true},
    // Their neighbours stay.
    {"\u00a0\u00ac\u2010\u2027\u202f\u205f\u2070", "\u00a0\u00ac\u2010\u2027\u202f\u205f\u2070",
     "\u00a0\u00ac\u2010\u2027\u202f\u205f\u2070", true},
    {"naïve 日本 😀", "naïve 日本 😀", "naïve 日本 😀", true},
    {"\u07ff\u0800\ud7fe\ue000\U00010000\U0010ffff", "\u07ff\u0800\ud7fe\ue000\U00010000\U0010ffff",
     "\u07ff\u0800\ud7fe\ue000\U00010000\U0010ffff", true},
    // Not UTF-8: a stray byte, cut characters, overlong forms, surrogates, too large.
    {"a\xff!", "a\\\\xff!", "a\\xff!", false},
    {"\x80", "\\\\x80", "\\x80", false},
    {"\xc3", "\\\\xc3", "\\xc3", false},
    {"\xe2\x82z", "\\\\xe2\\\\x82z", "\\xe2\\x82z", false},
    {"\xf0\x9f\x98", "\\\\xf0\\\\x9f\\\\x98", "\\xf0\\x9f\\x98", false},
    {"\xc0\xaf\xc1\xbf", "\\\\xc0\\\\xaf\\\\xc1\\\\xbf", "\\xc0\\xaf\\xc1\\xbf", false},
    {"\xe0\x9f\xbf", "\\\\xe0\\\\x9f\\\\xbf", "\\xe0\\x9f\\xbf", false},
    {"\xf0\x8f\xbf\xbf", "\\\\xf0\\\\x8f\\\\xbf\\\\xbf", "\\xf0\\x8f\\xbf\\xbf", false},
    {"\xed\xa0\x80", "\\\\xed\\\\xa0\\\\x80", "\\xed\\xa0\\x80", false},
    {"\xf4\x90\x80\x80", "\\\\xf4\\\\x90\\\\x80\\\\x80", "\\xf4\\x90\\x80\\x80", false},
    {"\xf5\x80\x80\x80", "\\\\xf5\\\\x80\\\\x80\\\\x80", "\\xf5\\x80\\x80\\x80", false},
    {"ok\xc3\xa9\xe9\xc3\xa9", "oké\\\\xe9é", "oké\\xe9é", false},
};

TEST(TextTest, WritesAnyBytesForJsonAndForTerminals) {
  for (const TextCase& c : kTexts) {
    std::string out = "before ";
    EXPECT_EQ(append_json_text(out, c.bytes), c.valid) << c.json;
    EXPECT_EQ(out, "before " + std::string(c.json));
    EXPECT_EQ(terminal(c.bytes), c.terminal);
  }
}

// The search for the first byte to escape takes eight at a time: every byte at every place.
TEST(TextTest, EscapesEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size <= 20; ++size) {
      for (std::size_t place = 0; place < size; ++place) {
        std::string bytes(size, 'a');
        bytes[place] = static_cast<char>(byte);
        const std::string one = json(bytes.substr(place, 1));
        const std::string expected =
            std::string(place, 'a') + one + std::string(size - place - 1, 'a');
        ASSERT_EQ(json(bytes), expected) << "byte " << byte << " at " << place << " of " << size;
      }
    }
    // And what it becomes is what a parser makes the byte of again.
    const std::string one(1, static_cast<char>(byte));
    const std::string parsed = nlohmann::json::parse('"' + json(one) + '"');
    if (byte < 0x80) {
      EXPECT_EQ(parsed, one);
    } else {
      char expected[8];
      std::snprintf(expected, sizeof expected, "\\x%02x", byte);
      EXPECT_EQ(parsed, expected);
    }
  }
}

TEST(TextTest, CountsColumns) {
  struct Case {
    std::string_view text;
    std::size_t width;
  };
  constexpr Case kCases[] = {
      {"", 0},           {"abc", 3},          {"é", 1},
      {"e\u0301", 1},                                                     // a combining accent
      {"日本", 4},       {"한", 2},           {"\u1112\u1161\u11ab", 2},  // the same in pieces
      {"ｆｕ", 4},       {"😀", 2},           {"…", 1},
      {"\u2190", 1},     {"\xff", 1},  // not UTF-8: as something that takes a place
      {"\U00020000", 2}, {"\u05d0\u05b0", 1},
  };
  for (const Case& c : kCases) EXPECT_EQ(display_width(c.text), c.width) << c.text;
}

TEST(TextTest, ShortensAtTheEnd) {
  struct Case {
    std::string_view text;
    std::size_t width;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"abcdef", 6, "abcdef"},
      {"abcdef", 5, "abcd…"},
      {"abcdef", 1, "…"},
      {"abcdef", 0, ""},
      {"", 0, ""},
      {"日本語", 6, "日本語"},
      {"日本語", 5, "日本…"},
      {"日本語", 4, "日…"},  // no half characters
      {"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
  };
  for (const Case& c : kCases) EXPECT_EQ(shorten_end(c.text, c.width), c.expected);
}

TEST(TextTest, ShortensInTheMiddle) {
  struct Case {
    std::string_view text;
    std::size_t width;
    std::string_view expected;
  };
  constexpr Case kCases[] = {
      {"/usr/lib/libc.so", 16, "/usr/lib/libc.so"},
      {"/usr/lib/libc.so", 13, "/usr…/libc.so"},
      {"/usr/lib/libc.so", 3, "…so"},
      {"/usr/lib/libc.so", 1, "…"},
      {"/usr/lib/libc.so", 0, ""},
      {"日本語日本語", 8, "日…本語"},
      {"ab\u0301cdefg", 4, "a…fg"},
      {"abcde\u0301fg", 4, "a…fg"},  // the accent goes with its letter
  };
  for (const Case& c : kCases) EXPECT_EQ(shorten_middle(c.text, c.width), c.expected);
}

TEST(TextTest, ShortenedTextFits) {
  constexpr std::string_view kText = "/日本/e\u0301t\xff\u202e/x😀/\xe2\x82/한";
  for (std::size_t width = 0; width < 40; ++width) {
    EXPECT_LE(display_width(shorten_end(kText, width)), width);
    EXPECT_LE(display_width(shorten_middle(kText, width)), width);
  }
}

}  // namespace
}  // namespace outrider
