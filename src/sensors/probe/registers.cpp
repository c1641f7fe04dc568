// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/registers.h"

#include <sys/user.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>

namespace outrider {

#if defined(__x86_64__)

namespace {

struct Register {
  std::uint16_t place;
  std::string_view names[4];  // of 64, 32, 16 and 8 bits
};

#define PLACE(name) offsetof(user_regs_struct, name)
constexpr Register kRegisters[] = {
    {PLACE(rax), {"rax", "eax", "ax", "al"}},      {PLACE(rbx), {"rbx", "ebx", "bx", "bl"}},
    {PLACE(rcx), {"rcx", "ecx", "cx", "cl"}},      {PLACE(rdx), {"rdx", "edx", "dx", "dl"}},
    {PLACE(rsi), {"rsi", "esi", "si", "sil"}},     {PLACE(rdi), {"rdi", "edi", "di", "dil"}},
    {PLACE(rbp), {"rbp", "ebp", "bp", "bpl"}},     {PLACE(rsp), {"rsp", "esp", "sp", "spl"}},
    {PLACE(r8), {"r8", "r8d", "r8w", "r8b"}},      {PLACE(r9), {"r9", "r9d", "r9w", "r9b"}},
    {PLACE(r10), {"r10", "r10d", "r10w", "r10b"}}, {PLACE(r11), {"r11", "r11d", "r11w", "r11b"}},
    {PLACE(r12), {"r12", "r12d", "r12w", "r12b"}}, {PLACE(r13), {"r13", "r13d", "r13w", "r13b"}},
    {PLACE(r14), {"r14", "r14d", "r14w", "r14b"}}, {PLACE(r15), {"r15", "r15d", "r15w", "r15b"}},
};
// System V ABI for AMD64, 3.2.3.
constexpr std::uint16_t kArguments[] = {PLACE(rdi), PLACE(rsi), PLACE(rdx),
                                        PLACE(rcx), PLACE(r8),  PLACE(r9)};

}  // namespace

std::optional<std::uint16_t> register_place(std::string_view name) {
  if (!name.starts_with('%')) return std::nullopt;
  name.remove_prefix(1);
  for (const Register& each : kRegisters) {
    if (std::ranges::find(each.names, name) != std::end(each.names)) return each.place;
  }
  return std::nullopt;
}

std::uint16_t stack_pointer_place() { return PLACE(rsp); }
std::uint16_t result_place() { return PLACE(rax); }
#undef PLACE

#elif defined(__aarch64__)

namespace {

constexpr std::uint16_t place_of(int number) {
  return static_cast<std::uint16_t>(offsetof(user_regs_struct, regs) + 8 * number);
}
// Procedure Call Standard for the Arm 64-bit Architecture, 6.8.2.
constexpr std::uint16_t kArguments[] = {place_of(0), place_of(1), place_of(2), place_of(3),
                                        place_of(4), place_of(5), place_of(6), place_of(7)};

}  // namespace

std::optional<std::uint16_t> register_place(std::string_view name) {
  if (name == "sp") return stack_pointer_place();
  if (!name.starts_with('x') && !name.starts_with('w')) return std::nullopt;
  int number = -1;
  const auto [end, error] = std::from_chars(name.data() + 1, name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number < 0 || number > 30) {
    return std::nullopt;
  }
  return place_of(number);
}

std::uint16_t stack_pointer_place() { return offsetof(user_regs_struct, sp); }
std::uint16_t result_place() { return place_of(0); }

#endif

std::span<const std::uint16_t> argument_places() { return kArguments; }

}  // namespace outrider
