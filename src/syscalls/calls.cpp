// SPDX-License-Identifier: Apache-2.0
#include "syscalls/calls.h"

#include <fcntl.h>

namespace outrider {

namespace {

using enum ArgumentType;

constexpr Argument kDir{kDirectory, "dirfd"};
constexpr Argument kOldDir{kDirectory, "olddirfd"};
constexpr Argument kNewDir{kDirectory, "newdirfd"};
constexpr Argument kName{kPath, "path"};
constexpr Argument kOldName{kPath, "oldpath"};
constexpr Argument kNewName{kPath, "newpath"};
constexpr Argument kTarget{kText, "target"};
constexpr Argument kFlags{kOpenFlags, "flags"};
constexpr Argument kAt{kAtFlags, "flags"};
constexpr Argument kRename{kRenameFlags, "flags"};
constexpr Argument kModes{kMode, "mode"};
constexpr Argument kFd{kDescriptor, "fd"};
constexpr Argument kUid{kUser, "uid"};
constexpr Argument kGid{kGroup, "gid"};
constexpr Argument kUid16{kUser16, "uid"};
constexpr Argument kGid16{kGroup16, "gid"};
constexpr Argument kLength{kSize, "length"};

constexpr wire_resolve kNothing = WIRE_RESOLVE_NONE;
constexpr wire_resolve kResult = WIRE_RESOLVE_RESULT;
constexpr wire_resolve kFirst = WIRE_RESOLVE_FIRST;
constexpr wire_resolve kCwd = WIRE_RESOLVE_CWD;
constexpr std::int16_t kNo = kNoNumber;

// Numbers: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl, scripts/syscall.tbl.
// calls_test.cpp compares them with the headers of the machine.
// clang-format off: a table
constexpr Call kCalls[] = {
    // name, x86-64, i386, arm64, kind, object, arguments
    {"open", 2, 5, kNo, WIRE_OPEN, kResult, {{kName, kFlags, kModes}}},
    {"creat", 85, 8, kNo, WIRE_OPEN, kResult, {{kName, kModes}}},
    {"openat", 257, 295, 56, WIRE_OPEN, kResult, {{kDir, kName, kFlags, kModes}}},
    {"openat2", 437, 437, 437, WIRE_OPEN, kResult,
     {{kDir, kName, {kOpenHow, "how"}, kModes, {kOther, "resolve"}, {kOther, "size"}}}},
    {"open_by_handle_at", 304, 342, 265, WIRE_OPEN, kResult,
     {{{kDescriptor, "mountfd"}, {kOther, "handle"}, kFlags}}},

    {"mkdir", 83, 39, kNo, WIRE_MKDIR, kNothing, {{kName, kModes}}},
    {"mkdirat", 258, 296, 34, WIRE_MKDIR, kNothing, {{kDir, kName, kModes}}},
    {"rmdir", 84, 40, kNo, WIRE_RMDIR, kNothing, {{kName}}},
    {"unlink", 87, 10, kNo, WIRE_UNLINK, kNothing, {{kName}}},
    {"unlinkat", 263, 301, 35, WIRE_UNLINK, kNothing, {{kDir, kName, kAt}},
     WIRE_RMDIR, 2, AT_REMOVEDIR},

    {"rename", 82, 38, kNo, WIRE_RENAME, kNothing, {{kOldName, kNewName}}},
    {"renameat", 264, 302, 38, WIRE_RENAME, kNothing, {{kOldDir, kOldName, kNewDir, kNewName}}},
    {"renameat2", 316, 353, 276, WIRE_RENAME, kNothing,
     {{kOldDir, kOldName, kNewDir, kNewName, kRename}}},
    {"link", 86, 9, kNo, WIRE_LINK, kNothing, {{kOldName, kNewName}}},
    {"linkat", 265, 303, 37, WIRE_LINK, kNothing,
     {{kOldDir, kOldName, kNewDir, kNewName, kAt}}},
    {"symlink", 88, 83, kNo, WIRE_SYMLINK, kNothing, {{kTarget, kName}}},
    {"symlinkat", 266, 304, 36, WIRE_SYMLINK, kNothing, {{kTarget, kDir, kName}}},

    {"chmod", 90, 15, kNo, WIRE_CHMOD, kNothing, {{kName, kModes}}},
    {"fchmod", 91, 94, 52, WIRE_CHMOD, kFirst, {{kFd, kModes}}},
    {"fchmodat", 268, 306, 53, WIRE_CHMOD, kNothing, {{kDir, kName, kModes}}},
    {"fchmodat2", 452, 452, 452, WIRE_CHMOD, kNothing, {{kDir, kName, kModes, kAt}}},
    {"chown", 92, 212, kNo, WIRE_CHOWN, kNothing, {{kName, kUid, kGid}}},
    {"lchown", 94, 198, kNo, WIRE_CHOWN, kNothing, {{kName, kUid, kGid}}},
    {"fchown", 93, 207, 55, WIRE_CHOWN, kFirst, {{kFd, kUid, kGid}}},
    {"fchownat", 260, 298, 54, WIRE_CHOWN, kNothing, {{kDir, kName, kUid, kGid, kAt}}},
    {"chown16", kNo, 182, kNo, WIRE_CHOWN, kNothing, {{kName, kUid16, kGid16}}},
    {"lchown16", kNo, 16, kNo, WIRE_CHOWN, kNothing, {{kName, kUid16, kGid16}}},
    {"fchown16", kNo, 95, kNo, WIRE_CHOWN, kFirst, {{kFd, kUid16, kGid16}}},
    {"truncate", 76, 92, 45, WIRE_TRUNCATE, kNothing, {{kName, kLength}}},
    {"ftruncate", 77, 93, 46, WIRE_TRUNCATE, kFirst, {{kFd, kLength}}},
    {"truncate64", kNo, 193, kNo, WIRE_TRUNCATE, kNothing,
     {{kName, {kSizeLow, "length"}, {kSizeHigh, "length"}}}},
    {"ftruncate64", kNo, 194, kNo, WIRE_TRUNCATE, kFirst,
     {{kFd, {kSizeLow, "length"}, {kSizeHigh, "length"}}}},

    // Only those that fail: a successful exec is seen by its own hook.
    {"execve", 59, 11, 221, WIRE_EXEC, kNothing, {{kName, {kOther, "argv"}, {kOther, "envp"}}},
     WIRE_NONE, 0, 0, WIRE_TAIL_EXEC},
    {"execveat", 322, 358, 281, WIRE_EXEC, kNothing,
     {{kDir, kName, {kOther, "argv"}, {kOther, "envp"}, kAt}},
     WIRE_NONE, 0, 0, WIRE_TAIL_EXEC},

    // What may change the path of the working directory as its process sees it.
    {"chdir", 80, 12, 49, WIRE_WORKING_DIRECTORY, kCwd, {}},
    {"fchdir", 81, 133, 50, WIRE_WORKING_DIRECTORY, kCwd, {}},
    {"chroot", 161, 61, 51, WIRE_WORKING_DIRECTORY, kCwd, {}},
    {"pivot_root", 155, 217, 41, WIRE_WORKING_DIRECTORY, kCwd, {}},
    {"setns", 308, 346, 268, WIRE_WORKING_DIRECTORY, kCwd, {}},
    {"unshare", 272, 310, 97, WIRE_WORKING_DIRECTORY, kCwd, {}},
};
// clang-format on

}  // namespace

std::span<const Call> all_calls() { return kCalls; }

std::int16_t number_of(const Call& call, wire_abi abi) {
#if defined(__x86_64__)
  return abi == WIRE_ABI_64 ? call.x86_64 : call.i386;
#elif defined(__aarch64__)
  // 32-bit ARM has a table of its own, which we do not have yet.
  return abi == WIRE_ABI_64 ? call.arm64 : kNoNumber;
#else
#error "no system call numbers for this architecture: add a column"
#endif
}

const Call* find_call(wire_abi abi, std::uint16_t number) {
  static const auto index = [] {
    std::array<std::array<const Call*, WIRE_SYSTEM_CALLS>, WIRE_ABI_COUNT> table{};
    for (const Call& call : kCalls) {
      for (wire_abi each : {WIRE_ABI_64, WIRE_ABI_32}) {
        const std::int16_t place = number_of(call, each);
        if (place >= 0) table[each][static_cast<std::size_t>(place)] = &call;
      }
    }
    return table;
  }();
  if (abi >= WIRE_ABI_COUNT || number >= WIRE_SYSTEM_CALLS) return nullptr;
  return index[abi][number];
}

int place_of(const Call& call, ArgumentType type) {
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    if (call.arguments[i].type == type) return static_cast<int>(i);
  }
  return -1;
}

