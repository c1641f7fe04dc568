// SPDX-License-Identifier: Apache-2.0
//
// What tests put probes on: compiled with debug information, and called by nobody else.
#pragma once

namespace outrider::test {

enum ProbeColor : int { kProbeRed = 1, kProbeBlue = 7, kProbeNone = -1 };

struct ProbeLarge {
  long numbers[4];
};

extern "C" {
int probe_add(int first, short second);
const char* probe_text(const char* text, ProbeColor color, bool is_set, unsigned char byte,
                       double ratio, unsigned long behind);
long probe_many(long a, long b, long c, long d, long e, long f, long g, int h);
long probe_large(ProbeLarge large, int behind);
int probe_recurse(int depth);
void probe_sleep(unsigned milliseconds);
}

namespace probe_names {
int twice(int number);
int twice(const char* text);
struct Thing {
  int base;
  int member(int number) const;
};
}  // namespace probe_names

// Whether the program was built with <sys/sdt.h>, and so has these probes:
// outrider_test:passed(number, text), twice, and outrider_test:guarded(number), only if somebody
// has raised its semaphore.
bool has_usdt();
void pass_usdt(int number, const char* text);
// Whether anybody listens.
bool pass_guarded_usdt(long number);

}  // namespace outrider::test
