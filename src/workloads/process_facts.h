// SPDX-License-Identifier: Apache-2.0
//
// What records, or /proc, say of a process, as the table keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "events/wire.h"
#include "workloads/process.h"

namespace outrider {

// The user namespace that the kernel starts with: PROC_USER_INIT_INO in linux/proc_ns.h.
inline constexpr std::uint32_t kFirstUserNamespace = 0xeffffffd;

// With what a process asks for access.
struct Credentials {
  std::uint32_t uid = 0;  // effective
  std::uint32_t gid = 0;
  std::optional<std::uint64_t> capabilities;  // effective
  std::uint32_t user_namespace = 0;
};

// Whether a process may write to a file, or may make it writable, by its mode and owner. nullopt
// if that depends on what is not known: its other groups, or who is who in its user namespace.
std::optional<bool> may_write(const wire_executable& file, const Credentials& credentials);

// A terminal's device as /proc and Falco have it, from major and minor number.
std::uint32_t terminal_number(std::uint32_t major, std::uint32_t minor);

ProcessContext context_of(const wire_header& header, const wire_context& context);

// Of an exec that succeeded; nullopt if the file could not be read.
std::optional<Executable> executable_of(const wire_exec& exec);

// Arguments, a NUL after each, perhaps masked and cut.
struct Arguments {
  std::string_view text;
  bool known = false;
  bool cut = false;
  // Of all that were given: how many, and their bytes without what ends each.
  std::optional<std::uint32_t> count = {};
  std::optional<std::uint64_t> length = {};
};
void set_arguments(Process& process, const Arguments& arguments);

// A NUL after each variable, perhaps masked; after the last perhaps none.
void set_environment(Process& process, std::string_view environment, bool known, bool cut);

}  // namespace outrider
