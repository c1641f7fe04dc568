/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Probes: events at functions, USDT probes and tracepoints that somebody has named.
 *
 * An object of its own, which is opened once for each target of a run, and with it the plan of what
 * to capture as a constant: so nobody who traces no probe pays for it, and no program has to find
 * out whose it is (cookies are of 5.15). Rings, accounts and the filter's tables are those of the
 * main object.
 *
 * Programs at functions can be preempted by, and come on top of, others of ours, so they have no
 * memory but what they reserve in the ring, and that of calls that have begun, by thread and frame.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "bpf/kernel/decide.h"
#include "bpf/kernel/stack.bpf.h"
#include "sensors/probe/probe_wire.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile struct wire_probe_plan probe_plan = {};

/* Calls that have begun and not returned yet. Those that never will (a thread was killed, or has
 * jumped out of it) go when there is no room. */
enum { PROBE_CALLS = 8192 };

struct probe_call {
	u64 thread;
	u64 frame;
};

/* The time of the entry, and what was captured. The size is set by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PROBE_CALLS);
	__uint(key_size, sizeof(struct probe_call));
	__uint(value_size, sizeof(u64));
} probe_calls SEC(".maps");

/* What such a call begins with. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u64));
} probe_blank SEC(".maps");

/* A word of the context, whose places the plan knows and the verifier does not. */
static __always_inline u64 probe__word(void *ctx, u32 from)
{
	u64 word = 0;

	bpf_probe_read_kernel(&word, sizeof(word), ctx + from);
	return word;
}

static __always_inline long probe__read(void *to, u32 size, u64 address)
{
	return probe_plan.is_kernel ? bpf_probe_read_kernel(to, size, (void *)address) :
				      bpf_probe_read_user(to, size, (void *)address);
}

static __always_inline long probe__read_text(void *to, u32 size, u64 address)
{
	long length = 0;

	if (probe_plan.is_kernel)
		length = bpf_probe_read_kernel_str(to, size, (void *)address);
	/* Functions of the kernel are given texts of the caller's, too. */
	return length > 0 ? length : bpf_probe_read_user_str(to, size, (void *)address);
}

/* A tracepoint's dynamic field. include/trace/stages/stage1_struct_define.h: the low half of the
 * word is where it begins, the upper its length. */
static __always_inline void probe__located(void *ctx, u32 from, bool relative, u32 room,
					   struct wire_probe_word *to)
{
	u32 location = 0, size;

	bpf_probe_read_kernel(&location, sizeof(location), ctx + from);
	size = location >> 16;
	to->value = 0;
	to->length = size;
	barrier_var(size);
	if (size > room)
		size = room;
	location &= 0xffff;
	if (relative)
		location += from + sizeof(location);
	if (bpf_probe_read_kernel(to + 1, size, ctx + location))
		to->length = -1;
}

static __always_inline void probe__capture(void *ctx, u8 *data)
{
	u32 i;

#pragma unroll
	for (i = 0; i < WIRE_PROBE_CAPTURES; i++) {
		const volatile struct wire_probe_capture *capture = &probe_plan.captures[i];
		struct wire_probe_word *to = (void *)data + capture->place;
		u8 how = capture->how;

		if (how == WIRE_PROBE_NOTHING)
			break;
		if (how == WIRE_PROBE_BYTES) {
			bpf_probe_read_kernel(to, capture->size, ctx + capture->from);
			continue;
		}
		if (how == WIRE_PROBE_LOCATED || how == WIRE_PROBE_RELATIVE) {
			probe__located(ctx, capture->from, how == WIRE_PROBE_RELATIVE,
				       capture->size, to);
			continue;
		}
		to->value = how == WIRE_PROBE_CONSTANT ? 0 : probe__word(ctx, capture->from);
		to->value += capture->offset;
		to->length = 0;
		if (how == WIRE_PROBE_MEMORY) {
			u64 address = to->value;

			to->value = 0;
			if (probe__read(&to->value, capture->text ? sizeof(u64) : capture->size,
					address))
				to->length = -1;
		}
		if (capture->text && !to->length)
			to->length = probe__read_text(to + 1, capture->size, to->value);
	}
}

