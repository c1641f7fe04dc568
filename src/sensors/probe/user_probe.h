// SPDX-License-Identifier: Apache-2.0
//
// Probes in programs and libraries: at a function (uprobe), or where the program itself has put one
// (USDT).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sensors/probe/elf_file.h"
#include "sensors/probe/function_types.h"
#include "sensors/probe/probe_kind.h"

namespace outrider {

// Targets without their "uprobe:" and "usdt:".
Result<ProbeDescription> find_user_function(std::string_view target);
Result<ProbeDescription> find_usdt(std::string_view target);
// The probes of a program: "usdt:PATH:PROVIDER:NAME" each.
Result<std::vector<std::string>> list_usdt(std::string_view target);

// Where in a file a function is that people name as the linker does, or as its source does, with an
// offset or without; or an address.
struct FunctionPlace {
  std::uint64_t address = 0;  // with the offset
  std::uint64_t offset = 0;   // from the function's begin
};
Result<FunctionPlace> find_function(std::span<const ElfSymbol> functions, std::string_view name);

// What is captured of a function's arguments, and how they are called.
void lay_out_arguments(const FunctionTypes& types, ProbeDescription& description,
                       ProbeProgram& program);

// The types of a function of which nothing is known: as many arguments as registers have.
FunctionTypes unknown_types();

}  // namespace outrider
