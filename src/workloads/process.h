// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "events/value.h"
#include "events/wire.h"

namespace outrider {

// A text that may not be known: "" with known == false is unknown, not empty.
struct KnownText {
  std::string text;
  bool known = false;
  bool cut = false;

  [[nodiscard]] Value value() const { return known ? Value::of_text(text, cut) : Value::unknown(); }
};

// What a process acts with and in: it may change it at any time, and this is as its last fork or
// exec has left it, or as /proc had it since.
struct ProcessContext {
  // When it was so (boot time, ns); 0: nobody has told.
  std::uint64_t time = 0;
  // Of the same moment: an event that says otherwise comes after a change of which none has told.
  std::uint32_t uid = 0;
  std::uint32_t session_id = 0;

  // By enum wire_capabilities.
  std::optional<std::array<std::uint64_t, WIRE_CAPABILITIES_COUNT>> capabilities;
  // By enum wire_namespace: inode numbers; 0: unknown.
  std::array<std::uint32_t, WIRE_NAMESPACES_COUNT> namespaces{};
  std::optional<std::uint32_t> terminal;  // as /proc numbers it; 0: none
  std::optional<std::uint32_t> group_id;  // in the host's pid namespace
  // In its own pid namespace; 0: the leader is not in there.
  std::optional<std::uint32_t> vgroup_id;
  std::optional<std::uint32_t> vsession_id;
};

// The file that a process runs, as it was when it was run.
struct Executable {
  enum class Layer : std::uint8_t { kUnknown, kNone, kLower, kUpper };  // of an overlay

  std::uint64_t inode = 0;
  std::int64_t change_time = 0;  // of the inode, ns since 1970
  std::int64_t modify_time = 0;
  std::optional<bool> from_memfd;
  std::optional<bool> deleted;   // a memfd, which never had a name, is not
  std::optional<bool> writable;  // by who runs it, or they may make it so
  Layer layer = Layer::kUnknown;
};

// While only /proc has told us of a process.
inline constexpr std::uint64_t kNoExec = ~std::uint64_t{0};

// What is known of one process. (pid, start time) names it for good; a pid alone is
// used again (SEMANTICS 5).
struct Process {
  std::uint32_t pid = 0;         // in the host's namespace
  std::uint32_t vpid = 0;        // in its own; 0: unknown
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
  // The program's own name is one of them.
  std::optional<std::uint32_t> argument_count;
  // Bytes of the others, without what stands between; before anything was masked.
  std::optional<std::uint64_t> arguments_length;
  // KEY=value, a NUL after each, also after one that is cut; secrets masked. nullptr: not known, or
  // not asked for. Children share it with their parent.
  std::shared_ptr<const std::string> environment;
  bool environment_cut = false;
  std::uint64_t pid_namespace_start = 0;  // of its first process (boot time, ns); 0: unknown
  KnownText interpreter;                  // what was run for a script; empty: it is none

  std::optional<Executable> executable;
  ProcessContext context;

  // Where in the command line the first argument begins.
  [[nodiscard]] std::size_t first_argument() const {
    return std::min(program_size + 1, command_line.text.size());
  }
};

}  // namespace outrider
