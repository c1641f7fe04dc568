/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The summary of system calls: what the kernel programs add up, and what they are told to look at.
 * Compiles for both sides.
 */
#ifndef OUTRIDER_SYSCALLS_SUMMARY_WIRE_H
#define OUTRIDER_SYSCALLS_SUMMARY_WIRE_H

#include "bpf/kernel/log2.h"
#include "events/wire.h"

enum {
	WIRE_CALL_THREADS_MAX = 1 << 17, /* threads that are known at a time */
	WIRE_CALL_CGROUPS_MAX = 1 << 16,
	WIRE_CALL_SUMS_MAX = 1 << 17, /* keys between two looks of user space */
};

/* A knob: the programs are loaded with it, and what it does not ask for is not in them. */
struct wire_call_summary {
	wire_u8 by_process;
	wire_u8 by_thread;
	wire_u8 by_cgroup;
	wire_u8 errors;     /* which errors; else only how many */
	wire_u8 of_threads; /* of the threads in call_threads only */
	wire_u8 of_cgroups; /* not of the cgroups that are said to be unwanted; needs by_cgroup */
	wire_u8 follow;     /* with of_threads: also of the processes that these start */
	wire_u8 reserved;
	wire_u16 exec_number; /* of execve, for WIRE_CALL_WAITS */
	wire_u16 reserved2[3];
};
WIRE_ASSERT_SIZE(struct wire_call_summary, 16);

/* In place of the time when a call began. */
enum wire_call_start {
	WIRE_CALL_NONE = 0,    /* in no call, as far as we have seen */
	WIRE_CALL_IGNORED = 1, /* in a call of another one: a new thread's return from clone */
	WIRE_CALL_WAITS = 2,   /* its calls count from its execve on */
	WIRE_CALL_BEGAN = 3,   /* the first that is a time */
};

/* What a thread is doing. */
struct wire_call_thread {
	wire_u64 start; /* ns, monotonic; or enum wire_call_start */
	wire_u64 cgroup;
	wire_u32 pid;
	wire_u16 call;
	wire_u8 abi;
	wire_u8 reserved;
};
WIRE_ASSERT_SIZE(struct wire_call_thread, 24);

/* A number that cannot be one of a call. */
enum { WIRE_NO_CALL = 0xffff };

/* Each power of two in eight steps, so that a time is within an eighth of the others in its slot.
 * Behind them what has no time. */
enum {
	WIRE_CALL_STEPS_SHIFT = 3,
	WIRE_CALL_STEPS = 1 << WIRE_CALL_STEPS_SHIFT,
	WIRE_CALL_SLOTS = (64 - WIRE_CALL_STEPS_SHIFT + 1) * WIRE_CALL_STEPS,
	WIRE_CALL_UNTIMED = WIRE_CALL_SLOTS,     /* nobody saw it begin */
	WIRE_CALL_ENDLESS = WIRE_CALL_SLOTS + 1, /* its thread ended in it: exit_group */
};

/* C, which has no other casts.
 * NOLINTBEGIN(google-readability-casting) */
static inline __attribute__((always_inline)) wire_u16 call__slot(wire_u64 time)
{
	wire_u16 power;

	if (time < WIRE_CALL_STEPS)
		return (wire_u16)time;
	power = log2__of(time) - WIRE_CALL_STEPS_SHIFT;
	return (wire_u16)((power + 1) * WIRE_CALL_STEPS + (time >> power & (WIRE_CALL_STEPS - 1)));
}
/* NOLINTEND(google-readability-casting) */

/* What is added up. Only as many bytes as are asked for are in the map: see call_key_size(). */
struct wire_call_key {
	wire_u16 call;  /* number, or WIRE_NO_CALL */
	wire_u16 error; /* errno, or 0; any error is 1 if nobody asks which */
	wire_u16 slot;  /* call__slot() of its time, or WIRE_CALL_... */
	wire_u8 abi;    /* enum wire_abi */
	wire_u8 reserved;
	wire_u64 cgroup; /* see wire_cgroup_id; when it began */
	wire_u32 pid;
	wire_u32 tid;
	wire_u64 comm[2]; /* of the thread; of processes, of the first */
};
WIRE_ASSERT_SIZE(struct wire_call_key, 40);

struct wire_call_sum {
	wire_u64 count;
	wire_u64 time; /* ns */
	wire_u64 longest;
};
WIRE_ASSERT_SIZE(struct wire_call_sum, 24);

/* By CPU: calls that were wanted = those in the sums + no_room. */
struct wire_call_account {
	wire_u64 seen;
	wire_u64 no_room;    /* lost: the sums were full */
	wire_u64 unfollowed; /* threads that could not be followed: call_threads was full */
};
WIRE_ASSERT_SIZE(struct wire_call_account, 24);

#endif
