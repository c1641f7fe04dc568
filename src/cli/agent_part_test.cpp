// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_part.h"

#include <gtest/gtest.h>

namespace outrider {
namespace {

TEST(AgentPart, StreamsAndBudget) {
  const std::string text = agent_columns(
      R"({"pid": 42, "version": "1.2", "since": 0, "budget": {"limit_cpus": 0.02,
          "used_cpus": 0.01, "kept": 0.5, "unwatched": []},
          "streams": [{"id": 7, "pid": 100, "uid": 1000, "since": 1, "of": "open, exec",
            "account": {"open": {"delivered": 5, "filtered": {"kernel": 2, "agent": 1},
                                 "lost": {"unwritten": 4}},
                        "exec": {"delivered": 1, "filtered": {"kernel": 0, "agent": 0},
                                 "lost": {"unwritten": 0}}}}]})",
      0);
  EXPECT_NE(text.find("Agent: process 42, version 1.2, since 19"), std::string::npos) << text;
  EXPECT_NE(text.find("limit 2 % of a CPU, used 1 %, sends 0.5 of all events"), std::string::npos)
      << text;
  EXPECT_NE(text.find("     7     100   1000 "), std::string::npos) << text;
  EXPECT_NE(text.find("         6          3        4  open, exec\n"), std::string::npos) << text;
}

TEST(AgentPart, WhateverItSays) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"streams": 1})", R"({"streams": [1, {}]})", R"({"budget": 1})",
        R"({"pid": "x", "since": -1, "streams": [{"account": [1]}]})",
        R"({"version": "\u001b[2J"})"}) {
    const std::string shown = agent_columns(text, 80);
    EXPECT_TRUE(shown.ends_with('\n'));
    EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace outrider
