// SPDX-License-Identifier: Apache-2.0
#include "cli/agent_part.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace outrider {
namespace {

TEST(AgentPart, StreamsAndBudget) {
  const std::string text = agent_columns(
      R"({"pid": 42, "version": "1.2", "since": 0, "budget": {"limit_cpus": 0.02,
          "used_cpus": 0.01, "kept": 0.5, "unwatched": []},
          "account": {"exec": {"seen": 10, "delivered": 5, "filtered": {"kernel": 1, "agent": 2},
                               "lost": {"ring_full": 2, "sampled": 0}, "missed": 3}},
          "streams": [{"id": 7, "pid": 100, "uid": 1000, "since": 1, "of": "open, exec",
            "bytes_sent": 2048, "bytes_waiting": 100, "cpu_ns": 1500000000,
            "account": {"open": {"delivered": 5, "filtered": {"kernel": 2, "agent": 1},
                                 "lost": {"unwritten": 4}},
                        "exec": {"delivered": 1, "filtered": {"kernel": 0, "agent": 0},
                                 "lost": {"unwritten": 0}}}}]})",
      0);
  EXPECT_NE(text.find("Agent: process 42, version 1.2, since 19"), std::string::npos) << text;
  EXPECT_NE(text.find("limit 2 % of a CPU, used 1 %, sends 0.5 of all events"), std::string::npos)
      << text;
  EXPECT_NE(text.find("     7     100   1000 "), std::string::npos) << text;
  EXPECT_NE(text.find("         6          3        4      2.0K       100   1.50s  open, exec\n"),
            std::string::npos)
      << text;
  std::istringstream counted(text.substr(text.find("  exec ")));
  std::string kind;
  int seen = 0, delivered = 0, filtered = 0, lost = 0, missed = 0;
  counted >> kind >> seen >> delivered >> filtered >> lost >> missed;
  EXPECT_EQ(seen, 10) << text;
  EXPECT_EQ(delivered, 5) << text;
  EXPECT_EQ(filtered, 3) << text;
  EXPECT_EQ(lost, 2) << text;
  EXPECT_EQ(missed, 3) << text;
}

TEST(AgentPart, WhateverItSays) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"streams": 1})", R"({"streams": [1, {}]})", R"({"budget": 1})",
        R"({"pid": "x", "since": -1, "streams": [{"account": [1]}]})", R"({"account": 1})",
        R"({"account": {"\u001b[2J": 1, "x": {"lost": [1], "seen": -1}}})",
        R"({"version": "\u001b[2J"})"}) {
    const std::string shown = agent_columns(text, 80);
    EXPECT_TRUE(shown.ends_with('\n'));
    EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace outrider
