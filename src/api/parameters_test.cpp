// SPDX-License-Identifier: Apache-2.0
#include "api/parameters.h"

#include <gtest/gtest.h>

#include "streams/trace_request.h"

namespace outrider {
namespace {

TEST(Parameters, TargetsInTheirParts) {
  const auto target = parse_target("/v1/trace?kind=exec&where=proc.name%3Dsh+or%20x&&flag&a=b=c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/trace");
  const Parameters expected = {
      {"kind", "exec"}, {"where", "proc.name=sh or x"}, {"flag", ""}, {"a", "b=c"}};
  EXPECT_EQ(target->parameters, expected);
  EXPECT_TRUE(parse_target("/")->parameters.empty());
  EXPECT_TRUE(parse_target("/?")->parameters.empty());
}

TEST(Parameters, WhatIsNoTarget) {
  for (const std::string_view bad : {"", "v1", "http://localhost/v1", "/a b", "/a\tb", "/a?%",
                                     "/a?%4", "/a?%4g", "/a?x=%00", "/\xc3\xa4"}) {
    const auto target = parse_target(bad);
    ASSERT_FALSE(target) << bad;
    EXPECT_EQ(target.error().code, ExitCode::kBadInput);
  }
}

TEST(Parameters, EncodedIsReadAgain) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto target = parse_target("/?x=" + percent_encoded(all));
  ASSERT_TRUE(target);
  ASSERT_EQ(target->parameters.size(), 1u);
  EXPECT_EQ(target->parameters[0].second, all);
}

std::vector<std::string> words(const Parameters& parameters) {
  const auto made = words_from(parameters, *describe<TraceRequest>());
  EXPECT_TRUE(made) << made.error().message;
  return made.value_or(std::vector<std::string>());
}

TEST(Parameters, BecomeTheWordsOfACommand) {
  EXPECT_EQ(words({{"kind", "exec"}, {"max-events", "5"}, {"kind", "open"}}),
            (std::vector<std::string>{"--max-events=5", "--", "exec", "open"}));
  EXPECT_EQ(words({{"no-header", "true"}, {"count", "false"}, {"container", "--x"}}),
            (std::vector<std::string>{"--no-header", "--container=--x"}));
  EXPECT_EQ(words({{"word", "exec"}, {"word", "-o"}, {"word", "json"}, {"width", "80"}}),
            (std::vector<std::string>{"exec", "-o", "json"}));
}

// A value is never an option, whatever it looks like.
TEST(Parameters, ValuesStayValues) {
  Command<TraceRequest> command;
  const auto made = words_from({{"kind", "--show-secrets"}, {"where", "--explain"}}, command.line);
  ASSERT_TRUE(made);
  ASSERT_TRUE(command.line.parse(*made));
  EXPECT_FALSE(command.options.show_secrets);
  EXPECT_FALSE(command.options.explain);
  EXPECT_EQ(command.options.kinds, std::vector<std::string>{"--show-secrets"});
  EXPECT_EQ(command.options.condition.where, "--explain");
}

TEST(Parameters, NamesThatTheCommandHasNot) {
  const auto made = words_from({{"max-event", "5"}}, *describe<TraceRequest>());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message,
            "no parameter 'max-event'; did you mean 'max-events'? 'GET /v1/openapi.json' lists "
            "them");
  EXPECT_FALSE(words_from({{"no-header", "perhaps"}}, *describe<TraceRequest>()));
}

}  // namespace
}  // namespace outrider
