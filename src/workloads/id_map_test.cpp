// SPDX-License-Identifier: Apache-2.0
#include "workloads/id_map.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace outrider {
namespace {

TEST(IdMap, FollowsTheTable) {
  constexpr auto kNone = std::nullopt;
  struct Case {
    std::string_view text;
    std::uint32_t id;
    std::optional<std::uint32_t> expected;
  };
  constexpr Case kCases[] = {
      // The initial namespace.
      {"         0          0 4294967295\n", 0, 0},
      {"         0          0 4294967295\n", 4294967294, 4294967294},
      {"         0          0 4294967295\n", 4294967295, kNone},
      // Rootless Podman: who started it is root, the rest has been lent.
      {"0 1000 1\n1 100000 65536\n", 1000, 0},
      {"0 1000 1\n1 100000 65536\n", 100000, 1},
      {"0 1000 1\n1 100000 65536\n", 165535, 65536},
      {"0 1000 1\n1 100000 65536\n", 165536, kNone},
      {"0 1000 1\n1 100000 65536\n", 0, kNone},
      {"0 1000 1\n1 100000 65536\n", 1001, kNone},
      // Ends that do not fit into the number.
      {"5 4294967290 4294967295\n", 4294967295, 10},
      {"", 0, kNone},
      {"0 0\n", 0, kNone},
      {"0 0 1", 0, kNone},
      {"a b c\n", 0, kNone},
      {"0 0 1\nnonsense\n", 0, 0},
  };
  for (const Case& c : kCases) EXPECT_EQ(IdMap(c.text).inside(c.id), c.expected) << c.text << c.id;
  EXPECT_TRUE(IdMap().empty());
  EXPECT_TRUE(IdMap("").empty());
  EXPECT_FALSE(IdMap("0 0 1\n").empty());
}

}  // namespace
}  // namespace outrider
