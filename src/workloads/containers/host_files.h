// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"

namespace outrider {

// What tells one version of a file from the next.
struct FileVersion {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified = 0;  // wall clock, ns
  std::int64_t changed = 0;   // the same, of its inode: what nobody can set
  std::uint64_t size = 0;

  bool operator==(const FileVersion&) const = default;
};

struct HostFile {
  std::string text;
  uid_t owner = 0;
  FileVersion version;
};

// Files that others have written, below a directory that stands for the machine's root.
// Immutable, so safe to share between threads; each call may hang as long as the file system does.
class HostFiles {
 public:
  // "" is the machine's own root, and nothing is looked up again. Any other directory cannot be
  // left by links.
  explicit HostFiles(std::string root);

  // The whole of a regular file of at most `size_max` bytes, or nullopt for whatever reason. The
  // last component is not followed if it is a link; nothing waits for a FIFO, and no link of
  // /proc is followed.
  [[nodiscard]] std::optional<HostFile> read(const std::string& path, std::size_t size_max) const;
  // The same without its text.
  [[nodiscard]] std::optional<HostFile> look_at(const std::string& path) const;
  // The directory's own version; it changes when an entry comes or goes.
  [[nodiscard]] std::optional<FileVersion> version_of_directory(const std::string& path) const;
  // Names of what is in a directory but "." and "..", at most `names_max`; without a promise of
  // order.
  [[nodiscard]] std::vector<std::string> list(const std::string& path, std::size_t names_max) const;

  // Who owns what nobody else may write: 0, or the owner of the directory given for the root.
  [[nodiscard]] uid_t root_user() const { return root_user_; }

 private:
  [[nodiscard]] FileDescriptor open(const std::string& path, std::uint64_t flags) const;

  std::string root_;
  FileDescriptor root_directory_;
  uid_t root_user_ = 0;
};

}  // namespace outrider
