// SPDX-License-Identifier: Apache-2.0
#include "base/module.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "base/file_descriptor.h"

namespace outrider {

namespace {

struct Freer {
  void operator()(char* text) const { std::free(text); }
};

// Whose program this is: who could change that could do as root does already.
uid_t owner_of_the_program() {
  struct stat status{};
  return ::stat("/proc/self/exe", &status) == 0 ? status.st_uid : 0;
}

// Whether others may write to it; in a directory with the sticky bit they can only add things.
Result<void> check(const std::string& path, int descriptor, uid_t owner) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return fail_errno(path, errno);
  if (status.st_uid != 0 && status.st_uid != owner) {
    return fail(fmt::format("{} is of user {}: modules are root's", path, status.st_uid));
  }
  const bool sticky = S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !sticky) {
    return fail(fmt::format("{} may be written to by others: 'chmod go-w' it", path));
  }
  return {};
}

// Opens the file by each of the directories above it, none of which may be a link.
Result<FileDescriptor> open_checked(const std::string& path, uid_t owner) {
  FileDescriptor here(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::size_t start = 1;
  while (true) {
    if (auto checked = check(path.substr(0, start), here.get(), owner); !checked) {
      return std::unexpected(checked.error());
    }
    const std::size_t slash = path.find('/', start);
    const bool last = slash == std::string::npos;
    const std::string name = path.substr(start, last ? slash : slash - start);
    FileDescriptor next(
        ::openat(here.get(), name.c_str(),
                 O_NOFOLLOW | O_CLOEXEC | (last ? O_RDONLY | O_NONBLOCK : O_PATH | O_DIRECTORY)));
    if (!next.valid()) return fail_errno(path, errno);
    if (last) {
      if (auto checked = check(path, next.get(), owner); !checked) {
        return std::unexpected(checked.error());
      }
      return next;
    }
    here = std::move(next);
    start = slash + 1;
  }
}

}  // namespace

Result<void*> load_module_from(const std::string& directory, std::string_view name,
                               const std::string& symbol) {
  const std::string given = fmt::format("{}/{}.so", directory, name);
  const std::unique_ptr<char, Freer> path(::realpath(given.c_str(), nullptr));
  if (path == nullptr) return fail_errno(given, errno);
  const auto file = open_checked(path.get(), owner_of_the_program());
  if (!file) return std::unexpected(file.error());
  // The very file that was looked at.
  void* handle =
      ::dlopen(fmt::format("/proc/self/fd/{}", file->get()).c_str(), RTLD_NOW | RTLD_LOCAL);
  void* address = handle != nullptr ? ::dlsym(handle, symbol.c_str()) : nullptr;
  if (address == nullptr) {
    const char* why = ::dlerror();
    return fail(fmt::format("{}: {}", path.get(), why != nullptr ? why : "no such symbol"));
  }
  return address;
}

Result<void*> load_module(std::string_view name, const std::string& symbol) {
  std::array<char, PATH_MAX> program;
  const ssize_t size = ::readlink("/proc/self/exe", program.data(), program.size());
  if (size <= 0 || static_cast<std::size_t>(size) == program.size()) {
    return fail_errno("/proc/self/exe", errno);
  }
  const std::string_view path(program.data(), static_cast<std::size_t>(size));
  const std::string here(path.substr(0, path.rfind('/')));
  // Beside the program in the build, else where it is installed.
  const std::string beside = fmt::format("{}/{}.so", here, name);
  const bool is_beside = ::access(beside.c_str(), F_OK) == 0;
  return load_module_from(is_beside ? here : fmt::format("{}/{}", here, OUTRIDER_MODULE_DIRECTORY),
                          name, symbol);
}

}  // namespace outrider
