/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel decides before it reads anything for an event.
 */
#ifndef OUTRIDER_BPF_FILTER_H
#define OUTRIDER_BPF_FILTER_H

#include "bpf/kernel/program.bpf.h"

struct wire_filter filter;

/* Whether somebody may want an event of the current thread. */
static __always_inline bool filter__wants(u32 pid)
{
	u64 comm[2] = {};
	u32 i;

	if (filter.pid_count) {
		bool found = false;

		for (i = 0; i < WIRE_FILTER_VALUES && i < filter.pid_count; i++)
			found |= filter.pids[i] == pid;
		if (!found)
			return false;
	}
	if (filter.comm_count) {
		bool found = false;

		bpf_get_current_comm(comm, sizeof(comm));
		for (i = 0; i < WIRE_FILTER_VALUES && i < filter.comm_count; i++)
			found |= filter.comms[i][0] == comm[0] && filter.comms[i][1] == comm[1];
		if (!found)
			return false;
	}
	return true;
}

#endif
