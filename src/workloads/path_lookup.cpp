// SPDX-License-Identifier: Apache-2.0
#include "workloads/path_lookup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace outrider {

namespace {

constexpr std::size_t kViewsMax = 10'000;

std::uint32_t mount_namespace_of(const std::string& process) {
  struct stat status{};
  if (::stat((process + "/ns/mnt").c_str(), &status) != 0) return 0;
  return static_cast<std::uint32_t>(status.st_ino);
}

std::optional<std::string> path_of_descriptor(int descriptor) {
  std::array<char, 4096> link;
  const ssize_t length =
      ::readlink(fmt::format("/proc/self/fd/{}", descriptor).c_str(), link.data(), link.size());
  if (length <= 0 || static_cast<std::size_t>(length) == link.size()) return std::nullopt;
  return std::string(link.data(), static_cast<std::size_t>(length));
}

// `inside` as seen from `root`; both as the kernel shows them to us.
std::optional<std::string> below(std::string inside, const std::string& root) {
  if (root == "/") return inside;
  if (inside == root) return "/";
  if (!inside.starts_with(root) || inside[root.size()] != '/') return std::nullopt;
  return inside.substr(root.size());
}

}  // namespace

PathLookup::PathLookup() {
  struct stat root{};
  if (::stat("/", &root) == 0) own_.root_inode = root.st_ino;
  own_.mount_namespace = mount_namespace_of("/proc/self");
}

FileDescriptor PathLookup::root_of_pid(std::uint32_t pid, const View& view) {
  const std::string process = fmt::format("/proc/{}", pid);
  if (mount_namespace_of(process) != view.mount_namespace) return {};
  FileDescriptor root(::open((process + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status{};
  if (!root.valid() || ::fstat(root.get(), &status) != 0 || status.st_ino != view.root_inode) {
    return {};
  }
  return root;
}

FileDescriptor PathLookup::root_of(const wire_header& process) {
  const View view{process.mount_namespace, process.root_inode};
  if (view.mount_namespace == 0) return {};
  if (view == own_) return FileDescriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto seen = seen_.find(view);
  for (const std::uint32_t pid :
       {process.pid, process.ppid, seen != seen_.end() ? seen->second : 0}) {
    if (pid == 0) continue;
    FileDescriptor root = root_of_pid(pid, view);
    if (!root.valid()) continue;
    if (seen_.size() >= kViewsMax) seen_.clear();
    seen_[view] = pid;
    return root;
  }
  return {};
}

std::optional<std::string> PathLookup::find(const wire_header& process, std::string_view path,
                                            bool parent_only, bool follow) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  std::string_view last;
  if (parent_only) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    last = path.substr(slash + 1);
    if (last.empty() || last == "." || last == "..") return std::nullopt;
    path = path.substr(0, slash == 0 ? 1 : slash);
  }

  FileDescriptor root = root_of(process);
  if (!root.valid()) return std::nullopt;
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  if (!follow && !parent_only) how.flags |= O_NOFOLLOW;
  if (parent_only) how.flags |= O_DIRECTORY;  // nothing else has names below it
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED;
  FileDescriptor found(static_cast<int>(
      ::syscall(SYS_openat2, root.get(), std::string(path).c_str(), &how, sizeof(how))));
  if (!found.valid()) return std::nullopt;

  auto inside = path_of_descriptor(found.get());
  const auto root_path = path_of_descriptor(root.get());
  if (!inside || !root_path) return std::nullopt;
  auto seen_from_root = below(std::move(*inside), *root_path);
  if (!seen_from_root || !parent_only) return seen_from_root;
  if (seen_from_root->back() != '/') *seen_from_root += '/';
  *seen_from_root += last;
  return seen_from_root;
}

}  // namespace outrider
