// SPDX-License-Identifier: Apache-2.0
#include "syscalls/names.h"

#include <fmt/format.h>

#include <csignal>
#include <iterator>
#include <span>
#include <vector>

#include "syscalls/number_names.h"

namespace outrider {

namespace {

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
// The access mode is a number in the lowest two bits, not bits.
constexpr NamedValue kAccessModes[] = {
    {"O_RDONLY", 0}, {"O_WRONLY", 1}, {"O_RDWR", 2}, {"O_ACCMODE", 3}};
constexpr NamedValue kOpenFlags[] = {
    {"O_CREAT", 0100},       {"O_EXCL", 0200},           {"O_NOCTTY", 0400},
    {"O_TRUNC", 01000},      {"O_APPEND", 02000},        {"O_NONBLOCK", 04000},
    {"O_SYNC", 04010000},    {"O_DSYNC", 010000},        {"FASYNC", 020000},
    {"O_DIRECT", kDirect},   {"O_LARGEFILE", kLargeFile}, {"O_TMPFILE", 020000000 | kDirectory},
    {"O_DIRECTORY", kDirectory}, {"O_NOFOLLOW", kNoFollow}, {"O_NOATIME", 01000000},
    {"O_CLOEXEC", 02000000}, {"O_PATH", 010000000},
};
// clang-format on

// include/uapi/linux/fcntl.h. 0x200 means AT_REMOVEDIR to unlinkat, AT_EACCESS to faccessat.
// clang-format off: a table
constexpr NamedValue kAtFlags[] = {
    {"AT_SYMLINK_NOFOLLOW", 0x100}, {"AT_REMOVEDIR", 0x200},   {"AT_SYMLINK_FOLLOW", 0x400},
    {"AT_NO_AUTOMOUNT", 0x800},     {"AT_EMPTY_PATH", 0x1000}, {"AT_EXECVE_CHECK", 0x10000},
};
// clang-format on

// include/uapi/linux/fs.h
// clang-format off: a table
constexpr NamedValue kRenameFlags[] = {
    {"RENAME_NOREPLACE", 1}, {"RENAME_EXCHANGE", 2}, {"RENAME_WHITEOUT", 4}};
// clang-format on

// include/linux/errno.h: between the kernel and its entry code, or for other kernel code.
// clang-format off: a table
constexpr NamedValue kKernelErrors[] = {
    {"ERESTARTSYS", 512},  {"ERESTARTNOINTR", 513},        {"ERESTARTNOHAND", 514},
    {"ENOIOCTLCMD", 515},  {"ERESTART_RESTARTBLOCK", 516}, {"EPROBE_DEFER", 517},
    {"EOPENSTALE", 518},   {"ENOPARAM", 519},              {"EBADHANDLE", 521},
    {"ENOTSYNC", 522},     {"EBADCOOKIE", 523},            {"ENOTSUPP", 524},
    {"EIOCBQUEUED", 529},
};
// clang-format on

constexpr std::uint64_t kAccessMask = 3;

// What join_flags() makes of each flag, as a test of its own.
std::vector<NamedFlag> tests_of(std::span<const NamedValue> table) {
  std::vector<NamedFlag> tests;
  for (std::size_t i = 0; i < table.size(); ++i) {
    NamedFlag test{.name = table[i].name, .mask = table[i].value, .value = table[i].value};
    // With an earlier one that has all its bits and more, the earlier one is shown.
    for (const NamedValue& before : table.first(i)) {
      if ((before.value & test.value) == test.value) test.mask |= before.value;
    }
    tests.push_back(test);
  }
  return tests;
}

// include/uapi/linux/capability.h
constexpr NamedValue kCapabilities[] = {
    {"CAP_CHOWN", 0},
    {"CAP_DAC_OVERRIDE", 1},
    {"CAP_DAC_READ_SEARCH", 2},
    {"CAP_FOWNER", 3},
    {"CAP_FSETID", 4},
    {"CAP_KILL", 5},
    {"CAP_SETGID", 6},
    {"CAP_SETUID", 7},
    {"CAP_SETPCAP", 8},
    {"CAP_LINUX_IMMUTABLE", 9},
    {"CAP_NET_BIND_SERVICE", 10},
    {"CAP_NET_BROADCAST", 11},
    {"CAP_NET_ADMIN", 12},
    {"CAP_NET_RAW", 13},
    {"CAP_IPC_LOCK", 14},
    {"CAP_IPC_OWNER", 15},
    {"CAP_SYS_MODULE", 16},
    {"CAP_SYS_RAWIO", 17},
    {"CAP_SYS_CHROOT", 18},
    {"CAP_SYS_PTRACE", 19},
    {"CAP_SYS_PACCT", 20},
    {"CAP_SYS_ADMIN", 21},
    {"CAP_SYS_BOOT", 22},
    {"CAP_SYS_NICE", 23},
    {"CAP_SYS_RESOURCE", 24},
    {"CAP_SYS_TIME", 25},
    {"CAP_SYS_TTY_CONFIG", 26},
    {"CAP_MKNOD", 27},
    {"CAP_LEASE", 28},
    {"CAP_AUDIT_WRITE", 29},
    {"CAP_AUDIT_CONTROL", 30},
    {"CAP_SETFCAP", 31},
    {"CAP_MAC_OVERRIDE", 32},
    {"CAP_MAC_ADMIN", 33},
    {"CAP_SYSLOG", 34},
    {"CAP_WAKE_ALARM", 35},
    {"CAP_BLOCK_SUSPEND", 36},
    {"CAP_AUDIT_READ", 37},
    {"CAP_PERFMON", 38},
    {"CAP_BPF", 39},
    {"CAP_CHECKPOINT_RESTORE", 40},
};

}  // namespace

const NumberNames names::kCapability{~std::uint64_t{0}, kCapabilities};
const NumberNames names::kOpen{kAccessMask, kAccessModes, kOpenFlags};
const NumberNames names::kAt{.flags = kAtFlags};
const NumberNames names::kRename{.flags = kRenameFlags};

std::string_view result_name(std::int64_t result, Arena& arena) {
  if (result >= 0) return "SUCCESS";
  const std::uint64_t number = 0 - static_cast<std::uint64_t>(result);
  // include/linux/err.h: beyond MAX_ERRNO it is no error number, and it may not fit an int.
  if (number <= 4095) {
    const int error_number = static_cast<int>(number);
    if (const char* name = ::strerrorname_np(error_number)) return name;
    for (const NamedValue& error : kKernelErrors) {
      if (error.value == number) return error.name;
    }
  }
  char* out = arena.allocate(32);
  char* end = fmt::format_to(out, "E{}", number);
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view open_flag_names(std::uint64_t flags, Arena& arena) {
  return number_text(names::kOpen, flags, arena);
}

std::string_view at_flag_names(std::uint64_t flags, Arena& arena) {
  return number_text(names::kAt, flags, arena);
}

std::string_view rename_flag_names(std::uint64_t flags, Arena& arena) {
  return number_text(names::kRename, flags, arena);
}

std::span<const NamedValue> result_names() {
  static const std::vector<NamedValue> names = [] {
    std::vector<NamedValue> all{{"SUCCESS", 0}};
    // include/linux/err.h: MAX_ERRNO.
    for (int number = 1; number <= 4095; ++number) {
      const auto result = 0 - static_cast<std::uint64_t>(number);
      if (const char* name = ::strerrorname_np(number)) all.push_back({name, result});
    }
    for (const NamedValue& error : kKernelErrors) all.push_back({error.name, 0 - error.value});
    return all;
  }();
  return names;
}

std::span<const NamedValue> error_names() { return result_names().subspan(1); }

std::span<const NamedValue> open_flag_values() {
  static const std::vector<NamedValue> values = [] {
    std::vector<NamedValue> all(std::begin(kAccessModes), std::end(kAccessModes));
    all.insert(all.end(), std::begin(kOpenFlags), std::end(kOpenFlags));
    return all;
  }();
  return values;
}

std::span<const NamedValue> at_flag_values() { return kAtFlags; }

std::span<const NamedValue> rename_flag_values() { return kRenameFlags; }

std::span<const NamedValue> capability_names() { return kCapabilities; }

std::span<const NamedValue> signal_names() {
  static Arena arena;  // of the names that the C library does not have
  static const std::vector<NamedValue> names = [] {
    std::vector<NamedValue> all;
    for (int number = 1; number <= 64; ++number) {
      all.push_back({signal_name(number, arena), static_cast<std::uint64_t>(number)});
    }
    return all;
  }();
  return names;
}

std::span<const NamedFlag> open_flag_tests() {
  static const auto tests = [] {
    auto all = tests_of(kOpenFlags);
    for (const NamedValue& access : kAccessModes) {
      all.push_back({.name = access.name, .mask = kAccessMask, .value = access.value});
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
