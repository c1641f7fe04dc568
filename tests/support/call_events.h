// SPDX-License-Identifier: Apache-2.0
//
// What tests of kinds that are calls have in common.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <string>
#include <string_view>

#include "support/recorder.h"

namespace outrider {

// What the child has done, for the test to expect.
template <typename Numbers>
Numbers* share() {
  void* memory =
      ::mmap(nullptr, sizeof(Numbers), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return static_cast<Numbers*>(memory);
}

inline void expect_whole(Recorder& recorder) {
  for (const KindAccount& kind : recorder.finish().kinds) {
    EXPECT_EQ(kind.lost_total(), 0U) << kind.kind;
    EXPECT_EQ(kind.difference(), 0) << kind.kind;
  }
}

inline std::string at(const Recorded& event, std::string_view field) {
  const auto found = event.find(field);
  return found == event.end() ? "" : found->second;
}

#if defined(__x86_64__)

// int 0x80 from a 64-bit program.
inline long call_of_32_bits(long number, long first, long second, long third) {
  long result = number;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(first), "c"(second), "d"(third)
               : "memory", "r8", "r9", "r10", "r11");
  return result;
}

#endif

}  // namespace outrider
