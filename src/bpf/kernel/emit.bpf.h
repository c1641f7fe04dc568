/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rings, scratch memory and accounts.
 *
 * A record is built in a per-CPU scratch buffer and copied into the ring whole
 * (bpf_ringbuf_output), rather than reserved in a size class: the size of a
 * path is known only after it has been read, 5.10 wants constant sizes for
 * reservations, and the copy of some 300 bytes costs less than the holes.
 *
 * The scratch buffer is safe for programs that run with preemption off and are
 * not entered again on the same CPU: BTF raw tracepoints in process context, where
 * the kernel sees to the first or UNPREEMPTED_PROG does.
 */
#ifndef OUTRIDER_BPF_EMIT_H
#define OUTRIDER_BPF_EMIT_H

#include "bpf/kernel/program.bpf.h"

enum {
	/* The process ring has number 0: a flood of opens cannot blind the tree. */
	RING_PROCESS = 0,
	RING_FIRST_SHARD = 1,
	RING_LIMIT = 65,
};

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* real sizes are set by user space */
};

/* Process ring, then one shard per group of CPUs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RING_LIMIT);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* log2 of the CPUs that share a ring. */
const volatile wire_u32 ring_shift = 3;

struct wire_sleep ring_sleep[RING_LIMIT];

struct scratch {
	u8 bytes[WIRE_RECORD_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratch_buffers SEC(".maps");

/* By kind. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WIRE_KIND_LIMIT);
	__type(key, u32);
	__type(value, struct wire_account);
} accounts SEC(".maps");

/* Who lost how many records; when it is full, only the accounts know. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct wire_loss_key);
	__type(value, u64);
} losses SEC(".maps");

static __always_inline struct wire_account *account__of(u32 kind)
{
	return bpf_map_lookup_elem(&accounts, &kind);
}

/* The part of the wanted events that is left out, of 2^32. Set while a limit for CPU is held
 * (src/engine/budget.h). */
wire_u32 left_out_share;

/* Whether an event that somebody wants is to be built and sent; else it is counted as left out. Not
 * asked for what tables live on. */
static __always_inline bool account__keeps(struct wire_account *account)
{
	if (!left_out_share || bpf_get_prandom_u32() >= left_out_share)
		return true;
	__sync_fetch_and_add(&account->sampled, 1);
	return false;
}

static __always_inline void *scratch__get(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&scratch_buffers, &zero);
}

static __always_inline void loss__count(u32 pid, u32 kind)
{
	struct wire_loss_key key = { .pid = pid, .kind = kind };
	u64 one = 1, *count;

	count = bpf_map_lookup_elem(&losses, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else if (bpf_map_update_elem(&losses, &key, &one, BPF_NOEXIST)) {
		count = bpf_map_lookup_elem(&losses, &key);
		if (count)
			__sync_fetch_and_add(count, 1);
	}
}

/* Copies a record into a ring. A wake-up for each would make the traced call
 * three times as dear: the reader polls while it is busy, and asks to be woken
 * when it goes to sleep. Returns 0, or a negative errno when the ring is full. */
static __always_inline long ring__output(u32 index, void *record, u64 size)
{
	u64 flags = BPF_RB_NO_WAKEUP;
	void *ring;

	ring = bpf_map_lookup_elem(&rings, &index);
	if (!ring || index >= RING_LIMIT)
		return -1;
	if (ring_sleep[index].asleep) {
		ring_sleep[index].asleep = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	return bpf_ringbuf_output(ring, record, size, flags);
}

static __always_inline u32 ring__shard(void)
{
	return RING_FIRST_SHARD + (bpf_get_smp_processor_id() >> ring_shift);
}

/* Sends a finished record and counts what became of it. */
static __always_inline void event__send(struct wire_account *account, u32 ring, u32 kind, u32 pid,
					void *record, u64 size)
{
	if (ring__output(ring, record, size)) {
		account->ring_full++;
		loss__count(pid, kind);
	} else {
		account->delivered++;
	}
}

#endif
