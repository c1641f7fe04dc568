/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whom the kernel kills for want of memory: oom:mark_victim, once for each victim. Others that
 * share its memory die with it, by signals (see sensors/signal).
 *
 * The tracepoint has the victim itself from 6.9 on (and in later releases of older kernels), before
 * that only its number. Its own record would do for the memory, but not for who it is.
 *
 * The task that runs is the one that asked for memory; any other may be the victim.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "bpf/kernel/find_task.bpf.h"
#include "bpf/kernel/memory.bpf.h"
#include "sensors/oom/oom_wire.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct trace_event_raw_mark_victim {
	unsigned long total_vm; /* where the tracepoint has the task */
};
#pragma clang attribute pop

static __always_inline void oom__memory(struct wire_oom *record, u64 memory)
{
	u64 size = 0, counters = memory ? memory__counters(memory, &size) : 0;
	int i;

	record->total_vm =
		memory ? OBJECT_READ(struct mm_struct, memory, total_vm) : WIRE_OOM_UNKNOWN;
	record->page_tables =
		memory ? (u64)OBJECT_READ(struct mm_struct, memory, pgtables_bytes.counter) :
			 WIRE_OOM_UNKNOWN;
#pragma unroll
	for (i = 0; i < WIRE_OOM_PAGES; i++)
		record->pages[i] = counters ? word__read(counters + i * size) : WIRE_OOM_UNKNOWN;
}

SEC("tp_btf/mark_victim")
int BPF_PROG(oom__victim, u64 victim)
{
	struct wire_account *account = anywhere__begin(WIRE_OOM);
	u64 task = victim, asker = task__current();
	struct wire_oom record;

	if (!account)
		return 0;
	if (!bpf_core_field_exists(((struct trace_event_raw_mark_victim *)0)->total_vm))
		task = task__of_pid(victim);
	if (!task) {
		__sync_fetch_and_add(&account->unbuilt, 1);
		return 0;
	}
	anywhere__header(&record.header, WIRE_OOM, sizeof(record), task);
	oom__memory(&record, (u64)TASK_READ(task, mm));
	record.oom_score_adj = TASK_READ(task, signal, oom_score_adj);
	record.asker_pid = TASK_READ(asker, tgid);
	task__comm(asker, (u64 *)record.asker_comm);
	anywhere__send(account, &record, sizeof(record));
	return 0;
}
