// SPDX-License-Identifier: Apache-2.0
//
// Words for the tables of names: number_names_*.cpp. What the headers of the oldest system that we
// build on have is taken from there, by its own name; what is newer stands there as a number, with
// the header of the kernel that has it.
#pragma once

#include "syscalls/number_names.h"

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define NAMED(name) {#name, static_cast<std::uint64_t>(name)}

namespace outrider::names {

// All bits are one number.
inline constexpr std::uint64_t kWhole = ~std::uint64_t{0};

// Numbers of arguments have 32 bits, also those that are less than 0.
constexpr std::uint64_t negative(int number) { return static_cast<std::uint32_t>(number); }

}  // namespace outrider::names
