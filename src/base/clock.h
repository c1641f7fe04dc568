// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <cstdint>

namespace outrider {

inline std::uint64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// Nanoseconds since boot, suspended time included: bpf_ktime_get_boot_ns().
inline std::uint64_t boot_time() { return read_clock(CLOCK_BOOTTIME); }

// Wall clock minus boot clock, nanoseconds.
inline std::int64_t wall_clock_offset() {
  return static_cast<std::int64_t>(read_clock(CLOCK_REALTIME)) -
         static_cast<std::int64_t>(boot_time());
}

}  // namespace outrider
