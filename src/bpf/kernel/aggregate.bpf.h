/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counting in place of sending: groups of events that are alike, when all that
 * is asked for is known without building a record.
 *
 * Safe for programs that run with preemption off and are not entered again on
 * the same CPU: each CPU has sums of its own, which are added to without locks.
 */
#ifndef OUTRIDER_BPF_AGGREGATE_H
#define OUTRIDER_BPF_AGGREGATE_H

#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/task.bpf.h"

/* With its `active` unset the verifier throws all of this out. */
const volatile struct wire_aggregation aggregation = {};

/* Not preallocated: that would be 16 bytes for each group and CPU of the machine.
 * User space sets the size of the keys before loading. */
struct groups {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, WIRE_GROUPS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct wire_group));
	__uint(value_size, sizeof(struct wire_portion));
};

/* The groups in use. When user space changes them, it knows after that nobody
 * writes to the old ones any more: src/engine/kernel_groups.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct groups);
} groups_in_use SEC(".maps");

struct aggregate__call {
	u64 task;
	s64 result;
	u32 pid;
};

static __always_inline u64 aggregate__word(u8 source, const struct aggregate__call *call)
{
	/* Not through the structure: CO-RE would take it for one of the kernel's. */
	u64 task = call->task, comm[2];

	switch (source) {
	case WIRE_SOURCE_RESULT:
		return call->result;
	case WIRE_SOURCE_ERROR:
		return call->result < 0 ? call->result : 0;
	case WIRE_SOURCE_COMM:
		task__comm(task, comm);
		return comm[0];
	case WIRE_SOURCE_COMM_END:
		task__comm(task, comm);
		return comm[1];
	case WIRE_SOURCE_PID:
		return call->pid;
	case WIRE_SOURCE_TID:
		return TASK_READ(task, pid);
	case WIRE_SOURCE_PPID:
		return TASK_READ(task, real_parent, tgid);
	case WIRE_SOURCE_UID:
		return TASK_READ(task, cred, uid.val);
	case WIRE_SOURCE_GID:
		return TASK_READ(task, cred, gid.val);
	case WIRE_SOURCE_CGROUP:
		return task__cgroup_id(task);
	}
	return 0;
}

/* The same as slot_of() in src/aggregates/histogram.cpp. */
static __always_inline u16 aggregate__slot(s64 value)
{
	u64 rest = value;
	u16 slot = 2;

	if (value <= 0)
		return value == 0;
	if (rest >> 32) {
		slot += 32;
		rest >>= 32;
	}
	if (rest >> 16) {
		slot += 16;
		rest >>= 16;
	}
	if (rest >> 8) {
		slot += 8;
		rest >>= 8;
	}
	if (rest >> 4) {
		slot += 4;
		rest >>= 4;
	}
	if (rest >> 2) {
		slot += 2;
		rest >>= 2;
	}
	return slot + (rest >> 1);
}

/* Adds a call to its group. False if there is no room for the group: send the
 * record, and user space adds it. */
static __always_inline bool aggregate__add(struct wire_account *account, u32 kind, u64 task,
					   u32 pid, u64 number, bool compat, s64 result)
{
	struct aggregate__call call = {
		.task = task,
		.result = result,
		.pid = pid,
	};
	struct wire_portion *portion, nothing = {};
	struct wire_group group = {
		.kind = kind,
		.flags = compat ? WIRE_COMPAT : 0,
		.call = number,
	};
	u32 zero = 0;
	s64 value = 0;
	void *groups;
	int i;

	if (!aggregation.active)
		return false;
#pragma unroll
	for (i = 0; i < WIRE_GROUP_WORDS; i++)
		group.words[i] = aggregate__word(aggregation.sources[i], &call);
	if (aggregation.measure != WIRE_MEASURE_COUNT)
		value = aggregate__word(aggregation.value, &call);
	if (aggregation.measure == WIRE_MEASURE_HISTOGRAM)
		group.slot = aggregate__slot(value);

	groups = bpf_map_lookup_elem(&groups_in_use, &zero);
	if (!groups)
		return false;
	portion = bpf_map_lookup_elem(groups, &group);
	if (!portion) {
		/* Another CPU may be doing the same: either way it is there now. */
		bpf_map_update_elem(groups, &group, &nothing, BPF_NOEXIST);
		portion = bpf_map_lookup_elem(groups, &group);
		if (!portion)
			return false;
	}
	portion->count++;
	portion->sum += value;
	account->aggregated++;
	return true;
}

#endif
