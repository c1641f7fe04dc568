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
#include "bpf/kernel/log2.h"
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
 * writes to the old ones any more: src/bpf/swapped_map.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct groups);
} groups_in_use SEC(".maps");

/* The kernel gives programs memory for a new group whatever it is at (6.1: bpf_mem_alloc). Before,
 * it may have to wake somebody up for it, which is not for who has a lock of the scheduler. */
const volatile bool may_allocate_anywhere = false;

struct aggregate__call {
	u64 task;
	s64 result;
	u64 latency;
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
	case WIRE_SOURCE_LATENCY:
		return call->latency;
	}
	return 0;
}

/* Whether that word is there at all, of a call or of a kind that begins with struct wire_timed. */
static __always_inline bool aggregate__has(u8 source, bool timed)
{
	if (source == WIRE_SOURCE_RESULT || source == WIRE_SOURCE_ERROR)
		return !timed;
	return source != WIRE_SOURCE_LATENCY || timed;
}

/* The same as slot_of() in src/aggregates/histogram.cpp. */
static __always_inline u16 aggregate__slot(s64 value)
{
	return value <= 0 ? value == 0 : 2 + log2__of(value);
}

/* Adds what is in the group's words and has this value. False if there is no room. */
static __always_inline bool aggregate__count(struct wire_account *account, struct wire_group *group,
					     s64 value)
{
	struct wire_portion *portion, nothing = {};
	u32 zero = 0;
	void *groups;

	if (aggregation.measure == WIRE_MEASURE_HISTOGRAM)
		group->slot = aggregate__slot(value);

	groups = bpf_map_lookup_elem(&groups_in_use, &zero);
	if (!groups)
		return false;
	portion = bpf_map_lookup_elem(groups, group);
	if (!portion) {
		/* Another CPU may be doing the same: either way it is there now. */
		bpf_map_update_elem(groups, group, &nothing, BPF_NOEXIST);
		portion = bpf_map_lookup_elem(groups, group);
		if (!portion)
			return false;
	}
	portion->count++;
	portion->sum += value;
	account->aggregated++;
	return true;
}

/* The words of the group that a call, or an event that took some time, belongs to. False if it
 * lacks one that is asked for. */
static __always_inline bool aggregate__words(struct wire_group *group,
					     const struct aggregate__call *call, bool timed)
{
	int i;

#pragma unroll
	for (i = 0; i < WIRE_GROUP_WORDS; i++) {
		if (!aggregate__has(aggregation.sources[i], timed))
			return false;
		group->words[i] = aggregate__word(aggregation.sources[i], call);
	}
	return aggregation.measure == WIRE_MEASURE_COUNT ||
	       aggregate__has(aggregation.value, timed);
}

/* Adds a call to its group. False if there is no room for the group, or it lacks what is asked
 * for: send the record, and user space adds it. */
static __always_inline bool aggregate__add(struct wire_account *account, u32 kind, u64 task,
					   u32 pid, u64 number, bool compat, s64 result)
{
	struct aggregate__call call = {
		.task = task,
		.result = result,
		.pid = pid,
	};
	struct wire_group group = {
		.kind = kind,
		.flags = compat ? WIRE_COMPAT : 0,
		.call = number,
	};
	s64 value = 0;

	if (!aggregation.active || !aggregate__words(&group, &call, false))
		return false;
	if (aggregation.measure != WIRE_MEASURE_COUNT)
		value = aggregate__word(aggregation.value, &call);
	return aggregate__count(account, &group, value);
}

/* The same of a kind that begins with struct wire_timed. One that took 4 s or more is sent, so that
 * no number of them makes a sum too large; and one of which it is not known how long. */
static __always_inline bool aggregate__add_timed(struct wire_account *account, u32 kind, u64 task,
						 u64 latency)
{
	struct aggregate__call call = {
		.task = task,
		.latency = latency,
		.pid = TASK_READ(task, tgid),
	};
	struct wire_group group = { .kind = kind };
	s64 value = 0;

	if (!aggregation.active || !may_allocate_anywhere || latency >> 32 ||
	    !aggregate__words(&group, &call, true))
		return false;
	if (aggregation.measure != WIRE_MEASURE_COUNT)
		value = aggregate__word(aggregation.value, &call);
	return aggregate__count(account, &group, value);
}

#endif
