// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace outrider {

// Where a register is in what programs at functions are given (struct pt_regs, which begins as
// user_regs_struct), by the name that assemblers give it, also to a part of it that begins with its
// lowest bit: "%edi". Nothing for others.
std::optional<std::uint16_t> register_place(std::string_view name);

// Of those that hold the first arguments of a function, in their order.
std::span<const std::uint16_t> argument_places();
std::uint16_t stack_pointer_place();
std::uint16_t result_place();

// Where the first argument is that is not in a register: so many bytes from the stack pointer, as
// the function begins.
inline constexpr std::int64_t kStackArguments =
#if defined(__x86_64__)
    8;
#else
    0;
#endif

}  // namespace outrider
