// SPDX-License-Identifier: Apache-2.0
//
// Reading a file of somebody who may mean us harm, beneath a root that is theirs.
//
// What can be in the way: links that lead out of the root; a FIFO, a device or a file of /proc in
// place of the file (some wait, some lose what is read); a file system of theirs that never
// answers, which cannot even be asked for its type without waiting. Whoever waits for such a one
// cannot be killed. So the path is walked by component, and the kernel's table of mounts is asked
// about each mount before anything on it is.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"

namespace outrider {

// The mounts that one process sees whose files are the machine's own: on disk or in memory.
// Neither the network's, nor FUSE, nor those that the kernel makes up (/proc). Only read after it
// was made.
class LocalMounts {
 public:
  // `mountinfo`: an open /proc/PID/mountinfo, which stays good after the process has gone.
  explicit LocalMounts(int mountinfo);

  // Whether `descriptor` is on one of them. Waits for nobody. A mount that has come since, and one
  // beyond the 8 MB of the table that are read, is not.
  [[nodiscard]] bool hold(int descriptor) const;

 private:
  std::vector<std::uint64_t> ids_;  // in order
};

enum class NotRead : std::uint8_t {
  kMissing,  // there is no such file
  kRefused,  // it is of another type, on a mount that is not local, too large, or in error
};

// A file as it was: what differs has changed.
struct FoundVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // wall clock, ns
  std::int64_t changed = 0;   // the same, of the inode

  bool operator==(const FoundVersion&) const = default;
};

// A file that has been found, and not opened yet.
struct FoundFile {
  FileDescriptor descriptor;  // O_PATH
  FoundVersion version;
};

// Finds `path` as a process with this root does that follows links; ".." and absolute links end
// at the root. `mounts` are of a process with that root; nullptr if all that is beneath it is
// trusted. `type` is what it must be: a regular file, or a socket (S_IFSOCK). At most 40 links, as
// the kernel follows, and 64 directories deep.
std::expected<FoundFile, NotRead> find_beneath(int root, std::string_view path,
                                               const LocalMounts* mounts, mode_t type = S_IFREG);

// All that is in a regular file, at most `limit` bytes; `cut` says whether there was more.
struct FileContents {
  std::string text;
  bool cut = false;
};
std::expected<FileContents, NotRead> read_found(const FoundFile& file, std::size_t limit);

}  // namespace outrider
