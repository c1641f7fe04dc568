/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events of programs that can come on top of another one of ours, or of themselves: from
 * interrupts, with a lock of the scheduler held, or preempted in between.
 *
 * Their records are small and on the stack, or in a slot that nobody else uses meanwhile. Counters
 * are added to by one instruction. Which process lost records is not noted: that would take memory
 * from the kernel, which is not for who has a lock of the scheduler.
 */
#ifndef OUTRIDER_BPF_ANYWHERE_H
#define OUTRIDER_BPF_ANYWHERE_H

#include "bpf/kernel/aggregate.bpf.h"
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/task.bpf.h"

/* Whether it is of the agent itself. */
static __always_inline bool task__is_own(u64 task)
{
	return (u32)TASK_READ(task, tgid) == own_pid;
}

/* Counts an event as seen. NULL if nobody wants its kind. */
static __always_inline struct wire_account *anywhere__begin(u32 kind)
{
	struct wire_account *account = account__of(kind);

	if (!account)
		return NULL;
	__sync_fetch_and_add(&account->seen, 1);
	if (filter__wants_kind(use_filter ? filter_word : 0, kind))
		return account;
	__sync_fetch_and_add(&account->filtered, 1);
	return NULL;
}

/* Sends a record that is finished, and counts what became of it. */
static __always_inline void anywhere__send(struct wire_account *account, void *record, u64 size)
{
	if (ring__output(ring__shard(), record, size))
		__sync_fetch_and_add(&account->ring_full, 1);
	else
		__sync_fetch_and_add(&account->delivered, 1);
}

/* The header of an event about this task. */
static __always_inline void anywhere__header(struct wire_header *header, u32 kind, u32 size,
					     u64 task)
{
	header__fill(header, task, bpf_ktime_get_boot_ns());
	header->kind = kind;
	header->size = size;
}

/* Begins an event that took so long: NULL if nobody wants it, or if it has been added to its
 * group. The caller fills in what follows after struct wire_timed. */
static __always_inline struct wire_account *timed__begin(u32 kind, u64 task, u64 latency)
{
	struct wire_account *account = anywhere__begin(kind);
	u64 word = use_filter ? filter_word : 0;

	if (!account)
		return NULL;
	if (word & FILTER_ASKS_NUMBERS &&
	    !filter__timed(filter__start(word, kind), TASK_READ(task, tgid), TASK_READ(task, pid),
			   latency)) {
		__sync_fetch_and_add(&account->filtered, 1);
		return NULL;
	}
	if (aggregate__add_timed(account, kind, task, latency) || !account__keeps(account))
		return NULL;
	return account;
}

static __always_inline void timed__fill(struct wire_timed *timed, u32 kind, u32 size, u64 task,
					u64 latency)
{
	anywhere__header(&timed->header, kind, size, task);
	timed->latency = latency;
	timed->cpu = bpf_get_smp_processor_id();
	timed->reserved = 0;
}

/* Memory for a record that the stack has no room for. What comes on top ends before what it
 * interrupted goes on, so slots are taken and given back as a stack's; preemption must be off. */
enum { SLOTS = 4, SLOT_SIZE = 4096 };

struct slot {
	u8 bytes[SLOT_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} slots_taken SEC(".maps");

/* NULL, and nothing is to be given back, if all are taken. */
static __always_inline void *slot__take(void)
{
	u32 zero = 0, place;
	u32 *taken = bpf_map_lookup_elem(&slots_taken, &zero);

	if (!taken || *taken >= SLOTS)
		return NULL;
	place = *taken;
	*taken = place + 1;
	return bpf_map_lookup_elem(&slots, &place);
}

static __always_inline void slot__give_back(void)
{
	u32 zero = 0;
	u32 *taken = bpf_map_lookup_elem(&slots_taken, &zero);

	if (taken && *taken)
		*taken -= 1;
}

#endif
