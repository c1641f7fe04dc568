# SPDX-License-Identifier: Apache-2.0
"""The packaged tools that Outrider is compared with: one table, no code per tool.

All of them are treated alike: standard output goes to a file on tmpfs; a peer is ready when
calls that the benchmark makes on purpose show in that file (what the tools print when they
start says little about when they trace); a delivered event is a line that contains the path,
or the argument, that only the generator uses.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    watches: str  # "open" or "exec"; "count": opens, in a map of the kernel
    package: str  # Debian's
    argv: tuple[str, ...]
    environment: dict[str, str] = dataclasses.field(default_factory=dict)
    # Output is buffered by the tool when it is not a terminal; so many events push it out.
    flush: int = 300


# What makes bpftrace lose least: output buffered, and 32 MB of buffer per CPU.
BPFTRACE_TUNED = {"BPFTRACE_PERF_RB_PAGES": "8192"}

BPFTRACE_OPEN = """
tracepoint:syscalls:sys_enter_openat { @path[tid] = args->filename; }
tracepoint:syscalls:sys_exit_openat /@path[tid]/ {
  printf("%d %s %d %s\\n", pid, comm, args->ret, str(@path[tid]));
  delete(@path[tid]);
}
"""

BPFTRACE_EXEC = """
tracepoint:syscalls:sys_enter_execve { printf("exec %d %s ", pid, comm); join(args->argv); }
tracepoint:sched:sched_process_fork { printf("fork %d %d\\n", pid, args->child_pid); }
tracepoint:sched:sched_process_exit /pid == tid/ { printf("exit %d %s\\n", pid, comm); }
"""

PEERS = (
    Peer("bpftrace", "open", "bpftrace", ("bpftrace", "-e", BPFTRACE_OPEN)),
    Peer("bpftrace, large buffers", "open", "bpftrace",
         ("bpftrace", "-B", "full", "-e", BPFTRACE_OPEN), BPFTRACE_TUNED),
    Peer("opensnoop (libbpf-tools)", "open", "libbpf-tools", ("/usr/sbin/opensnoop",)),
    Peer("opensnoop (bcc)", "open", "bpfcc-tools", ("opensnoop-bpfcc",)),
    Peer("sysdig", "open", "sysdig",
         ("sysdig", "-p", "%proc.pid %proc.name %evt.res %fd.name", "evt.type=openat")),
    Peer("bpftrace, large buffers", "exec", "bpftrace",
         ("bpftrace", "-B", "full", "-e", BPFTRACE_EXEC), BPFTRACE_TUNED),
    Peer("execsnoop (libbpf-tools)", "exec", "libbpf-tools", ("/usr/sbin/execsnoop",)),
    Peer("execsnoop (bcc)", "exec", "bpfcc-tools", ("execsnoop-bpfcc",)),
    Peer("sysdig", "exec", "sysdig",
         ("sysdig", "-p", "%proc.pid %proc.name %proc.cmdline", "evt.type=execve")),
    Peer("bpftrace, counting", "count", "bpftrace",
         ("bpftrace", "-e", "tracepoint:syscalls:sys_exit_openat { @[comm] = count(); }")),
)