wire_call to_wire(const Call& call) {
  wire_call wire{};
  wire.kind = static_cast<wire_u8>(call.kind);
  wire.other_kind = static_cast<wire_u8>(call.other_kind);
  wire.other_argument = call.other_argument;
  wire.other_mask = call.other_mask;
  wire.resolve = static_cast<wire_u8>(call.resolve);
  wire.tail = static_cast<wire_u8>(call.tail);
  wire.path = wire.path2 = wire.base = wire.base2 = wire.structure = WIRE_NO_ARGUMENT;
  wire.flags = call.name == "creat" ? wire_u8{WIRE_CREAT_FLAGS} : wire_u8{WIRE_NO_ARGUMENT};

  // A path belongs to the directory before it.
  wire_u8 directory = WIRE_NO_ARGUMENT;
  for (std::size_t place = 0; place < call.arguments.size(); ++place) {
    const auto i = static_cast<wire_u8>(place);
    const ArgumentType type = call.arguments[place].type;
    if (type == kOpenHow) wire.structure = i;
    if (type == kOpenHow || type == kOpenFlags || type == kAtFlags || type == kRenameFlags) {
      wire.flags = i;
    }
    if (type == kDirectory) directory = i;
    if (type != kPath && type != kText) continue;
    const wire_u8 base = type == kText ? wire_u8{WIRE_NO_BASE} : directory;
    if (wire.path == WIRE_NO_ARGUMENT) {
      wire.path = i;
      wire.base = base;
    } else {
      wire.path2 = i;
      wire.base2 = base;
    }
  }
  return wire;
}

}  // namespace outrider
