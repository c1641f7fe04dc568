// SPDX-License-Identifier: Apache-2.0
#include "workloads/process_roots.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <string>

namespace outrider {

namespace {

constexpr std::size_t kViewsMax = 10'000;

std::uint32_t mount_namespace_of(const std::string& process) {
  struct stat status{};
  if (::stat((process + "/ns/mnt").c_str(), &status) != 0) return 0;
  return static_cast<std::uint32_t>(status.st_ino);
}

// Of the directory as the kernel has it: whoever serves it from elsewhere (FUSE) is not asked.
std::uint64_t inode_of(int directory) {
  struct statx status{};
  return ::statx(directory, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &status) == 0
             ? status.stx_ino
             : 0;
}

FileDescriptor open_root(const std::string& process) {
  return FileDescriptor(::open((process + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

FileDescriptor root_of_pid(std::uint32_t pid, const FileView& view) {
  const std::string process = fmt::format("/proc/{}", pid);
  if (mount_namespace_of(process) != view.mount_namespace) return {};
  FileDescriptor root = open_root(process);
  if (!root.valid() || inode_of(root.get()) != view.root_inode) return {};
  return root;
}

}  // namespace

FileView view_of_pid(std::uint32_t pid) {
  const std::string process = fmt::format("/proc/{}", pid);
  const FileDescriptor root = open_root(process);
  if (!root.valid()) return {};
  return {mount_namespace_of(process), inode_of(root.get())};
}

ProcessRoots::Root ProcessRoots::find(const FileView& view, std::uint32_t pid,
                                      std::uint32_t parent) {
  if (!view.known()) return {};
  const auto seen = seen_.find(view);
  for (const std::uint32_t candidate : {pid, parent, seen != seen_.end() ? seen->second : 0}) {
    if (candidate == 0) continue;
    FileDescriptor root = root_of_pid(candidate, view);
    if (!root.valid()) continue;
    if (seen_.size() >= kViewsMax) seen_.clear();
    seen_[view] = candidate;
    return {std::move(root), candidate};
  }
  return {};
}

}  // namespace outrider
