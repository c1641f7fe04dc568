// SPDX-License-Identifier: Apache-2.0
#include "base/beneath.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <optional>

namespace outrider {

namespace {

constexpr int kLinksMax = 40;                 // MAXSYMLINKS of the kernel
constexpr std::size_t kDepthMax = 64;         // directories that are open at a time
constexpr std::size_t kMountsMax = 8u << 20;  // bytes; a line is some 100

// An overlay may lie upon something that is not here; that cannot be seen from outside.
constexpr std::string_view kLocalTypes[] = {
    "ext4",  "overlay", "tmpfs", "xfs",  "btrfs",    "ext3",     "ext2",
    "ramfs", "rootfs",  "zfs",   "f2fs", "bcachefs", "squashfs", "erofs",
};

// At most `limit` bytes; `descriptor` does not wait.
std::optional<FileContents> read_all(int descriptor, std::size_t limit) {
  FileContents contents;
  std::array<char, 16 * 1024> buffer;
  while (true) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::nullopt;
    if (size == 0) return contents;
    const std::size_t room = limit - contents.text.size();
    contents.cut = static_cast<std::size_t>(size) > room;
    contents.text.append(buffer.data(), std::min(static_cast<std::size_t>(size), room));
    if (contents.cut) return contents;
  }
}

// proc(5), mountinfo: "36 35 98:0 / /mnt/point options [optional]... - type source options".
// Blanks in paths are escaped.
std::optional<std::uint64_t> local_mount(std::string_view line) {
  std::uint64_t id = 0;
  if (std::from_chars(line.data(), line.data() + line.size(), id).ec != std::errc()) {
    return std::nullopt;
  }
  const std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(dash + 3);
  const std::string_view type = rest.substr(0, rest.find(' '));
  if (std::ranges::find(kLocalTypes, type) == std::end(kLocalTypes)) return std::nullopt;
  return id;
}

// Of the mount that it is on; the file system is not asked.
std::optional<std::uint64_t> mount_of(int descriptor) {
  const FileDescriptor info(
      ::open(fmt::format("/proc/self/fdinfo/{}", descriptor).c_str(), O_RDONLY | O_CLOEXEC));
  if (!info.valid()) return std::nullopt;
  const auto contents = read_all(info.get(), 4096);
  constexpr std::string_view kKey = "mnt_id:";
  const std::size_t at = contents ? contents->text.find(kKey) : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  const std::size_t number = contents->text.find_first_not_of(" \t", at + kKey.size());
  if (number == std::string::npos) return std::nullopt;
  std::uint64_t id = 0;
  const char* end = contents->text.data() + contents->text.size();
  if (std::from_chars(contents->text.data() + number, end, id).ec != std::errc()) {
    return std::nullopt;
  }
  return id;
}

std::int64_t nanoseconds(const statx_timestamp& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Of the object itself, as the kernel has it now: a server that is not here is not asked.
bool look_at(int descriptor, struct statx& status) {
  return ::statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                 STATX_TYPE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME, &status) == 0;
}

NotRead reason(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ENAMETOOLONG
             ? NotRead::kMissing
             : NotRead::kRefused;
}

}  // namespace

LocalMounts::LocalMounts(int mountinfo) {
  const auto contents = read_all(mountinfo, kMountsMax);
  if (!contents) return;
  std::string_view rest = contents->text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    // The last line of a table that was cut may end anywhere.
    if (end == std::string_view::npos) break;
    if (const auto id = local_mount(rest.substr(0, end))) ids_.push_back(*id);
    rest.remove_prefix(end + 1);
  }
  std::ranges::sort(ids_);
}

bool LocalMounts::hold(int descriptor) const {
  // As long as it is open, nobody else's mount gets the number.
  const auto id = mount_of(descriptor);
  return id && std::ranges::binary_search(ids_, *id);
}

std::expected<FoundFile, NotRead> find_beneath(int root, std::string_view path,
                                               const LocalMounts* mounts, mode_t type) {
  if (mounts != nullptr && !mounts->hold(root)) return std::unexpected(NotRead::kRefused);
  // The directories that we are in, beneath the root: ".." leads back to the last, wherever
  // somebody may have moved it meanwhile.
  std::vector<FileDescriptor> directories;
  std::string rest(path);
  int links = 0;
  while (true) {
    const std::size_t start = rest.find_first_not_of('/');
    // Nothing follows: it is a directory.
    if (start == std::string::npos) return std::unexpected(NotRead::kRefused);
    const std::size_t end = std::min(rest.find('/', start), rest.size());
    const std::string component = rest.substr(start, end - start);
    rest.erase(0, end);
    if (component == ".") continue;
    if (component == "..") {
      if (!directories.empty()) directories.pop_back();
      continue;
    }

    // A single name, of a file system that is local, and what is mounted there.
    open_how how{};
    how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const int directory = directories.empty() ? root : directories.back().get();
    FileDescriptor found(
        static_cast<int>(::syscall(SYS_openat2, directory, component.c_str(), &how, sizeof(how))));
    if (!found.valid()) return std::unexpected(reason(errno));
    if (mounts != nullptr && !mounts->hold(found.get())) {
      return std::unexpected(NotRead::kRefused);
    }
    struct statx status{};
    if (!look_at(found.get(), status)) return std::unexpected(NotRead::kRefused);

    if (S_ISLNK(status.stx_mode)) {
      std::array<char, PATH_MAX> target;
      const ssize_t size = ::readlinkat(found.get(), "", target.data(), target.size());
      if (size <= 0 || ++links > kLinksMax) return std::unexpected(NotRead::kRefused);
      if (target.front() == '/') directories.clear();
      rest.insert(0, target.data(), static_cast<std::size_t>(size));
      if (rest.size() > 2 * PATH_MAX) return std::unexpected(NotRead::kRefused);
    } else if (S_ISDIR(status.stx_mode)) {
      if (directories.size() >= kDepthMax) return std::unexpected(NotRead::kRefused);
      directories.push_back(std::move(found));
    } else if (!rest.empty()) {
      return std::unexpected(NotRead::kMissing);
    } else if ((status.stx_mode & S_IFMT) == type) {
      const std::uint64_t device = std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor;
      return FoundFile{std::move(found),
                       {.device = device,
                        .inode = status.stx_ino,
                        .size = status.stx_size,
                        .modified = nanoseconds(status.stx_mtime),
                        .changed = nanoseconds(status.stx_ctime)}};
    } else {
      return std::unexpected(NotRead::kRefused);
    }
  }
}

std::expected<FileContents, NotRead> read_found(const FoundFile& file, std::size_t limit) {
  // The very object that was looked at, whatever the name leads to by now.
  const FileDescriptor descriptor(
      ::open(fmt::format("/proc/self/fd/{}", file.descriptor.get()).c_str(),
             O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!descriptor.valid()) return std::unexpected(NotRead::kRefused);
  auto contents = read_all(descriptor.get(), limit);
  if (!contents) return std::unexpected(NotRead::kRefused);
  return std::move(*contents);
}

}  // namespace outrider
