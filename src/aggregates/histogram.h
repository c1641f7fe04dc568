// SPDX-License-Identifier: Apache-2.0
//
// How often numbers of which size came: a slot for each power of two.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/descriptor.h"
#include "events/wire.h"

namespace outrider {

// Slot 0 is for negative numbers, 1 for 0, and 2 + n for those from 2^n to below 2^(n+1). The
// kernel programs have the same: src/bpf/kernel/aggregate.bpf.h.
using Histogram = std::array<std::uint64_t, WIRE_HISTOGRAM_SLOTS>;

std::size_t slot_of(std::uint64_t number);
std::size_t slot_of(std::int64_t number);

// The smallest number of a slot; not of slot 0.
std::uint64_t first_of(std::size_t slot);

// How the bounds of slots are written.
enum class Scale : std::uint8_t {
  kNumber,    // 4K: 4096
  kBytes,     // 4KiB
  kDuration,  // 4.0us
};
Scale scale_of(const FieldDescriptor& field);

// Lines for a terminal, from the first slot that has something to the last; nothing if none has:
//   [1K, 2K)                123 |@@@@@@@@@@                              |
// `width` columns of the terminal at most, if it is not less than 50.
void append_histogram(std::string& out, const Histogram& histogram, Scale scale, std::size_t width);

// An array of objects with "from", "below" and "count", numbers without a unit; bounds that do not
// exist or do not fit 64 bits are left out.
void append_histogram_json(std::string& out, const Histogram& histogram);

}  // namespace outrider
