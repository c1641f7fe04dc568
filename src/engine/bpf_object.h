// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "events/wire.h"

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

// Which programs to load; what is not needed is not loaded, and costs nothing.
struct BpfPrograms {
  bool system_calls = false;
  bool processes = false;
  // File requests by io_uring; left out if this kernel does not show them.
  bool io_uring = false;
};

// Opens and loads the object, with the fastest means that this kernel accepts. libbpf's
// own words go into the error when it fails.
Result<BpfObject> load_bpf_object(const BpfPrograms& programs, std::uint32_t own_pid,
                                  std::uint32_t cpus_shift);

}  // namespace outrider
