// SPDX-License-Identifier: Apache-2.0
//
// Which of our programs the kernel holds now, for whom, and what they cost: read from the
// kernel, so that it holds for every process of ours.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace outrider {

// What one program did while it was watched.
struct ProgramRuns {
  std::uint64_t runs = 0;
  std::uint64_t time = 0;  // ns, of all runs
};

struct LoadedProgram {
  std::uint32_t id = 0;
  std::string name;         // as we know it; the kernel keeps 15 characters of it
  std::string attached_to;  // tracepoint or function; empty: attached to nothing (tail call)
  std::vector<pid_t> holders;
  std::uint32_t jited_size = 0;  // bytes of machine code
  // Nothing where the kernel does not tell.
  std::optional<std::uint64_t> recursion_misses;
  std::optional<std::uint32_t> verified_instructions;
  std::optional<ProgramRuns> measured;
};

// The maps that a process has open, in bytes.
struct MapMemory {
  std::uint64_t rings = 0;
  std::uint64_t maps = 0;  // others, as the kernel counts them
};

// A process that holds programs of ours.
struct ProgramHolder {
  pid_t pid = 0;
  std::string arguments;  // each followed by a NUL; not redacted
  MapMemory memory;
  std::optional<std::uint64_t> private_memory;  // bytes; of the maps nothing is in it
};

struct LoadedPrograms {
  std::vector<LoadedProgram> programs;  // by id
  std::vector<ProgramHolder> holders;   // by pid
};

// Finds the programs with these names that a process holds open; a name alone proves
// nothing, and what nobody holds is about to go. Sees the processes of our pid namespace.
// Needs CAP_SYS_ADMIN.
Result<LoadedPrograms> find_programs(const std::vector<std::string>& names);

// Of a process, whoever's maps they are; what it shares with others counts as well.
MapMemory map_memory_of(pid_t pid);

// Lets the kernel count for that long, and fills in `measured`. Costs every BPF program of
// the machine two looks at the clock per run meanwhile. Returns the time that it really
// took. Fails where the kernel does not count (needs CAP_SYS_ADMIN).
Result<std::chrono::nanoseconds> measure_programs(std::vector<LoadedProgram>& programs,
                                                  std::chrono::nanoseconds duration);

}  // namespace outrider
