// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/file_descriptor.h"
#include "events/wire.h"

namespace outrider {

// What a process sees of the file systems: the same for all of a container. Both numbers are used
// again when nobody has them any more.
struct FileView {
  std::uint32_t mount_namespace = 0;  // its inode number; 0: unknown
  std::uint64_t root_inode = 0;

  [[nodiscard]] bool known() const { return mount_namespace != 0; }
  bool operator==(const FileView&) const = default;
};

struct FileViewHash {
  std::size_t operator()(const FileView& view) const {
    return std::hash<std::uint64_t>()(view.root_inode * 31 + view.mount_namespace);
  }
};

inline FileView view_of(const wire_header& process) {
  return {process.mount_namespace, process.root_inode};
}

// Of a living process; not known() if it has gone, or may not be looked at.
FileView view_of_pid(std::uint32_t pid);

// Finds the root directories of processes. A process that has gone is stood in for by another of
// the same view. Waits for no file system. Not thread-safe.
class ProcessRoots {
 public:
  struct Root {
    FileDescriptor directory;  // O_PATH; not valid if there is nobody of this view
    std::uint32_t pid = 0;     // whose it is
  };

  Root find(const wire_header& process) {
    return find(view_of(process), process.pid, process.ppid);
  }
  // Of `pid` or `parent`, if they have this view, or of somebody who was found with it before.
  Root find(const FileView& view, std::uint32_t pid, std::uint32_t parent);

 private:
  std::unordered_map<FileView, std::uint32_t, FileViewHash> seen_;
};

}  // namespace outrider
