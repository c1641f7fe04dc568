/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel's own words about seccomp mean. */
#ifndef OUTRIDER_SENSORS_SECCOMP_REFUSAL_H
#define OUTRIDER_SENSORS_SECCOMP_REFUSAL_H

#include "syscalls/refusal.bpf.h"

/* include/uapi/asm-generic/signal.h and siginfo.h; include/linux/sched/signal.h: addresses that are
 * none. include/linux/signal_types.h */
enum { SIGNAL_SYS = 31, SYS_SECCOMP = 1, SEND_SIG_LAST = 1, SA_IMMUTABLE = 0x00800000 };

/* include/uapi/linux/seccomp.h */
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#define SECCOMP_RET_KILL_THREAD 0x00000000u
#define SECCOMP_RET_LOG 0x7ffc0000u

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct kernel_siginfo___seccomp {
	int si_code;
	union {
		struct {
			int _syscall;
		} _sigsys;
	} _sifields;
};

struct task_struct___stack {
	void *stack;
};
#pragma clang attribute pop

/* kernel/signal.c, from 5.16 on. */
enum sig_handler {
	HANDLER_EXIT = 2,
};

static __always_inline bool seccomp__kills_by_signal(void)
{
	return bpf_core_enum_value_exists(enum sig_handler, HANDLER_EXIT);
}

/* Whether the kernel has seen to it that SIGSYS cannot be caught. */
static __always_inline bool seccomp__cannot_be_caught(u64 task)
{
	u64 actions = (u64)TASK_READ(task, sighand) +
		      bpf_core_field_offset(struct sighand_struct, action);
	u64 action = actions + (SIGNAL_SYS - 1) * (u64)bpf_core_type_size(struct k_sigaction);

	return word__read(action + bpf_core_field_offset(struct k_sigaction, sa) +
			  bpf_core_field_offset(struct sigaction, sa_flags)) &
	       SA_IMMUTABLE;
}

/* The caller's registers, at the end of the kernel's stack; where there is no helper for it, there
 * is nothing behind them either. arch/x86/include/asm/processor.h, arch/arm64/.../memory.h */
static __always_inline struct pt_regs *task__registers(u64 task)
{
	enum { KERNEL_STACK = 16384 };

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	return (void *)((u64)BPF_CORE_READ((struct task_struct___stack *)task, stack) +
			KERNEL_STACK - bpf_core_type_size(struct pt_regs));
}

#endif
