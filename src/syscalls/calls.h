// SPDX-License-Identifier: Apache-2.0
//
// The table of system calls: what each is called, its number on each architecture,
// which kind of event it makes, and what its arguments are. Both halves are made
// from it: what the kernel program reads, and how user space shows it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/wire.h"

namespace outrider {

enum class ArgumentType : std::uint8_t {
  kNone,
  kDirectory,  // a descriptor that the next path is relative to
  kPath,       // text, relative to the directory before it or to the cwd
  kText,       // text that is no path of the caller's: the target of symlink(2)
  kDescriptor,
  kOpenFlags,
  kMode,
  kOpenHow,  // a pointer to an open_how; read as flags, mode, resolve
  kAtFlags,
  kRenameFlags,
  kUser,  // -1: unchanged
  kGroup,
  kUser16,  // the same in 16 bits (i386)
  kGroup16,
  kSize,
  kSizeLow,  // halves of a 64-bit number (i386)
  kSizeHigh,
  kOther,  // shown as a number
};

struct Argument {
  ArgumentType type = ArgumentType::kNone;
  std::string_view name;
};

// A number that a word size or architecture does not have.
inline constexpr std::int16_t kNoNumber = -1;

struct Call {
  std::string_view name;
  std::int16_t x86_64;
  std::int16_t i386;
  std::int16_t arm64;
  wire_kind kind;
  wire_resolve resolve;
  std::array<Argument, 6> arguments;
  // If argument & mask, the event is of this kind instead.
  wire_kind other_kind = WIRE_NONE;
  std::uint8_t other_argument = 0;
  std::uint32_t other_mask = 0;
  wire_tail tail = WIRE_TAIL_NONE;
};

std::span<const Call> all_calls();

// The number of a call for the machine this is compiled for; kNoNumber if it has none.
std::int16_t number_of(const Call& call, wire_abi abi);

// The row of a call, or nullptr.
const Call* find_call(wire_abi abi, std::uint16_t number);

// What the kernel program needs of a row.
wire_call to_wire(const Call& call);

// Place of the first argument of this type, or -1.
int place_of(const Call& call, ArgumentType type);

}  // namespace outrider
