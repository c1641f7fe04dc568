// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "events/wire.h"
#include "workloads/path_finder.h"
#include "workloads/process_roots.h"

namespace outrider {

// Finds out, after the call, what a path leads to for the process that made it: for
// calls that leave no descriptor behind whose object the kernel program could walk.
//
// What it says is true now, not certainly then: whoever reads it is told (fd.realpath_by).
// It never waits: only what the kernel has in its cache of names is looked at
// (RESOLVE_CACHED), so that a hostile file system cannot hold us up, and no magic link is
// followed. A process that has gone is stood in for by another with the same root and
// mount namespace. Not thread-safe.
class PathLookup : public PathFinder {
 public:
  PathLookup();

  std::optional<std::string> find(const wire_header& process, std::string_view path,
                                  bool parent_only, bool follow) override;

 private:
  FileDescriptor root_of(const wire_header& process);

  FileView own_;
  ProcessRoots roots_;
};

}  // namespace outrider
