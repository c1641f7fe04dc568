// SPDX-License-Identifier: Apache-2.0
//
// USDT probes: what <sys/sdt.h> leaves of them in the section .note.stapsdt of a program's file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/probe/probe_value.h"
#include "sensors/probe/probe_wire.h"

namespace outrider {

struct UsdtNote {
  std::uint64_t address = 0;    // of the instruction
  std::uint64_t base = 0;       // of .stapsdt.base when the note was made: it may have moved since
  std::uint64_t semaphore = 0;  // address of the counter of users; 0: it has none
  std::string_view provider;
  std::string_view name;
  std::string_view arguments;  // "-4@%edi 8@-16(%rbp)"

  bool operator==(const UsdtNote&) const = default;
};

// From the bytes of the section, which may be anybody's: what is malformed ends the list, and is
// told by `whole`.
std::vector<UsdtNote> parse_usdt_notes(std::string_view section, bool is_64, bool& whole);

// An argument: where a program finds it, and its type; kUnknown if it is where none can read it (a
// vector register), or in a form that is not known.
struct UsdtArgument {
  wire_probe_capture capture{};
  ProbeType type;
};

// All of a note's arguments, in their order. Addresses of symbols are taken as offsets from the
// instruction's own base only where the note has numbers.
std::vector<UsdtArgument> parse_usdt_arguments(std::string_view text);

}  // namespace outrider
