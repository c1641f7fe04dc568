// SPDX-License-Identifier: Apache-2.0
#include "events/event.h"
#include "sensors/call_groups/passed_fields.h"
#include "sensors/call_groups/socket_fields.h"
#include "sensors/call_groups/target_fields.h"
#include "sensors/registry.h"
#include "syscalls/argument_fields.h"
#include "syscalls/arguments.h"
#include "syscalls/event_fields.h"

namespace outrider {

namespace {

Value call_info(const Event& event) { return Value::of_text(call_text(event)); }

using Names = const std::string_view[];

// Calls of the table in src/syscalls, each in one group at most.
constexpr Names kMount = {"mount",     "umount",         "umount2",       "fsopen",
                          "fsconfig",  "fsmount",        "fspick",        "move_mount",
                          "open_tree", "open_tree_attr", "mount_setattr", "pivot_root"};
constexpr Names kSocket = {"socket", "socketpair"};
constexpr Names kBind = {"bind"};
constexpr Names kListen = {"listen"};
constexpr Names kConnect = {"connect"};
constexpr Names kAccept = {"accept", "accept4"};
constexpr Names kPtrace = {"ptrace", "process_vm_readv", "process_vm_writev"};
constexpr Names kModule = {"init_module",   "finit_module", "delete_module",
                           "create_module", "kexec_load",   "kexec_file_load"};
constexpr Names kBpf = {"bpf"};
constexpr Names kSetns = {"setns"};
constexpr Names kUnshare = {"unshare"};
constexpr Names kMemfd = {"memfd_create", "memfd_secret"};
constexpr Names kSetuid = {"setuid",    "setuid16",    "setreuid", "setreuid16",
                           "setresuid", "setresuid16", "setfsuid", "setfsuid16"};
constexpr Names kSetgid = {"setgid",      "setgid16", "setregid",   "setregid16", "setresgid",
                           "setresgid16", "setfsgid", "setfsgid16", "setgroups",  "setgroups16"};
constexpr Names kCapset = {"capset"};
constexpr Names kKeyctl = {"keyctl", "add_key", "request_key"};
constexpr Names kPrctl = {"prctl", "arch_prctl"};
constexpr Names kSeccomp = {"seccomp"};
constexpr Names kDup = {"dup", "dup2", "dup3", "fcntl", "fcntl64"};
constexpr Names kFdPass = {"sendmsg",  "recvmsg",         "sendmmsg",
                           "recvmmsg", "recvmmsg_time64", "pidfd_getfd"};
constexpr Names kPipe = {"pipe", "pipe2"};
constexpr Names kRlimit = {"setrlimit", "prlimit64"};
constexpr Names kClock = {"clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
                          "settimeofday",  "stime",           "adjtimex"};

constexpr Names kColumns = {"evt.time", "proc.pid", "proc.name", "evt.info"};
constexpr Names kSocketColumns = {"evt.time",   "proc.pid", "proc.name", "evt.res",
                                  "fd.l4proto", "fd.num",   "fd.name"};
constexpr Names kPassedColumns = {"evt.time",          "proc.pid",        "proc.name",
                                  "evt.arg.direction", "evt.arg.count",   "evt.arg.fds",
                                  "evt.arg.names",     "evt.arg.peer.pid"};
constexpr Names kTargetColumns = {"evt.time", "proc.pid", "proc.name", "target.name", "evt.info"};
constexpr Names kPrograms = {"syscalls__exit"};  // goes on with calls__traced
// Kinds that an io_uring can make as well. The ends before the beginnings: what is remembered
// will be seen to end.
constexpr Names kCallOrRequest = {"syscalls__exit", "uring__overflow", "uring__complete",
                                  "uring__submit", "uring__submit_6_0"};

struct Look {
  std::span<const std::string_view> columns;
  std::span<const FieldDescriptor* const> fields;
  std::span<const FieldDescriptor* const> derived;
  Value (*info)(const Event&);
  std::span<const std::string_view> programs = kPrograms;
};
constexpr Look kCalls{kColumns, {}, kCommonArgumentFields, call_info};
constexpr Look kSockets{kSocketColumns, kSocketFields, kDerivedSocketFields, socket_info,
                        kCallOrRequest};
// Nothing but a socket has more than a number there.
constexpr Look kDuplicates{kColumns, kSocketFields, kDerivedSocketFields, call_info};
constexpr Look kPassed{kPassedColumns, kPassedFields, kCommonArgumentFields, passed_info};
constexpr Look kTargets{kTargetColumns, kTargetFields, kCommonArgumentFields, call_info};

constexpr EventDescriptor kind_of(wire_kind kind, std::string_view name, std::string_view group,
                                  std::span<const std::string_view> calls, const Look& look,
                                  std::string_view doc) {
  return {.kind = kind,
          .name = name,
          .group = group,
          .doc = doc,
          .columns = look.columns,
          .fields = look.fields,
          .info = look.info,
          .programs = look.programs,
          .record = shape_of<wire_file>(),
          .derived = look.derived,
          .calls = calls};
}

// clang-format off: a table
constexpr EventDescriptor kKinds[] = {
    kind_of(WIRE_MOUNT, "mount", "file", kMount, kCalls,
            "a file system is mounted, moved or unmounted, by the old calls or the new"),
    kind_of(WIRE_SOCKET, "socket", "net", kSocket, kSockets, "a socket is made"),
    kind_of(WIRE_BIND, "bind", "net", kBind, kSockets, "a socket gets an address"),
    kind_of(WIRE_LISTEN, "listen", "net", kListen, kSockets, "a socket waits for connections"),
    kind_of(WIRE_CONNECT, "connect", "net", kConnect, kSockets,
            "a connection is made, or not (EINPROGRESS: it goes on)"),
    kind_of(WIRE_ACCEPT, "accept", "net", kAccept, kSockets, "a connection is accepted"),
    kind_of(WIRE_PTRACE, "ptrace", "security", kPtrace, kTargets,
            "a process looks into another, or changes it"),
    kind_of(WIRE_MODULE, "module", "security", kModule, kCalls,
            "a kernel module is loaded or removed, or another kernel loaded"),
    kind_of(WIRE_BPF, "bpf", "security", kBpf, kCalls, "a call of bpf(2)"),
    kind_of(WIRE_SETNS, "setns", "security", kSetns, kCalls, "a process joins a namespace"),
    kind_of(WIRE_UNSHARE, "unshare", "security", kUnshare, kCalls,
            "a process gets namespaces of its own"),
    kind_of(WIRE_MEMFD, "memfd", "security", kMemfd, kCalls,
            "a file is made that is in memory only"),
    kind_of(WIRE_SETUID, "setuid", "security", kSetuid, kCalls, "a process changes its user"),
    kind_of(WIRE_SETGID, "setgid", "security", kSetgid, kCalls, "a process changes its groups"),
    kind_of(WIRE_CAPSET, "capset", "security", kCapset, kCalls,
            "a process changes its capabilities"),
    kind_of(WIRE_KEYCTL, "keyctl", "security", kKeyctl, kCalls, "a call about the kernel's keys"),
    kind_of(WIRE_PRCTL, "prctl", "security", kPrctl, kCalls,
            "a process asks for or changes something of its own"),
    kind_of(WIRE_SECCOMP, "seccomp", "security", kSeccomp, kCalls,
            "a process restricts its own system calls"),
    kind_of(WIRE_DUP, "dup", "io", kDup, kDuplicates, "a descriptor gets another number"),
    kind_of(WIRE_PIPE, "pipe", "io", kPipe, kCalls, "a pipe is made"),
    kind_of(WIRE_FD_PASS, "fd_pass", "io", kFdPass, kPassed,
            "descriptors go to another process, or come from one"),
    kind_of(WIRE_RLIMIT, "rlimit", "kernel", kRlimit, kTargets,
            "a limit of a process is set, or asked for"),
    kind_of(WIRE_CLOCK, "clock", "kernel", kClock, kCalls,
            "the machine's clock is set, slewed or asked how it runs"),
};
// clang-format on

}  // namespace

std::span<const EventDescriptor> call_groups_kinds() { return kKinds; }

}  // namespace outrider
