// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace outrider {
namespace {

TEST(Arena, GivesNothingAtAllFromTheBeginning) {
  Arena arena;
  EXPECT_NE(arena.allocate(0), nullptr);
  Arena other;
  other.reset();
  EXPECT_EQ(other.copy(""), "");
}

TEST(Arena, WhatItGaveStaysUntilItIsReset) {
  Arena arena;
  std::vector<std::string> texts;
  std::vector<std::string_view> copies;
  // Together many blocks; some larger than any block.
  for (int round = 0; round < 3; ++round) {
    texts.clear();
    copies.clear();
    for (std::size_t size : {0, 1, 7, 4096, 60'000, 70'000, 3, 300'000, 0, 65'536, 65'536, 5}) {
      texts.emplace_back(size, static_cast<char>('a' + texts.size()));
      copies.push_back(arena.copy(texts.back()));
    }
    for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(copies[i] == texts[i]) << i;
    arena.reset();
  }
}

// What an event needed is kept for the next, so that a busy stream does not ask for memory.
TEST(Arena, KeepsMemoryForTheNextEvent) {
  Arena arena;
  const char* first = arena.allocate(100);
  arena.reset();
  EXPECT_EQ(arena.allocate(100), first);
}

}  // namespace
}  // namespace outrider
