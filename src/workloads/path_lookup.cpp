// SPDX-License-Identifier: Apache-2.0
#include "workloads/path_lookup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace outrider {

namespace {

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

PathLookup::PathLookup() : own_(view_of_pid(static_cast<std::uint32_t>(::getpid()))) {}

FileDescriptor PathLookup::root_of(const wire_header& process) {
  if (own_.known() && view_of(process) == own_) {
    return FileDescriptor(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return roots_.find(process).directory;
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
