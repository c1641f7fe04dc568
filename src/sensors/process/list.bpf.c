/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes that there are, as the kernel lists them: what a fork would have told
 * of each. Run once, at the start, behind the hooks: so nobody is missing.
 */
#include "bpf/kernel/context.bpf.h"
#include "bpf/kernel/task.bpf.h"

/* As the kernel hands it to iterators of tasks (kernel/bpf/task_iter.c). */
struct list_meta {
	struct seq_file *seq;
};
struct list_context {
	struct list_meta *meta;
	struct task_struct *task;
};

static __noinline int list__write(struct seq_file *seq, u64 task)
{
	struct wire_fork fork = {};

	header__fill(&fork.header, task, bpf_ktime_get_boot_ns());
	fork.header.kind = WIRE_FORK;
	fork.header.size = sizeof(fork);
	context__fill(&fork.context, task);
	bpf_seq_write(seq, &fork, sizeof(fork));
	return 0;
}

SEC("iter/task")
int process__listed(struct list_context *context)
{
	struct seq_file *seq = context->meta->seq;
	u64 task = (u64)context->task;

	/* Of each process its first thread. */
	if (!context->task || TASK_READ(task, pid) != TASK_READ(task, tgid))
		return 0;
	list__write(seq, task);
	/* The list of some kernels begins behind the first process (seen: 6.18). User space
	 * takes each once. */
	if (TASK_READ(task, real_parent, tgid) == 1)
		list__write(seq, (u64)TASK_READ(task, real_parent, group_leader));
	return 0;
}
