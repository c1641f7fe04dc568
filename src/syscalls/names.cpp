// SPDX-License-Identifier: Apache-2.0
#include "syscalls/names.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>
#include <iterator>
#include <span>
#include <vector>

namespace outrider {

namespace {

struct Flag {
  std::uint64_t mask;
  std::string_view name;
};

// include/uapi/asm-generic/fcntl.h, in octal as there. The values are the kernel's, not
// those of <fcntl.h>, which hides O_LARGEFILE from 64-bit programs. O_SYNC and O_TMPFILE
// contain O_DSYNC and O_DIRECTORY and therefore go first.
#if defined(__aarch64__)
// arch/arm64/include/uapi/asm/fcntl.h
constexpr std::uint64_t kDirectory = 040000, kNoFollow = 0100000, kDirect = 0200000,
                        kLargeFile = 0400000;
#else
constexpr std::uint64_t kDirect = 040000, kLargeFile = 0100000, kDirectory = 0200000,
                        kNoFollow = 0400000;
#endif
// clang-format off: a table
constexpr Flag kOpenFlags[] = {
    {0100, "O_CREAT"},       {0200, "O_EXCL"},           {0400, "O_NOCTTY"},
    {01000, "O_TRUNC"},      {02000, "O_APPEND"},        {04000, "O_NONBLOCK"},
    {04010000, "O_SYNC"},    {010000, "O_DSYNC"},        {020000, "FASYNC"},
    {kDirect, "O_DIRECT"},   {kLargeFile, "O_LARGEFILE"}, {020000000 | kDirectory, "O_TMPFILE"},
    {kDirectory, "O_DIRECTORY"}, {kNoFollow, "O_NOFOLLOW"}, {01000000, "O_NOATIME"},
    {02000000, "O_CLOEXEC"}, {010000000, "O_PATH"},
};
// clang-format on

// include/uapi/linux/fcntl.h. 0x200 means AT_REMOVEDIR to unlinkat, AT_EACCESS to faccessat.
// clang-format off: a table
constexpr Flag kAtFlags[] = {
    {0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_REMOVEDIR"},   {0x400, "AT_SYMLINK_FOLLOW"},
    {0x800, "AT_NO_AUTOMOUNT"},     {0x1000, "AT_EMPTY_PATH"}, {0x10000, "AT_EXECVE_CHECK"},
};
// clang-format on

// include/uapi/linux/fs.h
// clang-format off: a table
constexpr Flag kRenameFlags[] = {
    {1, "RENAME_NOREPLACE"}, {2, "RENAME_EXCHANGE"}, {4, "RENAME_WHITEOUT"}};
// clang-format on

// include/linux/errno.h: between the kernel and its entry code, or for other kernel code.
struct Errno {
  int number;
  std::string_view name;
};
// clang-format off: a table
constexpr Errno kKernelErrors[] = {
    {512, "ERESTARTSYS"},  {513, "ERESTARTNOINTR"},        {514, "ERESTARTNOHAND"},
    {515, "ENOIOCTLCMD"},  {516, "ERESTART_RESTARTBLOCK"}, {517, "EPROBE_DEFER"},
    {518, "EOPENSTALE"},   {519, "ENOPARAM"},              {521, "EBADHANDLE"},
    {522, "ENOTSYNC"},     {523, "EBADCOOKIE"},            {524, "ENOTSUPP"},
    {529, "EIOCBQUEUED"},
};
// clang-format on

constexpr std::size_t kTextMax = 320;  // longer than all names of a table together

// Names of the bits that are set, with '|' between them, behind `first` if it is not empty.
std::string_view join_flags(std::string_view first, std::uint64_t bits, std::span<const Flag> table,
                            Arena& arena) {
  char* out = arena.allocate(kTextMax);
  char* end = out;
  const auto add = [&](std::string_view name) {
    if (end != out) *end++ = '|';
    std::memcpy(end, name.data(), name.size());
    end += name.size();
  };
  if (!first.empty()) add(first);
  for (const Flag& flag : table) {
    if ((bits & flag.mask) != flag.mask) continue;
    add(flag.name);
    bits &= ~flag.mask;
  }
  if (bits != 0) {
    if (end != out) *end++ = '|';
    end = fmt::format_to(end, "{:#x}", bits);
  }
  if (end == out) *end++ = '0';
  return {out, static_cast<std::size_t>(end - out)};
}

// The access mode is a number in the lowest two bits, not bits.
constexpr std::string_view kAccess[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
constexpr std::uint64_t kAccessMask = 3;

// What join_flags() makes of each flag, as a test of its own.
std::vector<NamedFlag> tests_of(std::span<const Flag> table) {
  std::vector<NamedFlag> tests;
  for (std::size_t i = 0; i < table.size(); ++i) {
    NamedFlag test{.name = table[i].name, .mask = table[i].mask, .value = table[i].mask};
    // With an earlier one that has all its bits and more, the earlier one is shown.
    for (const Flag& before : table.first(i)) {
      if ((before.mask & test.value) == test.value) test.mask |= before.mask;
    }
    tests.push_back(test);
  }
  return tests;
}

}  // namespace

std::string_view result_name(std::int64_t result, Arena& arena) {
  if (result >= 0) return "SUCCESS";
  const std::uint64_t number = 0 - static_cast<std::uint64_t>(result);
  // include/linux/err.h: beyond MAX_ERRNO it is no error number, and it may not fit an int.
  if (number <= 4095) {
    const int error_number = static_cast<int>(number);
    if (const char* name = ::strerrorname_np(error_number)) return name;
    for (const Errno& error : kKernelErrors) {
      if (error.number == error_number) return error.name;
    }
  }
  char* out = arena.allocate(32);
  char* end = fmt::format_to(out, "E{}", number);
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view open_flag_names(std::uint64_t flags, Arena& arena) {
  return join_flags(kAccess[flags & kAccessMask], flags & ~kAccessMask, kOpenFlags, arena);
}

std::string_view at_flag_names(std::uint64_t flags, Arena& arena) {
  return join_flags("", flags, kAtFlags, arena);
}

std::string_view rename_flag_names(std::uint64_t flags, Arena& arena) {
  return join_flags("", flags, kRenameFlags, arena);
}

std::span<const NamedFlag> open_flag_tests() {
  static const auto tests = [] {
    auto all = tests_of(kOpenFlags);
    for (std::uint64_t access = 0; access <= kAccessMask; ++access) {
      all.push_back({.name = kAccess[access], .mask = kAccessMask, .value = access});
    }
    return all;
  }();
  return tests;
}

std::span<const NamedFlag> at_flag_tests() {
  static const auto tests = tests_of(kAtFlags);
  return tests;
}

std::span<const NamedFlag> rename_flag_tests() {
  static const auto tests = tests_of(kRenameFlags);
  return tests;
}

std::string_view signal_name(int number, Arena& arena) {
  char* out = arena.allocate(32);
  char* end = out;
  if (const char* name = ::sigabbrev_np(number)) {
    end = fmt::format_to(out, "SIG{}", name);
  } else if (number >= 34 && number <= 64) {
    end = fmt::format_to(out, "SIGRTMIN+{}", number - 34);
  } else {
    end = fmt::format_to(out, "{}", number);
  }
  return {out, static_cast<std::size_t>(end - out)};
}

}  // namespace outrider
