// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sensors/probe/probe_value.h"

namespace outrider {

// How a function is given an argument, as far as its type says.
enum class PassedIn : std::uint8_t {
  kRegister,  // the next one for numbers and addresses, or the stack if there is none left
  kVector,    // a register for floating-point numbers, which programs are not given
  kStack,     // a structure that is too large for registers
  kUnclear,   // a small structure: nothing is known of it, nor of those behind it
};

struct FunctionParameter {
  std::string name;  // may be empty
  ProbeType type;
  PassedIn passed = PassedIn::kRegister;
  std::uint32_t size = 8;  // bytes; of kStack
};

// A function as its source declares it.
struct FunctionTypes {
  std::vector<FunctionParameter> parameters = {};
  ProbeType result = {};
  // It returns a structure, whose address it is given before all arguments.
  bool has_hidden_argument = false;
};

// The types of the function at this address of a program's file, from its debug information
// (DWARF), or that which is installed for it; false if there is none. What the module
// outrider_dwarf.so has.
using ReadFunctionTypes = bool (*)(int file, std::uint64_t address, FunctionTypes& types);
inline constexpr const char* kDwarfModule = "outrider_dwarf";
inline constexpr const char* kReadFunctionTypes = "outrider_read_function_types";

}  // namespace outrider
