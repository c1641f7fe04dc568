// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "syscalls/file_totals_wire.h"

namespace outrider {

// A call that returns how many bytes it has read from one descriptor, written to another, or both.
struct Transfer {
  std::string_view name;  // as in the table of calls
  wire_transfer places;
};

// All of them; static.
std::span<const Transfer> all_transfers();

}  // namespace outrider
