// SPDX-License-Identifier: Apache-2.0
#include "workloads/cgroups.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>

#include "events/decode.h"
#include "workloads/proc_text.h"

namespace outrider {

namespace {

// include/linux/exportfs.h: FILEID_KERNFS, a handle that is the 64-bit inode number.
constexpr int kFileIdKernfs = 0xfe;
// That of each hierarchy's root: cgroup_setup_root() of the kernel makes sure of it.
constexpr std::uint64_t kRootNumber = 1;
// Ids that are looked up only once whether they are found or not; then all are forgotten.
constexpr std::size_t kRemembered = 100'000;

// Deeper cgroups are not looked for; more than anybody makes.
constexpr std::size_t kDeepest = 64;

bool has_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    if (options.substr(0, comma) == wanted) return true;
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  return false;
}

// By enum wire_controller.
constexpr std::string_view kControllers[] = {"", "pids", "cpu", "devices", "memory"};
static_assert(std::size(kControllers) == WIRE_CONTROLLER_LIMIT);

}  // namespace

CgroupHierarchies find_cgroup_hierarchies(const std::string& mountinfo,
                                          const std::string& controllers) {
  CgroupHierarchies found;
  // cgroups(7): "name hierarchy number-of-cgroups enabled"; hierarchy 0 is the unified one, or
  // none.
  std::array<std::uint32_t, WIRE_CONTROLLER_LIMIT> numbers{};
  std::ifstream listed(controllers);
  std::string line;
  while (std::getline(listed, line)) {
    std::istringstream words(line);
    std::string name;
    std::uint32_t number = 0;
    if (!(words >> name >> number)) continue;
    const auto* const place = std::ranges::find(kControllers, name);
    if (place != std::end(kControllers)) {
      numbers[static_cast<std::size_t>(place - std::begin(kControllers))] = number;
    }
  }
  for (std::size_t i = WIRE_CONTROLLER_LIMIT - 1; i > WIRE_CONTROLLER_NONE; --i) {
    if (numbers[i] == 0) continue;
    found.controller = static_cast<wire_controller>(i);
    found.number = numbers[i];
  }
  std::ifstream mounts(mountinfo);
  while (std::getline(mounts, line)) {
    const auto mount = parse_mount_line(line);
    if (!mount) continue;
    if (mount->type == "cgroup2" && found.unified.empty()) found.unified = mount->point;
    if (mount->type == "cgroup" && found.controller != WIRE_CONTROLLER_NONE &&
        found.version1.empty() &&
        has_option(mount->file_system_options, kControllers[found.controller])) {
      found.version1 = mount->point;
    }
  }
  return found;
}

CgroupTable::CgroupTable(const std::string& mountinfo, const std::string& controllers)
    : hierarchies_(find_cgroup_hierarchies(mountinfo, controllers)) {
  mounts_[0].point = hierarchies_.unified;
  mounts_[1].point = hierarchies_.version1;
  for (Mount& mount : mounts_) {
    if (mount.point.empty()) continue;
    mount.directory =
        FileDescriptor(::open(mount.point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
}

std::string_view CgroupTable::path_of(std::uint64_t id) {
  if (last_ != nullptr && id == last_id_) return *last_;
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) {
    if (!found->second.known) return {};
    last_id_ = id;
    last_ = &found->second.path;
    return *last_;
  }
  forget_if_many();
  Entry& entry = by_id_[id];
  const std::uint64_t inode = cgroup_number(id);
  // Also where no hierarchy is mounted to be asked: with version 1 only, who is in no cgroup of it
  // is in the root of the unified one.
  if (inode == kRootNumber) {
    entry = {.path = "/", .known = true};
    return entry.path;
  }
  const Mount& mount = mounts_[id >> WIRE_CGROUP_V1_BIT];
  if (!mount.directory.valid()) return {};

  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof(inode)> bytes{};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof(inode);
  handle->handle_type = kFileIdKernfs;
  std::memcpy(bytes.data() + sizeof(file_handle), &inode, sizeof(inode));
  FileDescriptor directory(
      ::open_by_handle_at(mount.directory.get(), handle, O_RDONLY | O_CLOEXEC));
  if (!directory.valid()) return {};
  std::array<char, 4096> link;
  const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", directory.get()).c_str(),
                                    link.data(), link.size());
  if (length < 0) return {};
  std::string_view path(link.data(), static_cast<std::size_t>(length));
  if (!path.starts_with(mount.point)) return {};
  path.remove_prefix(mount.point.size());
  entry.path = path.empty() ? "/" : std::string(path);
  entry.known = true;
  return entry.path;
}

void CgroupTable::forget_if_many() {
  last_ = nullptr;
  if (by_id_.size() >= kRemembered) by_id_.clear();
}

void CgroupTable::apply_made(const wire_cgroup& made) {
  if (made.path.state != WIRE_STRING_WHOLE) return;
  forget_if_many();
  by_id_[made.id] = {std::string(string_at(&made.path, 0, payload_of(made))), true};
}

void CgroupTable::forget(std::uint64_t id) {
  last_ = nullptr;
  by_id_.erase(id);
}

namespace {

using Take = std::function<void(std::uint64_t, std::string_view)>;

// `path` is that of the directory, without a slash at its end.
void read_beneath(const FileDescriptor& directory, std::uint64_t mark, std::string& path,
                  std::size_t depth, const Take& take) {
  struct stat status{};
  if (depth > kDeepest || ::fstat(directory.get(), &status) != 0) return;
  take(status.st_ino | mark, path.empty() ? "/" : std::string_view(path));
  std::unique_ptr<DIR, int (*)(DIR*)> entries(
      ::fdopendir(::fcntl(directory.get(), F_DUPFD_CLOEXEC, 0)), ::closedir);
  if (!entries) return;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    FileDescriptor child(
        ::openat(directory.get(), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!child.valid()) continue;
    const std::size_t length = path.size();
    path += '/';
    path += name;
    read_beneath(child, mark, path, depth + 1, take);
    path.resize(length);
  }
}

}  // namespace

void CgroupTable::read(const Take& take) const {
  for (std::size_t i = 0; i < mounts_.size(); ++i) {
    if (!mounts_[i].directory.valid()) continue;
    FileDescriptor top(
        ::openat(mounts_[i].directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::string path;
    if (top.valid()) {
      read_beneath(top, std::uint64_t{i} << WIRE_CGROUP_V1_BIT, path, 0, take);
    }
  }
}

}  // namespace outrider
