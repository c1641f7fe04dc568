// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/file_descriptor.h"
#include "events/wire.h"

namespace outrider {

// The number of a cgroup in its hierarchy, by which people know it; see wire_cgroup_id.
constexpr std::uint64_t cgroup_number(std::uint64_t id) {
  return id & ~(std::uint64_t{1} << WIRE_CGROUP_V1_BIT);
}

// In which hierarchies of cgroups workloads are told apart: the unified one, and where controllers
// are still in version 1, that of one of them.
struct CgroupHierarchies {
  std::string unified;  // where it is mounted; empty: nowhere
  // Of version 1; none where there is none.
  wire_controller controller = WIRE_CONTROLLER_NONE;
  std::uint32_t number = 0;  // of the hierarchy
  std::string version1;      // where it is mounted; empty: nowhere
};
// From /proc/self/mountinfo and /proc/cgroups.
CgroupHierarchies find_cgroup_hierarchies(const std::string& mountinfo = "/proc/self/mountinfo",
                                          const std::string& controllers = "/proc/cgroups");

// Paths of cgroups by id: the inode number of their directory, which is also the kernel's id, and
// with WIRE_CGROUP_V1_BIT in the hierarchy of version 1. Told by the kernel when one is made, asked
// for by file handle when it was there before. Not thread-safe.
class CgroupTable {
 public:
  // What is mounted nowhere is known only as the kernel tells it.
  explicit CgroupTable(const std::string& mountinfo = "/proc/self/mountinfo",
                       const std::string& controllers = "/proc/cgroups");

  // The path below the root of the hierarchy ("/" for the root itself), or an empty view
  // with data() == nullptr. Valid until the next call.
  std::string_view path_of(std::uint64_t id);

  void apply_made(const wire_cgroup& made);
  void forget(std::uint64_t id);

  // All there are now, parents first.
  void read(const std::function<void(std::uint64_t id, std::string_view path)>& take) const;

  [[nodiscard]] const CgroupHierarchies& hierarchies() const { return hierarchies_; }

 private:
  // By whether the id has WIRE_CGROUP_V1_BIT.
  struct Mount {
    std::string point;
    FileDescriptor directory;
  };

  CgroupHierarchies hierarchies_;
  std::array<Mount, 2> mounts_;
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
