/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals as they are sent, whatever becomes of them.
 *
 * The kernel calls the hook with a lock held, and from interrupts too (timers,
 * terminals): then the current task is not the sender but whoever was running,
 * and another of our programs may be interrupted in the middle of its record.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "sensors/signal/signal_wire.h"

/* A type that two sensors read moves to bpf/kernel/kernel_types.h. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct kernel_siginfo {
	int si_code;
};
#pragma clang attribute pop

/* include/linux/sched/signal.h: no structure but a word that means "the kernel";
 * 0 means "a process". include/uapi/asm-generic/siginfo.h */
enum { SEND_SIG_PRIV = 1, SI_KERNEL = 0x80 };

SEC("tp_btf/signal_generate")
int BPF_PROG(signal__generate, int signal, struct kernel_siginfo *info, struct task_struct *target,
	     int group, int result)
{
	struct wire_account *account = account__of(WIRE_SIGNAL);
	u64 task = task__current();
	u32 pid = TASK_READ(task, tgid);
	struct wire_signal record;

	if (!account || pid == own_pid)
		return 0;
	account->seen++;
	if (!filter__wants_kind(use_filter ? filter_word : 0, WIRE_SIGNAL)) {
		account->filtered++;
		return 0;
	}
	header__fill(&record.header, task, bpf_ktime_get_boot_ns());
	record.header.kind = WIRE_SIGNAL;
	record.header.size = sizeof(record);
	record.signal = signal;
	record.result = result;
	if (use_cast)
		target = CAST(struct task_struct, target);
	record.pid = target->tgid;
	record.tid = target->pid;
	/* By probe read: it is 0 where there is no structure to be read. */
	record.code = (u64)info == SEND_SIG_PRIV ? SI_KERNEL : BPF_CORE_READ(info, si_code);
	record.reserved = 0;
	event__send(account, ring__shard(), WIRE_SIGNAL, pid, &record, sizeof(record));
	return 0;
}
