// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/file_descriptor.h"
#include "events/wire.h"

namespace outrider {

// Paths of cgroups in the unified hierarchy by id (the inode number of their directory,
// also the kernel's cgroup id). Told by the kernel when one is made, asked for by file
// handle when it was there before. Not thread-safe.
class CgroupTable {
 public:
  // Finds in `mountinfo` where the unified hierarchy is mounted; without one, only what
  // the kernel tells is known.
  explicit CgroupTable(const std::string& mountinfo = "/proc/self/mountinfo");

  // The path below the root of the hierarchy ("/" for the root itself), or an empty view
  // with data() == nullptr. Valid until the next call.
  std::string_view path_of(std::uint64_t id);

  void apply_made(const wire_cgroup& made);

  [[nodiscard]] const std::string& mount_point() const { return mount_point_; }

 private:
  std::string mount_point_;
  FileDescriptor mount_;
  struct Entry {
    std::string path;
    bool known = false;
  };
  std::unordered_map<std::uint64_t, Entry> by_id_;
  // Of the last lookup: events come in runs.
  std::uint64_t last_id_ = 0;
  const std::string* last_ = nullptr;

  void forget_if_many();
};

}  // namespace outrider
