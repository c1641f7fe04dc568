// SPDX-License-Identifier: Apache-2.0
#include "sensors/kernel_values.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/arena.h"
#include "bpf/kernel/decide.h"
#include "events/kind_set.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "syscalls/names.h"
#include "syscalls/timed_fields.h"

namespace outrider {

namespace {

using How = KernelValue::How;

KindSet file_kinds() {
  return set_of(WIRE_OPEN) | set_of(WIRE_MKDIR) | set_of(WIRE_RMDIR) | set_of(WIRE_UNLINK) |
         set_of(WIRE_RENAME) | set_of(WIRE_LINK) | set_of(WIRE_SYMLINK) | set_of(WIRE_CHMOD) |
         set_of(WIRE_CHOWN) | set_of(WIRE_TRUNCATE);
}
// Execs that succeed, forks and exits are always sent: the tables of processes live on them.
KindSet call_kinds() {
  KindSet kinds = file_kinds() | set_of(WIRE_EXEC) | set_of(WIRE_SYSTEM_CALL);
  for (const EventDescriptor* kind : all_kinds()) {
    if (!kind->calls.empty()) kinds.set(kind->kind);
  }
  return kinds;
}
KindSet timed_kinds() {
  KindSet kinds;
  for (const EventDescriptor* kind : all_kinds()) {
    if (is_timed(*kind)) kinds.set(kind->kind);
  }
  return kinds;
}

KindSet probe_kinds() {
  KindSet kinds;
  for (std::size_t kind = WIRE_PROBE; kind < WIRE_PROBE_LIMIT; ++kind) kinds.set(kind);
  return kinds;
}

std::span<const NamedRange> results() {
  static const auto ranges = [] {
    std::vector<NamedRange> all;
    static Arena arena;
    all.push_back({"SUCCESS", decide__signed(0), ~std::uint64_t{0}});
    constexpr std::int64_t kMaxErrno = 4095;  // include/linux/err.h
    for (std::int64_t number = 1; number <= kMaxErrno; ++number) {
      const std::string_view name = result_name(-number, arena);
      // E2BIG is a name, E4000 only a number.
      if (name.substr(1).find_first_not_of("0123456789") == std::string_view::npos) continue;
      const std::uint64_t key = decide__signed(-number);
      all.push_back({name, key, key});
    }
    return all;
  }();
  return ranges;
}

std::span<const NamedRange> calls() {
  static const auto ranges = [] {
    std::vector<NamedRange> all;
    for (const Call& call : all_calls()) {
      for (const wire_abi abi : {WIRE_ABI_64, WIRE_ABI_32}) {
        const std::int16_t number = number_of(call, abi);
        if (number < 0) continue;
        const auto key =
            std::uint64_t{abi} * WIRE_SYSTEM_CALLS + static_cast<std::uint64_t>(number);
        all.push_back({call.name, key, key});
      }
    }
    return all;
  }();
  return ranges;
}

// Of evt.failed.
constexpr NamedRange kFailures[] = {{"true", 0, (std::uint64_t{1} << DECIDE_SIGN) - 1},
                                    {"false", std::uint64_t{1} << DECIDE_SIGN, ~std::uint64_t{0}}};

// As evt.is_open_read has it: O_RDONLY is 0, O_WRONLY 1, O_RDWR 2, and O_PATH is neither.
constexpr std::uint64_t kWriteOnly = 1, kAccess = 3, kPathOnly = 010000000;
constexpr NamedFlag kOpensForReading[] = {{"true", kWriteOnly | kPathOnly, 0}};
// 3 is neither as well, but that is for the agent to tell.
constexpr NamedFlag kOpensForWriting[] = {{"true", kAccess, 0, false}, {"true", kPathOnly, 0}};

constexpr KernelValue kOfProcess{
    How::kProcess, 0, {}, {}, {}, "what the agent tells of each process"};

constexpr KernelValue kOfWorkload{
    How::kWorkload, 0, {}, {}, {}, "what the agent tells of each cgroup"};

struct Row {
  std::string_view field;
  KindSet kinds;
  KernelValue value;
};

std::span<const Row> rows() {
  static const KindSet kFileKinds = file_kinds();
  static const KindSet kCalls = call_kinds();
  static const KindSet kProbes = probe_kinds();
  static const KindSet kTimed = timed_kinds() | kProbes;
  static const KindSet kWithWorkload = kCalls | kProbes;
  static const KindSet kTwoPaths = set_of(WIRE_RENAME) | set_of(WIRE_LINK);
  static const KindSet kAtFlagKinds =
      set_of(WIRE_UNLINK) | set_of(WIRE_LINK) | set_of(WIRE_CHMOD) | set_of(WIRE_CHOWN);
  static const Row kRows[] = {
      {"evt.rawres", kCalls, {How::kSignedNumber, FILTER_RESULT, {}, {}, {}, "result of the call"}},
      {"evt.res",
       kCalls,
       {How::kNamedNumber, FILTER_RESULT, results(), {}, {}, "result of the call"}},
      {"evt.failed",
       kCalls,
       {How::kNamedNumber, FILTER_RESULT, kFailures, {}, {}, "result of the call"}},
      {"evt.type", kCalls, {How::kNamedNumber, FILTER_CALL, calls(), {}, {}, "number of the call"}},
      {"syscall.type",
       kCalls,
       {How::kNamedNumber, FILTER_CALL, calls(), {}, {}, "number of the call"}},
      {"proc.pid", kCalls | kTimed, {How::kNumber, FILTER_PID, {}, {}, {}, "pid"}},
      {"thread.tid", kCalls | kTimed, {How::kNumber, FILTER_TID, {}, {}, {}, "tid"}},
      {"proc.ppid", kCalls, {How::kNumber, FILTER_PPID, {}, {}, {}, "pid of the parent"}},
      {"proc.sid", kCalls, {How::kNumber, FILTER_SESSION, {}, {}, {}, "session"}},
      {"user.uid", kCalls, {How::kNumber, FILTER_UID, {}, {}, {}, "uid"}},
      {"group.gid", kCalls, {How::kNumber, FILTER_GID, {}, {}, {}, "gid"}},
      {"user.loginuid", kCalls, {How::kSignedNumber, FILTER_LOGIN_UID, {}, {}, {}, "login uid"}},
      {"evt.latency", kTimed, {How::kNumber, FILTER_LATENCY, {}, {}, {}, "how long it took"}},
      {"cgroup.id", kCalls, {How::kNumber, FILTER_CGROUP, {}, {}, {}, "id of the cgroup"}},
      {"proc.exepath", kCalls, kOfProcess},
      {"proc.exe", kCalls, kOfProcess},
      {"proc.exeline", kCalls, kOfProcess},
      {"proc.cmdline", kCalls, kOfProcess},
      {"proc.args", kCalls, kOfProcess},
      {"proc.apid",
       kCalls,
       {How::kAncestors, 0, {}, {}, {}, "what the agent tells of each process"}},
      {"container.id", kWithWorkload, kOfWorkload},
      {"container.full_id", kWithWorkload, kOfWorkload},
      {"container.name", kWithWorkload, kOfWorkload},
      {"container.type", kWithWorkload, kOfWorkload},
      {"container.image", kWithWorkload, kOfWorkload},
      {"container.image.repository", kWithWorkload, kOfWorkload},
      {"container.image.tag", kWithWorkload, kOfWorkload},
      {"container.image.digest", kWithWorkload, kOfWorkload},
      {"container.image.id", kWithWorkload, kOfWorkload},
      {"container.privileged", kWithWorkload, kOfWorkload},
      {"container.bundle", kWithWorkload, kOfWorkload},
      {"k8s.ns.name", kWithWorkload, kOfWorkload},
      {"k8s.pod.name", kWithWorkload, kOfWorkload},
      {"k8s.pod.uid", kWithWorkload, kOfWorkload},
      {"k8s.pod.sandbox_id", kWithWorkload, kOfWorkload},
      {"systemd.unit", kWithWorkload, kOfWorkload},
      {"proc.name", kCalls, {How::kText, FILTER_COMM, {}, {}, {}, "comm"}},
      {"fd.nameraw", kFileKinds, {How::kText, FILTER_RAW_PATH, {}, {}, {}, "path as given"}},
      {"fs.path.nameraw", kFileKinds, {How::kText, FILTER_RAW_PATH, {}, {}, {}, "path as given"}},
      {"fd.name", kFileKinds, {How::kPath, FILTER_PATH, {}, {}, {}, "path as given, if absolute"}},
      {"fs.path.name",
       kFileKinds,
       {How::kPath, FILTER_PATH, {}, {}, {}, "path as given, if absolute"}},
      {"fs.path.source",
       kTwoPaths,
       {How::kPath, FILTER_SOURCE, {}, {}, {}, "old path, if absolute"}},
      {"fd.realpath", kFileKinds, {How::kPath, FILTER_REAL_PATH, {}, {}, {}, "path of the object"}},
      {"fd.directory",
       kFileKinds,
       {How::kDirectory, FILTER_PATH, {}, {}, {}, "path as given, if absolute"}},
      {"fd.filename",
       kFileKinds,
       {How::kFileName, FILTER_PATH, {}, {}, {}, "path as given, if absolute"}},
      {"fd.num",
       set_of(WIRE_OPEN),
       {How::kDescriptor, FILTER_RESULT, {}, {}, {}, "result of the call"}},
      {"evt.is_open_read",
       set_of(WIRE_OPEN),
       {How::kTruth, 0, {}, kOpensForReading, {}, "flags of the call"}},
      {"evt.is_open_write",
       set_of(WIRE_OPEN),
       {How::kTruth, 0, {}, kOpensForWriting, {}, "flags of the call"}},
      {"evt.arg.flags",
       set_of(WIRE_OPEN),
       {How::kFlags, 0, {}, open_flag_tests(), {}, "flags of the call"}},
      {"evt.arg.flags",
       kAtFlagKinds,
       {How::kFlags, 0, {}, at_flag_tests(), {}, "flags of the call"}},
      {"evt.arg.flags",
       set_of(WIRE_RENAME),
       {How::kFlags, 0, {}, rename_flag_tests(), {}, "flags of the call"}},
  };
  return kRows;
}

// What every event of a kind has: its kind's own name.
std::span<const Row> constants() {
  static const auto kRows = [] {
    std::vector<Row> all;
    for (const EventDescriptor* kind : all_kinds()) {
      all.push_back(
          {"evt.kind", set_of(kind->kind), {How::kConstant, 0, {}, {}, kind->name, "kind"}});
    }
    return all;
  }();
  return kRows;
}

const Row* find_row(std::span<const Row> among, const EventDescriptor& kind,
                    std::string_view field) {
  const auto found = std::ranges::find_if(
      among, [&](const Row& row) { return row.field == field && row.kinds[kind.kind]; });
  return found == among.end() ? nullptr : &*found;
}

}  // namespace

const KernelValue* kernel_value_of(const EventDescriptor& kind, std::string_view field) {
  if (const Row* row = find_row(constants(), kind, field)) return &row->value;
  const Row* row = find_row(rows(), kind, field);
  return row != nullptr ? &row->value : nullptr;
}

}  // namespace outrider