/* Of a workload the agent says what it is, as in filter.bpf.c, but without memory of ours. */
static __always_inline bool probe__workload(u32 slot, u64 task)
{
	u64 cgroup = task__cgroup_id(task);
	struct filter_workload *known = bpf_map_lookup_elem(&filter_workloads, &cgroup);
	struct filter_tables *tables;
	struct filter_set *by_kind;
	u32 zero = 0, set;
	void *map;

	map = bpf_map_lookup_elem(&filter_numbers, &slot);
	tables = map ? bpf_map_lookup_elem(map, &zero) : NULL;
	if (!tables || !known)
		return true;
	by_kind = &tables->sets[tables->kinds[probe_plan.kind & (WIRE_KIND_LIMIT - 1)] &
				(FILTER_SETS - 1)];
	set = decide__workload(tables, known) & (FILTER_SETS - 1);
	return decide__meet(by_kind, &tables->sets[set], by_kind, &tables->sets[set]);
}

/* Whether anybody wants an event of this task that has taken so long. */
static __always_inline bool probe__is_wanted(u64 task, u64 latency)
{
	u64 word = use_filter ? filter_word : 0;

	if (!filter__wants_kind(word, probe_plan.kind))
		return false;
	if (word & FILTER_ASKS_NUMBERS &&
	    !filter__timed(filter__start(word, probe_plan.kind), TASK_READ(task, tgid),
			   TASK_READ(task, pid), latency))
		return false;
	return !(word & FILTER_ASKS_WORKLOAD) ||
	       probe__workload((word & FILTER_SLOT_MASK) - 1, task);
}

/* Frames behind the last are 0: an area has the same size in every record. */
static __always_inline void probe__stack(void *ctx, struct wire_string *string, void *frames,
					 u64 flags)
{
	string->length = STACK_MAX;
	string->state = WIRE_STRING_WHOLE;
	string->flags = 0;
	/* What cannot be walked it sets to 0 itself. */
	if (bpf_get_stack(ctx, frames, STACK_MAX, flags) == STACK_MAX)
		string->state = WIRE_STRING_CUT;
}

static __always_inline void probe__stacks(void *ctx, struct wire_probe *record)
{
	u8 *frames = (u8 *)(record + 1) + probe_plan.data_size;
	struct wire_stacks stacks = {};

	if (probe_plan.stacks & 1 << WIRE_STACK_USER) {
		probe__stack(ctx, &stacks.stacks[WIRE_STACK_USER], frames, BPF_F_USER_STACK);
		frames += STACK_MAX;
	}
	if (probe_plan.stacks & 1 << WIRE_STACK_KERNEL) {
		probe__stack(ctx, &stacks.stacks[WIRE_STACK_KERNEL], frames, 0);
		frames += STACK_MAX;
	}
	__builtin_memcpy(frames, &stacks, sizeof(stacks));
	record->timed.header.flags |= WIRE_STACKS;
}

/* Builds an event in the ring and sends it. `data` was captured at the entry; NULL: it is captured
 * now. */
