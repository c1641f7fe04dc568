// SPDX-License-Identifier: Apache-2.0
#include "syscalls/slow_calls.h"

namespace outrider {

namespace {

constexpr wire_u8 kNo = WIRE_NO_ARGUMENT;
// By the descriptor in the first argument.
constexpr wire_slow_call kFirst{1, WIRE_RESOLVE_FIRST, kNo, kNo};
// By a path, relative to the cwd or to the directory before it.
constexpr wire_slow_call kPath{1, WIRE_RESOLVE_NONE, 0, kNo};
constexpr wire_slow_call kPathAt{1, WIRE_RESOLVE_NONE, 1, 0};
// The same for calls that return a descriptor.
constexpr wire_slow_call kOpens{1, WIRE_RESOLVE_RESULT, 0, kNo};
constexpr wire_slow_call kOpensAt{1, WIRE_RESOLVE_RESULT, 1, 0};
// symlink(target, path), symlinkat(target, directory, path)
constexpr wire_slow_call kSecond{1, WIRE_RESOLVE_NONE, 1, kNo};
constexpr wire_slow_call kThirdAt{1, WIRE_RESOLVE_NONE, 2, 1};

// Of two paths the first. Not close, whose object is gone, nor calls that are there to wait
// (flock).
constexpr SlowCall kCalls[] = {
    {"open", kOpens},
    {"openat", kOpensAt},
    {"openat2", kOpensAt},
    {"creat", kOpens},
    {"read", kFirst},
    {"pread64", kFirst},
    {"readv", kFirst},
    {"preadv", kFirst},
    {"preadv2", kFirst},
    {"write", kFirst},
    {"pwrite64", kFirst},
    {"writev", kFirst},
    {"pwritev", kFirst},
    {"pwritev2", kFirst},
    {"copy_file_range", kFirst},
    {"fsync", kFirst},
    {"fdatasync", kFirst},
    {"syncfs", kFirst},
    {"sync_file_range", kFirst},
    {"ftruncate", kFirst},
    {"ftruncate64", kFirst},
    {"fallocate", kFirst},
    {"getdents", kFirst},
    {"getdents64", kFirst},
    {"fstat", kFirst},
    {"fstat64", kFirst},
    {"fchmod", kFirst},
    {"fchown", kFirst},
    {"truncate", kPath},
    {"truncate64", kPath},
    {"stat", kPath},
    {"stat64", kPath},
    {"lstat", kPath},
    {"lstat64", kPath},
    {"newfstatat", kPathAt},
    {"fstatat64", kPathAt},
    {"statx", kPathAt},
    {"statfs", kPath},
    {"access", kPath},
    {"faccessat", kPathAt},
    {"faccessat2", kPathAt},
    {"readlink", kPath},
    {"readlinkat", kPathAt},
    {"chdir", kPath},
    {"mkdir", kPath},
    {"mkdirat", kPathAt},
    {"rmdir", kPath},
    {"unlink", kPath},
    {"unlinkat", kPathAt},
    {"rename", kPath},
    {"renameat", kPathAt},
    {"renameat2", kPathAt},
    {"link", kPath},
    {"linkat", kPathAt},
    {"symlink", kSecond},
    {"symlinkat", kThirdAt},
    {"chmod", kPath},
    {"fchmodat", kPathAt},
    {"fchmodat2", kPathAt},
    {"chown", kPath},
    {"lchown", kPath},
    {"fchownat", kPathAt},
    {"utimensat", kPathAt},
};

}  // namespace

std::span<const SlowCall> all_slow_calls() { return kCalls; }

}  // namespace outrider
