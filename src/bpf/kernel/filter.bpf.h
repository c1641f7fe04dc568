/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel decides before it reads anything for an event.
 */
#ifndef OUTRIDER_BPF_FILTER_H
#define OUTRIDER_BPF_FILTER_H

#include "bpf/kernel/task.bpf.h"

struct wire_filter filter;

static __always_inline bool filter__wants_pid(u32 pid)
{
	bool found = false;
	u32 i;

	if (!filter.pid_count)
		return true;
	for (i = 0; i < WIRE_FILTER_VALUES && i < filter.pid_count; i++)
		found |= filter.pids[i] == pid;
	return found;
}

static __always_inline bool filter__wants_comm(const u64 comm[2])
{
	bool found = false;
	u32 i;

	for (i = 0; i < WIRE_FILTER_VALUES && i < filter.comm_count; i++)
		found |= filter.comms[i][0] == comm[0] && filter.comms[i][1] == comm[1];
	return found;
}

/* Whether somebody may want an event of this process, under this name. */
static __always_inline bool filter__wants_as(u32 pid, const u64 comm[2])
{
	return filter__wants_pid(pid) && (!filter.comm_count || filter__wants_comm(comm));
}

/* The same of the thread at this address. */
static __always_inline bool filter__wants(u64 task, u32 pid)
{
	u64 comm[2] = {};

	if (!filter__wants_pid(pid))
		return false;
	if (!filter.comm_count)
		return true;
	task__comm(task, comm);
	return filter__wants_comm(comm);
}

#endif
