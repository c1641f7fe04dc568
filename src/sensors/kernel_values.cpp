// SPDX-License-Identifier: Apache-2.0
#include "sensors/kernel_values.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/arena.h"
#include "bpf/kernel/decide.h"
#include "sensors/registry.h"
#include "syscalls/calls.h"
#include "syscalls/names.h"
#include "syscalls/timed_fields.h"

namespace outrider {

namespace {

using How = KernelValue::How;

constexpr std::uint64_t bit(wire_kind kind) { return std::uint64_t{1} << kind; }

constexpr std::uint64_t kFileKinds =
    bit(WIRE_OPEN) | bit(WIRE_MKDIR) | bit(WIRE_RMDIR) | bit(WIRE_UNLINK) | bit(WIRE_RENAME) |
    bit(WIRE_LINK) | bit(WIRE_SYMLINK) | bit(WIRE_CHMOD) | bit(WIRE_CHOWN) | bit(WIRE_TRUNCATE);
// Execs that succeed, forks and exits are always sent: the tables of processes live on them.
std::uint64_t call_kinds() {
  std::uint64_t kinds = kFileKinds | bit(WIRE_EXEC) | bit(WIRE_SYSTEM_CALL);
  for (const EventDescriptor* kind : all_kinds()) {
    if (!kind->calls.empty()) kinds |= bit(kind->kind);
  }
  return kinds;
}
std::uint64_t timed_kinds() {
  std::uint64_t kinds = 0;
  for (const EventDescriptor* kind : all_kinds()) {
    if (is_timed(*kind)) kinds |= bit(kind->kind);
  }
  return kinds;
}
constexpr std::uint64_t kTwoPaths = bit(WIRE_RENAME) | bit(WIRE_LINK);
constexpr std::uint64_t kAtFlagKinds =
    bit(WIRE_UNLINK) | bit(WIRE_LINK) | bit(WIRE_CHMOD) | bit(WIRE_CHOWN);

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

constexpr KernelValue kOfProcess{
    How::kProcess, 0, {}, {}, {}, "what the agent tells of each process"};

constexpr KernelValue kOfWorkload{
    How::kWorkload, 0, {}, {}, {}, "what the agent tells of each cgroup"};

struct Row {
  std::string_view field;
  std::uint64_t kinds;
  KernelValue value;
};

std::span<const Row> rows() {
  static const std::uint64_t kCalls = call_kinds();
  static const std::uint64_t kTimed = timed_kinds();
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
      {"container.id", kCalls, kOfWorkload},
      {"container.full_id", kCalls, kOfWorkload},
      {"container.name", kCalls, kOfWorkload},
      {"container.type", kCalls, kOfWorkload},
      {"container.image", kCalls, kOfWorkload},
      {"container.image.repository", kCalls, kOfWorkload},
      {"container.image.tag", kCalls, kOfWorkload},
      {"container.image.digest", kCalls, kOfWorkload},
      {"container.image.id", kCalls, kOfWorkload},
      {"container.privileged", kCalls, kOfWorkload},
      {"container.bundle", kCalls, kOfWorkload},
      {"k8s.ns.name", kCalls, kOfWorkload},
      {"k8s.pod.name", kCalls, kOfWorkload},
      {"k8s.pod.uid", kCalls, kOfWorkload},
      {"k8s.pod.sandbox_id", kCalls, kOfWorkload},
      {"systemd.unit", kCalls, kOfWorkload},
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
      {"evt.arg.flags",
       bit(WIRE_OPEN),
       {How::kFlags, 0, {}, open_flag_tests(), {}, "flags of the call"}},
      {"evt.arg.flags",
       kAtFlagKinds,
       {How::kFlags, 0, {}, at_flag_tests(), {}, "flags of the call"}},
      {"evt.arg.flags",
       bit(WIRE_RENAME),
       {How::kFlags, 0, {}, rename_flag_tests(), {}, "flags of the call"}},
  };
  return kRows;
}

// What every event of a kind has: its kind's own name.
std::span<const Row> constants() {
  static const auto kRows = [] {
    std::vector<Row> all;
    for (const EventDescriptor* kind : all_kinds()) {
      all.push_back({"evt.kind", bit(kind->kind), {How::kConstant, 0, {}, {}, kind->name, "kind"}});
    }
    return all;
  }();
  return kRows;
}

const Row* find_row(std::span<const Row> among, const EventDescriptor& kind,
                    std::string_view field) {
  const auto found = std::ranges::find_if(among, [&](const Row& row) {
    return row.field == field && (row.kinds & bit(kind.kind)) != 0;
  });
  return found == among.end() ? nullptr : &*found;
}

}  // namespace

const KernelValue* kernel_value_of(const EventDescriptor& kind, std::string_view field) {
  if (const Row* row = find_row(constants(), kind, field)) return &row->value;
  const Row* row = find_row(rows(), kind, field);
  return row != nullptr ? &row->value : nullptr;
}

}  // namespace outrider
