// SPDX-License-Identifier: Apache-2.0
#include "support/probe_functions.h"

#include <unistd.h>

#if __has_include(<sys/sdt.h>)
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
extern "C" {
[[gnu::section(".probes")]] unsigned short outrider_test_passed_semaphore = 0;
[[gnu::section(".probes")]] unsigned short outrider_test_guarded_semaphore = 0;
}
#define HAS_USDT 1
#else
#define HAS_USDT 0
#endif

// Neither inlined nor cloned nor left out.
#ifdef __clang__
#define KEPT [[clang::noinline, gnu::used]]
#else
#define KEPT [[gnu::noipa, gnu::used]]
#endif

namespace outrider::test {

extern "C" {

KEPT int probe_add(int first, short second) { return first + second; }

KEPT const char* probe_text(const char* text, ProbeColor color, bool is_set, unsigned char byte,
                            double ratio, unsigned long behind) {
  const bool is_long = ratio > 1 && behind > byte && is_set && color != kProbeNone;
  return is_long ? "a result" : text;
}

KEPT long probe_many(long a, long b, long c, long d, long e, long f, long g, int h) {
  return a + b + c + d + e + f + g + h;
}

KEPT long probe_large(ProbeLarge large, int behind) { return large.numbers[3] + behind; }

KEPT int probe_recurse(int depth) { return depth == 0 ? 0 : 1 + probe_recurse(depth - 1); }

KEPT void probe_sleep(unsigned milliseconds) { ::usleep(milliseconds * 1000); }

}  // extern "C"

namespace probe_names {
KEPT int twice(int number) { return 2 * number; }
KEPT int twice(const char* text) { return text != nullptr ? 2 : 0; }
KEPT int Thing::member(int number) const { return base + number; }
}  // namespace probe_names

bool has_usdt() { return HAS_USDT != 0; }

#if HAS_USDT
void pass_usdt(int number, const char* text) {
  DTRACE_PROBE2(outrider_test, passed, number, text);
  if (number < 0) DTRACE_PROBE2(outrider_test, passed, number * 2, text);
}

bool pass_guarded_usdt(long number) {
  if (*const_cast<volatile unsigned short*>(&outrider_test_guarded_semaphore) == 0) return false;
  DTRACE_PROBE1(outrider_test, guarded, number);
  return true;
}
#else
void pass_usdt(int, const char*) {}
bool pass_guarded_usdt(long) { return false; }
#endif

}  // namespace outrider::test
