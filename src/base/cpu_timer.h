// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>

#include "base/clock.h"

namespace outrider {

// What the calling thread has used of a CPU, in nanoseconds. A system call, of some 200 ns.
inline std::uint64_t thread_cpu_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

// Adds to `sum` what its thread uses of a CPU during its life, in nanoseconds.
template <typename Sum>
class ThreadCpuTimer {
 public:
  explicit ThreadCpuTimer(Sum& sum) : sum_(sum) {}
  ~ThreadCpuTimer() { sum_ += thread_cpu_time() - begun_; }
  ThreadCpuTimer(const ThreadCpuTimer&) = delete;
  ThreadCpuTimer& operator=(const ThreadCpuTimer&) = delete;

 private:
  Sum& sum_;
  std::uint64_t begun_ = thread_cpu_time();
};

}  // namespace outrider
