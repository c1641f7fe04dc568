// SPDX-License-Identifier: Apache-2.0
#include "workloads/cgroups.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

#include "events/decode.h"

namespace outrider {

namespace {

// include/linux/exportfs.h: FILEID_KERNFS, a handle that is the 64-bit inode number.
constexpr int kFileIdKernfs = 0xfe;
// Ids that are looked up only once whether they are found or not; then all are forgotten.
constexpr std::size_t kRemembered = 100'000;

// proc(5): blanks and backslashes in the paths of mountinfo are a backslash and three octal
// digits.
std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned byte = 0;
    const char* digits = text.data() + 1;
    if (text.front() == '\\' && text.size() >= 4 &&
        std::from_chars(digits, digits + 3, byte, 8).ptr == digits + 3) {
      out += static_cast<char>(byte);
      text.remove_prefix(4);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// proc(5), mountinfo: "36 35 98:0 / /mnt/point options - type source options".
std::string find_unified_mount(const std::string& mountinfo) {
  std::ifstream mounts(mountinfo);
  std::string line;
  while (std::getline(mounts, line)) {
    const std::size_t dash = line.find(" - cgroup2 ");
    if (dash == std::string::npos) continue;
    std::size_t at = 0;
    for (int field = 0; field < 4; ++field) at = line.find(' ', at) + 1;
    return unescape(line.substr(at, line.find(' ', at) - at));
  }
  return {};
}

}  // namespace

CgroupTable::CgroupTable(const std::string& mountinfo)
    : mount_point_(find_unified_mount(mountinfo)) {
  if (!mount_point_.empty()) {
    mount_ = FileDescriptor(::open(mount_point_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
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
  if (!mount_.valid()) return {};

  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof(id)> bytes{};
  auto* handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof(id);
  handle->handle_type = kFileIdKernfs;
  std::memcpy(bytes.data() + sizeof(file_handle), &id, sizeof(id));
  FileDescriptor directory(::open_by_handle_at(mount_.get(), handle, O_RDONLY | O_CLOEXEC));
  if (!directory.valid()) return {};
  std::array<char, 4096> link;
  const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", directory.get()).c_str(),
                                    link.data(), link.size());
  if (length < 0) return {};
  std::string_view path(link.data(), static_cast<std::size_t>(length));
  if (!path.starts_with(mount_point_)) return {};
  path.remove_prefix(mount_point_.size());
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

}  // namespace outrider
