// SPDX-License-Identifier: Apache-2.0
//
// What the property tests of the push-down do not reach: sets of many words.
#include "bpf/kernel/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>

namespace {

constexpr std::uint64_t kSeed = 20261121;
constexpr int kWords = FILTER_CLAUSES / 64;

// Most words of it are 0, and some whole groups of eight; what its summary says is not there
// is rubbish.
filter_set random_set(std::mt19937_64& random) {
  filter_set set{};
  const std::uint64_t groups = random() | random();
  for (int word = 0; word < kWords; ++word) {
    if ((groups >> word / 8 & 1) == 0 || random() % 3 == 0) {
      set.words[word] = 0;
      continue;
    }
    set.words[word] = random() & random();
    if (set.words[word] != 0) set.summary |= std::uint64_t{1} << word;
  }
  return set;
}

// The clauses that a set has, its summary taken at its word.
std::uint64_t word_of(const filter_set& set, int word) {
  return (set.summary >> word & 1) != 0 ? set.words[word] : 0;
}

TEST(Decide, CandidatesAreInAllSets) {
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    const filter_set a = random_set(random);
    const filter_set b = random_set(random);
    const filter_set c = random_set(random);
    const filter_set d = random_set(random);
    filter_set at_once{};
    std::ranges::fill(at_once.words, ~std::uint64_t{0});
    decide__begin(&at_once, &a, &b, &c, &d);
    filter_set one_by_one{};
    decide__begin_with(&one_by_one, &a);
    for (const filter_set* set : {&b, &c, &d}) decide__narrow(&one_by_one, set);
    for (int word = 0; word < kWords; ++word) {
      const std::uint64_t expected = a.words[word] & b.words[word] & c.words[word] & d.words[word];
      ASSERT_EQ(word_of(at_once, word), expected) << word;
      ASSERT_EQ(word_of(one_by_one, word), expected) << word;
      ASSERT_EQ(at_once.summary >> word & 1, expected != 0 ? 1U : 0U) << word;
    }
  }
}

TEST(Decide, ComparesWithoutBranches) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63,
                                     ~std::uint64_t{0}, std::uint64_t{1} << 31}) {
    EXPECT_EQ(decide__is_zero(number), number == 0 ? 1U : 0U) << number;
    for (const std::uint64_t other : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      EXPECT_EQ(decide__less(number, other), number < other ? 1U : 0U) << number << " " << other;
    }
  }
}

}  // namespace
