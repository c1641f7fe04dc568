// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/tracefs.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/nearest.h"

namespace outrider {

namespace {

// Where it is mounted by habit.
constexpr const char* kPlaces[] = {"/sys/kernel/tracing/events",
                                   "/sys/kernel/debug/tracing/events"};
// Formats of real tracepoints have some 4 KB.
constexpr std::size_t kFormatMax = 256 * 1024;

// Linux 5.2. glibc has these from 2.36 on; Debian 12 has that.
FileDescriptor mount_for_us() {
  const FileDescriptor context(static_cast<int>(::syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC)));
  if (!context.valid()) return {};
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return {};
  }
  const FileDescriptor mount(
      static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY)));
  if (!mount.valid()) return {};
  return FileDescriptor(::openat(mount.get(), "events", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer, sizeof(buffer));
    if (count <= 0 || text.size() > kFormatMax) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<TraceEvents> TraceEvents::open() {
  for (const char* place : kPlaces) {
    FileDescriptor directory(::open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct statfs status{};
    if (directory.valid() && ::fstatfs(directory.get(), &status) == 0 &&
        status.f_type == TRACEFS_MAGIC) {
      return TraceEvents(std::move(directory));
    }
  }
  FileDescriptor directory = mount_for_us();
  if (!directory.valid()) {
    return fail_errno(
        "tracefs, where the kernel describes its tracepoints, is not at /sys/kernel/tracing, and "
        "cannot be mounted",
        errno);
  }
  return TraceEvents(std::move(directory));
}

Result<std::string> TraceEvents::format(std::string_view category, std::string_view name) const {
  const FileDescriptor file(::openat(
      directory_.get(), fmt::format("{}/{}/format", category, name).c_str(), O_RDONLY | O_CLOEXEC));
  if (file.valid()) return read_all(file.get());
  const auto fail_unknown = [](std::string_view what, std::string_view wrong,
                               const std::vector<std::string>& there, std::string_view who) {
    const std::vector<std::string_view> known(there.begin(), there.end());
    return fail(unknown_name(what, wrong, known, who), ExitCode::kBadInput);
  };
  if (const auto there = names(category); !there.empty()) {
    return fail_unknown(fmt::format("{} has no tracepoint", category), name, there,
                        fmt::format("outrider trace tp:{} --help", category));
  }
  return fail_unknown("no category of tracepoints is called", category, names(),
                      "outrider trace tp: --help");
}

std::vector<std::string> TraceEvents::names(std::string_view category) const {
  const std::string path = category.empty() ? "." : std::string(category);
  FileDescriptor descriptor(
      ::openat(directory_.get(), path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::vector<std::string> names;
  if (!descriptor.valid()) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(descriptor.get()), ::closedir);
  if (!directory) return names;
  std::ignore = descriptor.release();
  while (const dirent* entry = ::readdir(directory.get())) {
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace outrider
