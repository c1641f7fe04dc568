// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/json_claims.h"

#include <gtest/gtest.h>

#include <string>

namespace outrider {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(JsonClaims, WhatIsNoneIsNull) {
  for (const std::string_view text :
       {"", "{", "}", "[1,]", "nul", "{\"a\":}", "\xff", "\"\xff\"", "1e999999", "[}", "]["}) {
    EXPECT_TRUE(parse_claims(text).is_null()) << text;
  }
  EXPECT_TRUE(parse_claims("{\"a\": \"]]]]}}}}\\\"[[\"}").is_object());
}

TEST(JsonClaims, IsBounded) {
  EXPECT_TRUE(parse_claims(repeated("[", 60) + repeated("]", 60)).is_array());
  EXPECT_TRUE(parse_claims(repeated("[", 70) + repeated("]", 70)).is_null());
  EXPECT_TRUE(parse_claims(repeated("[", 1'000'000)).is_null());
  EXPECT_TRUE(parse_claims(repeated("{\"a\":", 1'000'000)).is_null());
  EXPECT_TRUE(parse_claims("[" + repeated("0,", 600'000) + "0]").is_null());
  EXPECT_TRUE(parse_claims("[" + repeated("0,", 100'000) + "0]").is_array());
}

TEST(JsonClaims, OnlyWhatItShouldBe) {
  const Json json = parse_claims(
      R"({"text": "a", "nul": "a\u0000b", "number": 1, "flag": true, "in": {"in": {"x": "y"}}})");
  EXPECT_EQ(text_of(find_member(json, "text"), 1), "a");
  EXPECT_EQ(text_of(find_member(json, "text"), 0), "");
  EXPECT_EQ(text_of(find_member(json, "nul"), 100), "");
  EXPECT_EQ(text_of(find_member(json, "number"), 100), "");
  EXPECT_EQ(text_of(find_member(json, "none"), 100), "");
  EXPECT_EQ(text_of(find_member(json, "in", "in", "x"), 100), "y");
  EXPECT_EQ(find_member(json, "text", "in"), nullptr);
  EXPECT_EQ(find_member(json, "in", "none", "x"), nullptr);
  EXPECT_EQ(flag_of(find_member(json, "flag")), true);
  EXPECT_EQ(flag_of(find_member(json, "number")), std::nullopt);
  EXPECT_EQ(flag_of(nullptr), std::nullopt);
  const auto texts = texts_of(&json);
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_EQ(texts.front().first, "text");
  EXPECT_TRUE(texts_of(find_member(json, "text")).empty());
}

TEST(JsonClaims, ReadsOverWhatNobodyWants) {
  constexpr std::string_view kSkipped[] = {"seccomp", "hooks"};
  const Json json = parse_claims(
      R"({"a": [{"seccomp": {"x": [1, {"seccomp": 2}]}, "b": 1}], "seccomp": null,
          "hooks": [[], {}], "c": {"d": "e"}, "c": [true, {"f": -1.5}]})",
      kSkipped);
  EXPECT_EQ(json, Json::parse(R"({"a": [{"seccomp": true, "b": 1}], "seccomp": null,
                                  "hooks": true, "c": [true, {"f": -1.5}]})"));
  EXPECT_TRUE(parse_claims(R"({"seccomp": {"x": })", kSkipped).is_null());
  EXPECT_TRUE(parse_claims("{\"hooks\": " + repeated("[", 100), kSkipped).is_null());
  EXPECT_TRUE(parse_claims("{\"hooks\": [" + repeated("0,", 600'000) + "0]}", kSkipped).is_null());
}

TEST(JsonClaims, ReadsTimes) {
  struct Case {
    std::string_view text;
    std::int64_t time;
  };
  constexpr Case kCases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:01.5Z", 1'500'000'000},
      {"2026-11-21T18:00:58.32877672Z", 1'795'284'058'328'776'720},
      {"2026-11-21T18:00:58.123456789987Z", 1'795'284'058'123'456'789},
      {"2026-11-21T19:00:58+01:00", 1'795'284'058'000'000'000},
      {"2026-11-21T13:30:58-04:30", 1'795'284'058'000'000'000},
      {"2024-02-29T00:00:00Z", 1'709'164'800'000'000'000},
      {"2023-02-29T00:00:00Z", 0},
      {"2026-11-21T18:00:58", 0},
      {"2026-11-21T18:00:58.", 0},
      {"2026-11-21T24:00:00Z", 0},
      {"2026-11-21T18:00:58X", 0},
      {"2026-11-21T18:00:58+01", 0},
      {"2026-11-21T18:00:58+xx:00", 0},
      {"9999-11-21T18:00:58Z", 0},
      {"0001-01-01T00:00:00Z", 0},
      {"-026-11-21T18:00:58Z", 0},
      {"", 0},
  };
  for (const Case& c : kCases) EXPECT_EQ(time_of(c.text), c.time) << c.text;
}

}  // namespace
}  // namespace outrider
