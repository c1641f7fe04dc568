// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bpf/kernel/cast_types.h"
#include "events/wire.h"
#include "syscalls/file_totals_wire.h"
#include "syscalls/slow_wire.h"
#include "syscalls/summary_wire.h"
#include "workloads/cgroups.h"

// Made by bpftool from all .bpf.c files; see cmake/BpfObject.cmake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include "outrider.skel.h"
#pragma GCC diagnostic pop

namespace outrider {

struct BpfObjectDeleter {
  void operator()(outrider_bpf* object) const { outrider_bpf::destroy(object); }
};
// Destroying it detaches and unloads everything.
using BpfObject = std::unique_ptr<outrider_bpf, BpfObjectDeleter>;

struct LoadedObject {
  BpfObject object;
  // What this kernel refused although it lists all that is needed, with the verifier's
  // words; empty if nothing. It is slower or sees less for that, and should be told.
  std::string refused;
};

// What is a constant of the loaded programs.
struct LoadOptions {
  std::uint32_t own_pid = 0;
  std::uint32_t ring_shift = 0;
  // With it, the exit of system calls adds up instead of sending.
  std::optional<wire_aggregation> aggregation = {};
  // Of the summary's programs; without it their maps are not made.
  std::optional<wire_call_summary> call_summary = {};
  // Of the totals of files: also of what is neither a file nor a disk.
  bool totals_of_all = false;
  // Without it everything is sent, and starting takes less time.
  bool use_filter = true;
  bool failed_execs = true;  // somebody may want them
  bool traced_calls = true;  // events of the kind syscall, or of groups of calls
  bool environment = false;  // of each program that is run, for the tables
  CgroupHierarchies hierarchies = {};
};

// Opens the object and loads these of its programs, with the fastest means that this
// kernel accepts; what is not needed is not loaded, and costs nothing. Programs for
// io_uring are left out, with no descriptor, if this kernel does not show its requests.
// libbpf's own words go into the error when it fails.
Result<LoadedObject> load_bpf_object(std::span<const std::string_view> programs,
                                     const LoadOptions& options);

// Bytes of struct wire_call_key that the keys of the summary's sums have.
std::size_t call_key_size(const wire_call_summary& summary);

// nullptr if the object has no such program.
bpf_program* find_program(const BpfObject& object, std::string_view name);

}  // namespace outrider
