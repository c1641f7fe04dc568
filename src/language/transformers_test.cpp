// SPDX-License-Identifier: Apache-2.0
#include "language/transformers.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {
namespace {

using namespace std::string_view_literals;

TEST(TransformersTest, ChangeLettersOfAsciiOnly) {
  Arena arena;
  EXPECT_EQ(to_lower("NginX-1É", arena), "nginx-1É");
  EXPECT_EQ(to_upper("NginX-1é", arena), "NGINX-1é");
  EXPECT_EQ(to_lower("", arena), "");
}

TEST(TransformersTest, DecodeBase64) {
  Arena arena;
  struct Case {
    std::string_view text;
    std::string_view bytes;
  };
  const Case kGood[] = {{"", ""},
                        {"YQ==", "a"},
                        {"YQ", "a"},
                        {"YWI=", "ab"},
                        {"YWJj", "abc"},
                        {"YWJjZA==", "abcd"},
                        {"AP/+", "\0\xff\xfe"sv},
                        {"L2V0Yy9wYXNzd2Q=", "/etc/passwd"}};
  for (const Case& c : kGood) EXPECT_EQ(decode_base64(c.text, arena), c.bytes) << c.text;
  for (const std::string_view text :
       {"Y"sv, "YWJjZ"sv, "a b="sv, "Y==="sv, "YQ=a"sv, "\xff\xff"sv}) {
    EXPECT_FALSE(decode_base64(text, arena)) << text;
  }
}

TEST(TransformersTest, TakeTheBaseName) {
  EXPECT_EQ(base_name("/usr/bin/cat"), "cat");
  EXPECT_EQ(base_name("cat"), "cat");
  EXPECT_EQ(base_name("/"), "");
  EXPECT_EQ(base_name("/usr/"), "");
  EXPECT_EQ(base_name(""), "");
}

std::string shown(std::string_view list) {
  std::string out;
  std::string_view item;
  while (next_item(list, item)) out += std::string(item) + '|';
  return out;
}

TEST(TransformersTest, ReadOptionsAsGetoptDoes) {
  Arena arena;
  struct Case {
    std::string_view arguments;
    std::string_view options;
    std::string_view list;
  };
  const Case kCases[] = {
      {"-n\0-t\0"sv, "nt", "n|t|"},
      {"-nt\0"sv, "nt", "n|t|"},
      {"-ntvalue\0"sv, "nt:", "n|t|value|"},
      {"-t\0value\0-n\0"sv, "nt:", "t|value|n|"},
      {"-t\0-n\0"sv, "nt:", "t|-n|"},
      {"-t\0"sv, "t:", "t||"},
      {"-x\0-n\0"sv, "n", "?|n|"},
      {"--long\0-n\0"sv, "n", "n|"},
      {"-n\0--\0-t\0"sv, "nt", "n|"},
      {"-n\0file\0-t\0"sv, "nt", "n|"},
      {"-\0-t\0"sv, "t", ""},
      {""sv, "t", ""},
      {"-:\0"sv, ":t", "?|"},
  };
  for (const Case& c : kCases) {
    const Value value = read_options(c.arguments, parse_options(c.options), arena);
    EXPECT_EQ(value.kind, Value::Kind::kTextList);
    EXPECT_EQ(shown(value.text), c.list) << c.arguments;
  }
}

TEST(TransformersTest, ReadOneOption) {
  const OptionTable table = parse_options("nt:x");
  EXPECT_EQ(read_option("-n\0-tone\0-t\0two\0"sv, table, 't').text, "two");
  EXPECT_EQ(read_option("-n\0"sv, table, 'n').text, "n");
  EXPECT_EQ(read_option("-n\0-t\0"sv, table, 't').kind, Value::Kind::kText);
  EXPECT_EQ(read_option("-n\0-t\0"sv, table, 't').text, "");
  EXPECT_EQ(read_option("-n\0"sv, table, 't').kind, Value::Kind::kMissing);
  EXPECT_EQ(read_option("-y\0"sv, table, 'x').kind, Value::Kind::kMissing);
}

TEST(TransformersTest, AreKnownByName) {
  EXPECT_EQ(find_transformer("basename")->transformer, Transformer::kBasename);
  EXPECT_EQ(find_transformer("val"), nullptr);
  EXPECT_EQ(transformer_names().size(), 8);
}

}  // namespace
}  // namespace outrider
