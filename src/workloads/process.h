// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "events/value.h"

namespace outrider {

// A text that may not be known: "" with known == false is unknown, not empty.
struct KnownText {
  std::string text;
  bool known = false;
  bool cut = false;

  [[nodiscard]] Value value() const { return known ? Value::of_text(text, cut) : Value::unknown(); }
};

// While only /proc has told us of a process.
inline constexpr std::uint64_t kNoExec = ~std::uint64_t{0};

// What is known of one process. (pid, start time) names it for good; a pid alone is
// used again (SEMANTICS 5).
struct Process {
  std::uint32_t pid = 0;         // in the host's namespace
  std::uint64_t start_time = 0;  // boot time, ns; see exact
  // False while only /proc has told us the start time, in clock ticks.
  bool exact = false;
  std::uint64_t exec_id = kNoExec;  // of the program that it runs; see wire_header
  bool kernel_thread = false;
  bool exited = false;

  std::uint32_t parent_pid = 0;
  std::uint64_t parent_start_time = 0;

  KnownText name;  // comm of its first thread
  KnownText exe;   // as the kernel has it, seen from the root of the process
  KnownText cwd;   // of that inode; see cwd_inode
  std::uint64_t cwd_inode = 0;
  // Arguments with a space between, redacted. Made once: most events of a process show it.
  KnownText command_line;
  std::size_t program_size = 0;  // of the program's own name, with which it begins
  std::uint32_t argument_count = 0;

  // Where in the command line the first argument begins.
  [[nodiscard]] std::size_t first_argument() const {
    return std::min(program_size + 1, command_line.text.size());
  }
};

}  // namespace outrider
