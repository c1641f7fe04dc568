// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "language/condition.h"

namespace outrider {

// Calls about files are slow from 10 ms on, if a condition does not say otherwise.
inline constexpr std::uint64_t kUsualSlowBound = 10'000'000;  // ns

// From which time on an event of the kind fsslow may be wanted, ns. A condition (nullptr: none)
// that is about evt.latency decides it: never more than what it accepts, and 0 where that cannot be
// told from its form.
std::uint64_t slow_bound_of(const Condition* condition);

}  // namespace outrider