static __always_inline void probe__send(void *ctx, struct wire_account *account, u64 task,
					u64 latency, void *data, u64 result)
{
	u32 index = ring__shard();
	u64 flags = BPF_RB_NO_WAKEUP;
	struct wire_probe *record;
	void *ring;

	ring = bpf_map_lookup_elem(&rings, &index);
	if (!ring || index >= RING_LIMIT)
		return;
	record = bpf_ringbuf_reserve(ring, probe_plan.record_size, 0);
	if (!record) {
		__sync_fetch_and_add(&account->ring_full, 1);
		return;
	}
	timed__fill(&record->timed, probe_plan.kind, probe_plan.record_size, task, latency);
	record->result = result;
	record->flags = data ? WIRE_PROBE_RETURNED : 0;
	record->strings[0].length = probe_plan.data_size;
	record->strings[0].state = WIRE_STRING_WHOLE;
	record->strings[0].flags = 0;
	if (data)
		bpf_probe_read_kernel(record + 1, probe_plan.data_size, data);
	else
		probe__capture(ctx, (u8 *)(record + 1));
	if (probe_plan.stacks)
		probe__stacks(ctx, record);
	if (ring_sleep[index].asleep) {
		ring_sleep[index].asleep = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	bpf_ringbuf_submit(record, flags);
	__sync_fetch_and_add(&account->delivered, 1);
}

/* Counts an event; NULL if nobody wants it. */
static __always_inline struct wire_account *probe__begin(u64 task, u64 latency)
{
	struct wire_account *account = account__of(probe_plan.kind);

	if (!account)
		return NULL;
	__sync_fetch_and_add(&account->seen, 1);
	if (!probe__is_wanted(task, latency)) {
		__sync_fetch_and_add(&account->filtered, 1);
		return NULL;
	}
	return account__keeps(account) ? account : NULL;
}

/* Of a tracepoint, a USDT probe, or a function that nobody wants to see return. */
static __always_inline void probe__hit(void *ctx)
{
	u64 task = task__current();
	struct wire_account *account;

	if (task__is_own(task))
		return;
	account = probe__begin(task, WIRE_LATENCY_UNKNOWN);
	if (account)
		probe__send(ctx, account, task, WIRE_LATENCY_UNKNOWN, NULL, 0);
}

/* Remembers a call. It is counted when it returns; who is wanted does not change meanwhile. */
static __always_inline void probe__entered(void *ctx, u64 frame)
{
	struct probe_call call = { .thread = bpf_get_current_pid_tgid(), .frame = frame };
	u64 task = task__current(), *value;
	u32 zero = 0;

	if (task__is_own(task) || !probe__is_wanted(task, WIRE_LATENCY_UNKNOWN))
		return;
	value = bpf_map_lookup_elem(&probe_blank, &zero);
	if (!value || bpf_map_update_elem(&probe_calls, &call, value, BPF_ANY))
		return;
	value = bpf_map_lookup_elem(&probe_calls, &call);
	if (!value)
		return;
	probe__capture(ctx, (u8 *)(value + 1));
	*value = bpf_ktime_get_ns();
}

static __always_inline void probe__returned(void *ctx, u64 frame)
{
	struct probe_call call = { .thread = bpf_get_current_pid_tgid(), .frame = frame };
	u64 task = task__current(), now = bpf_ktime_get_ns(), latency, *value;
	struct wire_account *account;

	if (task__is_own(task))
		return;
	value = bpf_map_lookup_elem(&probe_calls, &call);
	latency = value && *value ? now - *value : WIRE_LATENCY_UNKNOWN;
	account = probe__begin(task, latency);
	if (account && !value)
		/* There was no room for what it was called with. */
		__sync_fetch_and_add(&account->unbuilt, 1);
	else if (account && value)
		probe__send(ctx, account, task, latency, value + 1,
			    probe__word(ctx, probe_plan.result_from));
	if (value)
		bpf_map_delete_elem(&probe_calls, &call);
}

/* Whose type and section user space sets: of a tracepoint, too. */
SEC("kprobe")
int probe__event(void *ctx)
{
	probe__hit(ctx);
	return 0;
}

/* x86 has the return address on the stack, which is gone at the return. */
#if defined(__TARGET_ARCH_x86)
enum { PROBE_RETURN_ADDRESS = sizeof(u64) };
#else
enum { PROBE_RETURN_ADDRESS = 0 };
#endif

SEC("kprobe")
int probe__entry(void *ctx)
{
	probe__entered(ctx, probe__word(ctx, probe_plan.frame_from) + PROBE_RETURN_ADDRESS);
	return 0;
}

SEC("kretprobe")
int probe__return(void *ctx)
{
	probe__returned(ctx, probe__word(ctx, probe_plan.frame_from));
	return 0;
}

SEC("fentry")
int probe__fentry_event(void *ctx)
{
	probe__hit(ctx);
	return 0;
}

/* Both of a function have one trampoline, so its arguments are at the same place of the stack. */
SEC("fentry")
int probe__fentry(void *ctx)
{
	probe__entered(ctx, (u64)ctx);
	return 0;
}

SEC("fexit")
int probe__fexit(void *ctx)
{
	probe__returned(ctx, (u64)ctx);
	return 0;
}
