// SPDX-License-Identifier: Apache-2.0
#include "workloads/containers/host_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>

namespace outrider {

namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileVersion version_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .modified = nanoseconds(status.st_mtim),
          .changed = nanoseconds(status.st_ctim),
          .size = static_cast<std::uint64_t>(status.st_size)};
}

}  // namespace

HostFiles::HostFiles(std::string root) : root_(std::move(root)) {
  if (root_.empty()) return;
  root_directory_ = FileDescriptor(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat status{};
  if (root_directory_.valid() && ::fstat(root_directory_.get(), &status) == 0) {
    root_user_ = status.st_uid;
  }
}

FileDescriptor HostFiles::open(const std::string& path, std::uint64_t flags) const {
  if (!path.starts_with('/') || (!root_.empty() && !root_directory_.valid())) return {};
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  if (!root_.empty()) how.resolve |= RESOLVE_IN_ROOT;
  const int base = root_.empty() ? AT_FDCWD : root_directory_.get();
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_openat2, base, path.c_str(), &how, sizeof(how))));
}

std::optional<HostFile> HostFiles::look_at(const std::string& path) const {
  const FileDescriptor file = open(path, O_PATH | O_NOFOLLOW);
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  return HostFile{.text = {}, .owner = status.st_uid, .version = version_of(status)};
}

std::optional<HostFile> HostFiles::read(const std::string& path, std::size_t size_max) const {
  const FileDescriptor file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  HostFile read{.text = {}, .owner = status.st_uid, .version = version_of(status)};
  if (read.version.size > size_max) return std::nullopt;
  // It may grow, and the size that a file system tells may be wrong: one more byte shows it.
  std::size_t room = static_cast<std::size_t>(read.version.size) + 1;
  std::size_t length = 0;
  for (;;) {
    read.text.resize(room);
    const ssize_t got = ::read(file.get(), read.text.data() + length, room - length);
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
    if (length > size_max) return std::nullopt;
    if (length == room) room *= 2;
  }
  read.text.resize(length);
  return read;
}

std::optional<FileVersion> HostFiles::version_of_directory(const std::string& path) const {
  const FileDescriptor directory = open(path, O_PATH | O_DIRECTORY);
  struct stat status{};
  if (!directory.valid() || ::fstat(directory.get(), &status) != 0) return std::nullopt;
  return version_of(status);
}

std::vector<std::string> HostFiles::list(const std::string& path, std::size_t names_max) const {
  FileDescriptor descriptor = open(path, O_RDONLY | O_DIRECTORY);
  if (!descriptor.valid()) return {};
  // closedir() closes what it was given.
  const int taken = ::dup(descriptor.get());
  DIR* opened = taken < 0 ? nullptr : ::fdopendir(taken);
  if (opened == nullptr) {
    if (taken >= 0) ::close(taken);
    return {};
  }
  const auto close = [](DIR* stream) { ::closedir(stream); };
  const std::unique_ptr<DIR, decltype(close)> directory(opened, close);
  std::vector<std::string> names;
  while (names.size() < names_max) {
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

}  // namespace outrider
