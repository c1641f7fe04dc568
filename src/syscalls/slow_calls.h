// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "syscalls/slow_wire.h"

namespace outrider {

// A call about a file that is timed for the kind fsslow.
struct SlowCall {
  std::string_view name;  // as in the table of calls
  wire_slow_call row;
};

// All of them; static.
std::span<const SlowCall> all_slow_calls();

}  // namespace outrider
