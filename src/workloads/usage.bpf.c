/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What processes use: of each thread that there is, when somebody looks; and of each process when
 * its last trace is removed, so that what comes and goes between two looks is known, too.
 *
 * Not at its exit: the time since the last tick or switch is not in the kernel's sums then, and
 * most short processes do not live as long as that.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/memory.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "workloads/usage_wire.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct sched_entity {
	u64 sum_exec_runtime;
};

struct sched_info {
	unsigned long long run_delay;
};

struct task_io_accounting {
	u64 read_bytes; /* CONFIG_TASK_IO_ACCOUNTING */
	u64 write_bytes;
};

struct task_struct___usage {
	struct sched_entity se;
	struct sched_info sched_info; /* CONFIG_SCHED_INFO */
	struct task_io_accounting ioac;
	struct signal_struct___usage *signal;
};

struct signal_struct___usage {
	unsigned long long sum_sched_runtime;
	struct task_io_accounting ioac;
};
#pragma clang attribute pop

/* As the kernel hands it to iterators of tasks (kernel/bpf/task_iter.c). */
struct usage_meta {
	struct seq_file *seq;
};
struct usage_context {
	struct usage_meta *meta;
	struct task_struct *task;
};

/* Processes whose end found the ring full. */
wire_u64 usage_lost;

/* Pages that are resident. */
static __always_inline u64 usage__pages(u64 memory)
{
	u64 size = 0, counters = memory__counters(memory, &size);
	s64 pages;

	if (!counters)
		return 0;
	pages = word__read(counters + PAGES_OF_FILES * size) +
		word__read(counters + PAGES_ANONYMOUS * size) +
		word__read(counters + PAGES_SHARED * size);
	/* What CPUs have not added yet may be more than what they have. */
	return pages > 0 ? pages : 0;
}

static __always_inline void usage__io(struct wire_usage *usage, u64 accounting)
{
	if (!bpf_core_field_exists(((struct task_io_accounting *)0)->read_bytes))
		return;
	usage->read_bytes += OBJECT_READ(struct task_io_accounting, accounting, read_bytes);
	usage->written_bytes += OBJECT_READ(struct task_io_accounting, accounting, write_bytes);
}

/* What those have used that are no more. */
static __always_inline void usage__ended_threads(struct wire_usage *usage, u64 task)
{
	u64 signal = (u64)OBJECT_READ(struct task_struct___usage, task, signal);

	usage->runtime += OBJECT_READ(struct signal_struct___usage, signal, sum_sched_runtime);
	usage__io(usage, signal + bpf_core_field_offset(struct signal_struct___usage, ioac));
}

static __always_inline void usage__begin(struct wire_usage *usage, u64 task)
{
	header__fill(&usage->header, task, bpf_ktime_get_boot_ns());
	usage->header.kind = WIRE_USAGE;
	usage->header.size = sizeof(*usage);
	if (bpf_core_field_exists(((struct task_struct___usage *)0)->sched_info.run_delay))
		usage->wait = OBJECT_READ(struct task_struct___usage, task, sched_info.run_delay);
}

static __noinline int usage__write(struct seq_file *seq, u64 task)
{
	struct wire_usage usage = {};
	u64 mm;

	usage__begin(&usage, task);
	usage.runtime = OBJECT_READ(struct task_struct___usage, task, se.sum_exec_runtime);
	usage__io(&usage, task + bpf_core_field_offset(struct task_struct___usage, ioac));
	if (usage.header.pid == usage.header.tid) {
		usage__ended_threads(&usage, task);
		mm = (u64)TASK_READ(task, mm);
		if (mm)
			usage.resident = usage__pages(mm);
	}
	bpf_seq_write(seq, &usage, sizeof(usage));
	return 0;
}

SEC("iter/task")
int usage__listed(struct usage_context *context)
{
	struct seq_file *seq = context->meta->seq;
	u64 task = (u64)context->task;

	if (!context->task)
		return 0;
	usage__write(seq, task);
	/* See process__listed: user space takes each once. */
	if (TASK_READ(task, real_parent, tgid) == 1)
		usage__write(seq, (u64)TASK_READ(task, real_parent, group_leader));
	return 0;
}

/* After it was reaped and everything of it added up. Called in a soft interrupt: no memory of
 * a CPU. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(usage__freed, struct task_struct *freed)
{
	struct wire_usage usage = {};
	u64 task = (u64)freed;

	if (TASK_READ(task, pid) != TASK_READ(task, tgid))
		return 0;
	usage__begin(&usage, task);
	usage__ended_threads(&usage, task);
	usage.ended = 1;
	/* Its parent may be gone, and its numbers in namespaces are. */
	usage.header.ppid = 0;
	usage.header.parent_start_time = 0;
	usage.header.session_id = 0;
	usage.header.vpid = 0;
	if (ring__output(RING_PROCESS, &usage, sizeof(usage)))
		__sync_fetch_and_add(&usage_lost, 1);
	return 0;
}
