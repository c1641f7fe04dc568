// SPDX-License-Identifier: Apache-2.0
#include "sensors/probe/program_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "base/beneath.h"

namespace outrider {

namespace {

// Where ld.so(8) looks by itself, with what Debian and Fedora have it look at.
constexpr std::string_view kLibraryPlaces[] = {
#if defined(__x86_64__)
    "/lib/x86_64-linux-gnu",
    "/usr/lib/x86_64-linux-gnu",
    "/lib64",
    "/usr/lib64",
#elif defined(__aarch64__)
    "/lib/aarch64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib64",
    "/usr/lib64",
#endif
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
};

std::unexpected<Error> not_a_file(std::string_view path, int error) {
  auto failure = fail_errno(fmt::format("open {}", path), error);
  failure.error().code = ExitCode::kBadInput;
  return failure;
}

// Not of a FIFO or a device, which would keep us waiting.
Result<FileDescriptor> open_regular(const std::string& path, std::string_view shown) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) return not_a_file(shown, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return not_a_file(shown, errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(fmt::format("{} is no regular file", shown), ExitCode::kBadInput);
  }
  return file;
}

struct Rooted {
  std::string process;  // "/proc/17"
  std::string_view path;
};

// "/proc/17/root/usr/lib/x.so" in its parts.
std::optional<Rooted> parse_rooted(std::string_view path) {
  constexpr std::string_view kProc = "/proc/";
  constexpr std::string_view kRoot = "/root/";
  if (!path.starts_with(kProc)) return std::nullopt;
  const std::size_t slash = path.find('/', kProc.size());
  if (slash == std::string_view::npos || !path.substr(slash).starts_with(kRoot)) {
    return std::nullopt;
  }
  const std::string_view pid = path.substr(kProc.size(), slash - kProc.size());
  const bool is_pid = pid == "self" || pid.find_first_not_of("0123456789") == std::string::npos;
  if (pid.empty() || !is_pid) return std::nullopt;
  return Rooted{std::string(path.substr(0, slash)), path.substr(slash + kRoot.size() - 1)};
}

Result<FileDescriptor> open_rooted(const Rooted& rooted, std::string_view shown) {
  const FileDescriptor root(
      ::open((rooted.process + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const FileDescriptor table(::open((rooted.process + "/mountinfo").c_str(), O_RDONLY | O_CLOEXEC));
  if (!root.valid() || !table.valid()) return not_a_file(shown, errno);
  const LocalMounts mounts(table.get());
  const auto found = find_beneath(root.get(), rooted.path, &mounts);
  if (!found) {
    return fail(found.error() == NotRead::kMissing
                    ? fmt::format("{}: there is no such file in the root of that process", shown)
                    : fmt::format("{}: it is no regular file on a disk or in memory", shown),
                ExitCode::kBadInput);
  }
  return open_regular(fmt::format("/proc/self/fd/{}", found->descriptor.get()), shown);
}

// A file of a folder that is called so, or the first whose name goes on with ".so".
std::string library_in(std::string_view place, std::string_view name) {
  std::string path = fmt::format("{}/{}", place, name);
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return path;
  if (name.find(".so") != std::string_view::npos) return {};
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(std::string(place).c_str()),
                                                      ::closedir);
  if (!directory) return {};
  const std::string begin = fmt::format("{}.so", name);
  std::vector<std::string> found;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view each = entry->d_name;
    if (each.starts_with(begin) && (each.size() == begin.size() || each[begin.size()] == '.')) {
      found.emplace_back(each);
    }
  }
  std::ranges::sort(found);
  // "libc.so" itself may be a script for the linker.
  for (const std::string& each : found) {
    std::string whole = fmt::format("{}/{}", place, each);
    if (::stat(whole.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 4096) {
      return whole;
    }
  }
  return {};
}

std::string program_in_path(std::string_view name) {
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin";
  while (!rest.empty()) {
    const std::string_view place = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), place.size() + 1));
    if (!place.starts_with('/')) continue;
    std::string whole = fmt::format("{}/{}", place, name);
    if (::access(whole.c_str(), X_OK) == 0) return whole;
  }
  return {};
}

}  // namespace

Result<FileDescriptor> open_program_file(std::string_view path) {
  if (path.empty()) return fail("a path is missing", ExitCode::kBadInput);
  if (const auto rooted = parse_rooted(path)) return open_rooted(*rooted, path);
  if (path.find('/') != std::string_view::npos) return open_regular(std::string(path), path);
  if (path.starts_with("lib")) {
    for (const std::string_view place : kLibraryPlaces) {
      if (const std::string found = library_in(place, path); !found.empty()) {
        return open_regular(found, found);
      }
    }
  }
  if (const std::string found = program_in_path(path); !found.empty()) {
    return open_regular(found, found);
  }
  return fail(fmt::format("there is neither a library nor a program '{}' where the machine keeps "
                          "them; give its path, ./{} for the one here",
                          path, path),
              ExitCode::kBadInput);
}

}  // namespace outrider
