/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls that a seccomp filter answered in place of the kernel, where no function of the kernel can
 * be hooked that says so (sensors/seccomp_refusal has that): they exit, but have not entered. Only
 * threads with a filter are looked at; every call of the machine pays for a pair of programs while
 * somebody wants to know.
 *
 * Entry and exit: include/linux/entry-common.h. ptrace comes first, then seccomp, and then the
 * tracepoint. So a call that a tracer did away with looks the same: of who is traced nothing is
 * told. A filter that traps or kills does not get that far without a signal being on its way.
 *
 * Where the kernel skips a program (recursion, see docs/ARCHITECTURE.md) the entry is missing, and
 * a call that failed would look as if refused.
 */
#include "syscalls/refusal.bpf.h"

enum { REFUSAL_THREADS = 1 << 14 };

/* include/uapi/linux/seccomp.h */
enum { SECCOMP_MODE_FILTER = 2 };

/* The bit of SIGSYS, 31, among the signals of a thread. */
#define SIGSYS_PENDING (1ul << 30)

struct refusal_call {
	u64 start_time; /* of the thread: its place in memory may be another's by now */
	u32 entered;
	u32 reserved;
};

/* By address of the task, which an exec leaves as it is. What is forgotten is not told. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, REFUSAL_THREADS);
	__type(key, u64);
	__type(value, struct refusal_call);
} refusal_calls SEC(".maps");

/* Notes where a thread is. Returns whether it was known, and `before` where it was. */
static __always_inline bool refusal__note(u64 task, u32 entered, u32 *before)
{
	struct refusal_call *call, fresh = { .entered = entered };
	u64 start = TASK_READ(task, start_boottime);

	call = bpf_map_lookup_elem(&refusal_calls, &task);
	if (call && call->start_time == start) {
		*before = call->entered;
		call->entered = entered;
		return true;
	}
	fresh.start_time = start;
	bpf_map_update_elem(&refusal_calls, &task, &fresh, BPF_ANY);
	return false;
}

/* Attached before the other: what enters in between is known to have entered. */
SEC("tp_btf/sys_enter")
int BPF_PROG(refusal__enter, struct pt_regs *registers, long number)
{
	u64 task = task__current();
	u32 before;

	if (TASK_READ(task, seccomp.mode) == SECCOMP_MODE_FILTER)
		refusal__note(task, 1, &before);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(refusal__exit, struct pt_regs *registers, long result)
{
	u64 task = task__current();
	u32 before = 1;

	if (TASK_READ(task, seccomp.mode) != SECCOMP_MODE_FILTER)
		return 0;
	if (!refusal__note(task, 0, &before) || before)
		return 0;
	if (result >= 0 || result < -MAX_ERRNO || TASK_READ(task, ptrace) ||
	    TASK_READ(task, pending.signal.sig[0]) & SIGSYS_PENDING)
		return 0;
	refusal__send(task, WIRE_REFUSAL_ERRNO, registers__number(registers), -result);
	return 0;
}
