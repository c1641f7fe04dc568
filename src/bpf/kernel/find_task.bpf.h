/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread by its number, where the kernel has no function for it that programs may call (it has
 * from 6.2 on, but only for some programs): in the tree that it looks in itself.
 */
#ifndef OUTRIDER_BPF_FIND_TASK_H
#define OUTRIDER_BPF_FIND_TASK_H

#include "bpf/kernel/task.bpf.h"

/* include/linux/xarray.h: an entry whose lowest bits are these is a node, 2 behind its address;
 * each has 64 slots, so the numbers of processes (at most 2^22) take four of them. */
enum { XA_BITS = 3, XA_NODE = 2, XA_SLOTS = 64, XA_DEPTH = 4 };

/* include/linux/pid_types.h */
enum { PIDTYPE_PID_INDEX = 0 };

/* By its number in the host's pid namespace; 0 if there is none. */
static __always_inline u64 task__of_pid(u32 number)
{
	struct task_struct *current = (void *)task__current();
	struct pid_namespace *host;
	u64 entry, node;
	u8 shift;
	int depth;

	host = BPF_CORE_READ(current, group_leader, thread_pid, numbers[0].ns);
	entry = (u64)BPF_CORE_READ(host, idr.idr_rt.xa_head);
#pragma unroll
	for (depth = 0; depth < XA_DEPTH; depth++) {
		if ((entry & XA_BITS) != XA_NODE)
			break;
		node = entry - XA_NODE;
		shift = BPF_CORE_READ((struct xa_node *)node, shift);
		entry = word__read(node + bpf_core_field_offset(struct xa_node, slots) +
				   8ull * (number >> (shift & 31) & (XA_SLOTS - 1)));
	}
	if (!entry || entry & XA_BITS)
		return 0;
	/* That of the thread, which is the first in its list. */
	entry = (u64)BPF_CORE_READ((struct pid *)entry, tasks[PIDTYPE_PID_INDEX].first);
	return entry ? entry - bpf_core_field_offset(struct task_struct, pid_links) : 0;
}

#endif
