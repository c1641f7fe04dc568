// SPDX-License-Identifier: Apache-2.0
//
// Where generators of random inputs take their decisions from: a seed, so that a failure can be
// repeated, or the bytes of a fuzzer, so that it can learn which decisions matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <span>

namespace outrider::test {

// Generators ask in the order of their statements, never twice in one expression: which argument
// of a call comes first is the compiler's choice, and a seed must mean the same for all of them.
class Choices {
 public:
  virtual ~Choices() = default;

  // A number less than `limit`, which is not 0. Generators give 0 the simplest meaning.
  virtual std::uint64_t below(std::uint64_t limit) = 0;

  // True for one in so many.
  bool once_in(std::uint64_t times) { return below(times) + 1 == times; }

  template <typename Range>
  decltype(auto) one_of(const Range& range) {
    return range[static_cast<std::size_t>(below(std::size(range)))];
  }
};

class SeededChoices final : public Choices {
 public:
  explicit SeededChoices(std::uint64_t seed) : random_(seed) {}

  // Not std::uniform_int_distribution, whose numbers each library makes its own way. That small
  // numbers are a little more frequent matters to nobody.
  std::uint64_t below(std::uint64_t limit) override { return random_() % limit; }

 private:
  std::mt19937_64 random_;
};

// The bytes of a fuzzer; when they are used up, 0.
class ByteChoices final : public Choices {
 public:
  explicit ByteChoices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint64_t below(std::uint64_t limit) override {
    std::uint64_t number = 0;
    for (std::uint64_t most = limit - 1; most != 0 && !bytes_.empty(); most >>= 8) {
      number = number << 8 | bytes_.front();
      bytes_ = bytes_.subspan(1);
    }
    return number % limit;
  }

  bool used_up() const { return bytes_.empty(); }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace outrider::test
