/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interrupts and what the kernel puts off to run right behind them: how long each takes.
 *
 * On one CPU a handler of an interrupt is not interrupted by another one, nor a softirq by a
 * softirq; a softirq is interrupted by handlers, whose time is in its own.
 *
 * Not those that have no handler of a driver: timers, calls and wake-ups between CPUs.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "sensors/interrupts/interrupts_wire.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct irqaction {
	const char *name;
};
#pragma clang attribute pop

/* When what this CPU is at began, ns; 0: before we looked, or it is at nothing. */
#define BEGINS(name)                                     \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); \
		__uint(max_entries, 1);                  \
		__type(key, u32);                        \
		__type(value, u64);                      \
	} name SEC(".maps")
BEGINS(hardirq_begins);
BEGINS(softirq_begins);

static __always_inline void interrupt__begin(void *begins)
{
	u32 zero = 0;
	u64 *begin = bpf_map_lookup_elem(begins, &zero);

	if (begin)
		*begin = bpf_ktime_get_ns();
}

/* How long it took. */
static __always_inline u64 interrupt__end(void *begins)
{
	u64 latency = WIRE_LATENCY_UNKNOWN, *begin;
	u32 zero = 0;

	begin = bpf_map_lookup_elem(begins, &zero);
	if (!begin || !*begin)
		return latency;
	latency = bpf_ktime_get_ns() - *begin;
	*begin = 0;
	return latency;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(hardirq__begin)
{
	interrupt__begin(&hardirq_begins);
	return 0;
}

SEC("tp_btf/irq_handler_exit")
int BPF_PROG(hardirq__end, u32 number, u64 action, u32 handled)
{
	u64 latency = interrupt__end(&hardirq_begins), task = task__current();
	struct wire_account *account = timed__begin(WIRE_HARDIRQ, task, latency);
	struct wire_hardirq record = {};

	if (!account)
		return 0;
	timed__fill(&record.timed, WIRE_HARDIRQ, sizeof(record), task, latency);
	record.number = number;
	record.handled = handled;
	bpf_probe_read_kernel_str(record.name, sizeof(record.name),
				  (void *)OBJECT_READ(struct irqaction, action, name));
	anywhere__send(account, &record, sizeof(record));
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(softirq__begin)
{
	interrupt__begin(&softirq_begins);
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(softirq__end, u32 number)
{
	u64 latency = interrupt__end(&softirq_begins), task = task__current();
	struct wire_account *account = timed__begin(WIRE_SOFTIRQ, task, latency);
	struct wire_softirq record;

	if (!account)
		return 0;
	timed__fill(&record.timed, WIRE_SOFTIRQ, sizeof(record), task, latency);
	record.number = number;
	record.reserved = 0;
	anywhere__send(account, &record, sizeof(record));
	return 0;
}
