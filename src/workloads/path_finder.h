// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/wire.h"

namespace outrider {

// Who says what a path leads to: the machine (PathLookup), or a recording of what it said. Not
// thread-safe.
class PathFinder {
 public:
  PathFinder() = default;
  PathFinder(const PathFinder&) = delete;
  PathFinder& operator=(const PathFinder&) = delete;
  virtual ~PathFinder() = default;

  // The path as seen from the root of the process, or nullopt. `path` is absolute, not
  // made shorter; `follow` is whether the call followed a symbolic link at its end.
  // `parent_only`: the last component is taken as it is and only what is before it is
  // looked up: for names that have just gone, or come.
  virtual std::optional<std::string> find(const wire_header& process, std::string_view path,
                                          bool parent_only, bool follow) = 0;
};

}  // namespace outrider
