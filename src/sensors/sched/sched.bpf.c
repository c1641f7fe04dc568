/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Waiting for a CPU: when a thread begins to run, how long it could have run already, how long it
 * was off the CPU, and why it had left it. One event for each switch to a thread.
 *
 * sched_switch is called with the lock of the CPU's queue held and interrupts off, sched_wakeup
 * with that lock too, mostly of another's CPU. So nothing here takes memory from the kernel: the
 * map is there from the beginning.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "sensors/sched/sched_wire.h"

enum { SCHED_THREADS = 1 << 16 };

/* include/linux/sched.h; the same in all kernels from 5.10 on. */
enum {
	TASK_INTERRUPTIBLE = 0x1,
	TASK_UNINTERRUPTIBLE = 0x2,
	TASK_STOPPED_OR_TRACED = 0x4 | 0x8,
	TASK_DEAD = 0x80,
	TASK_NOLOAD = 0x400,
};

/* Of a thread that is off the CPU. ns of the monotonic clock; 0: unknown, or not yet. */
struct sched_wait {
	u64 left;
	u64 ready;
	u32 reason;
	u32 reserved;
};

/* By tid. Threads are put in when they leave a CPU or are woken, and out when they end. Of those
 * for which there is no room, times are unknown. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SCHED_THREADS);
	__type(key, u32);
	__type(value, struct sched_wait);
} sched_waits SEC(".maps");

static __always_inline u64 sched__state(u64 task)
{
	if (bpf_core_field_exists(((struct task_struct *)0)->__state))
		return TASK_READ(task, __state);
	return OBJECT_READ(struct task_struct___signed, task, state);
}

static __always_inline u32 sched__reason(u64 task, u64 state)
{
	if (state & TASK_STOPPED_OR_TRACED)
		return WIRE_SCHED_STOPPED;
	if (BPF_CORE_READ_BITFIELD_PROBED((struct task_struct *)task, in_iowait))
		return WIRE_SCHED_IO;
	if (state & TASK_INTERRUPTIBLE)
		return WIRE_SCHED_SLEEPING;
	if (state & TASK_UNINTERRUPTIBLE)
		return state & TASK_NOLOAD ? WIRE_SCHED_IDLE : WIRE_SCHED_BLOCKED;
	return WIRE_SCHED_UNKNOWN;
}

static __always_inline void sched__woken(u64 task, u32 reason)
{
	struct sched_wait *wait, fresh = { .reason = reason };
	u32 tid = TASK_READ(task, pid);
	u64 now = bpf_ktime_get_ns();

	wait = bpf_map_lookup_elem(&sched_waits, &tid);
	if (!wait) {
		fresh.ready = now;
		bpf_map_update_elem(&sched_waits, &tid, &fresh, BPF_ANY);
	} else if (!wait->ready) {
		wait->ready = now;
	}
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(sched__wakeup, u64 task)
{
	sched__woken(task, WIRE_SCHED_UNKNOWN);
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched__new, u64 task)
{
	sched__woken(task, WIRE_SCHED_NEW);
	return 0;
}

static __always_inline void sched__leave(u64 task, bool preempted, u64 now)
{
	u32 tid = TASK_READ(task, pid);
	u64 state = sched__state(task);
	struct sched_wait wait = { .left = now };

	if (!tid) /* the CPU's idle task */
		return;
	if (state & TASK_DEAD) {
		bpf_map_delete_elem(&sched_waits, &tid);
		return;
	}
	if (preempted || !state) {
		wait.ready = now;
		wait.reason = WIRE_SCHED_PREEMPTED;
	} else {
		wait.reason = sched__reason(task, state);
	}
	bpf_map_update_elem(&sched_waits, &tid, &wait, BPF_ANY);
}

static __always_inline void sched__begin(u64 task, u32 previous, u64 now)
{
	u64 latency = WIRE_LATENCY_UNKNOWN, off_cpu = WIRE_LATENCY_UNKNOWN;
	struct wire_account *account;
	struct wire_sched record;
	struct sched_wait *wait;
	u32 tid = TASK_READ(task, pid), reason = WIRE_SCHED_UNKNOWN;

	if (!tid)
		return;
	wait = bpf_map_lookup_elem(&sched_waits, &tid);
	if (wait) {
		if (wait->ready)
			latency = now - wait->ready;
		if (wait->left)
			off_cpu = now - wait->left;
		reason = wait->reason;
		/* A wake-up of who runs already is not one. */
		wait->ready = now;
		wait->left = 0;
	}
	if (task__is_own(task))
		return;
	account = timed__begin(WIRE_SCHED, task, latency);
	if (!account)
		return;
	timed__fill(&record.timed, WIRE_SCHED, sizeof(record), task, latency);
	record.off_cpu = off_cpu;
	record.reason = reason;
	record.previous_tid = previous;
	anywhere__send(account, &record, sizeof(record));
}

SEC("tp_btf/sched_switch")
int BPF_PROG(sched__switch, bool preempted, u64 previous, u64 next)
{
	u64 now = bpf_ktime_get_ns();

	sched__leave(previous, preempted, now);
	sched__begin(next, TASK_READ(previous, pid), now);
	return 0;
}
