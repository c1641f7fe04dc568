/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where each architecture keeps the number and the arguments of a system call.
 * The registers of the caller are still as they were when the call exits, but
 * for arm64's first, which the kernel saves.
 */
#ifndef OUTRIDER_SYSCALLS_ABI_H
#define OUTRIDER_SYSCALLS_ABI_H

#include "bpf/kernel/task.bpf.h"

/* include/uapi/asm-generic/fcntl.h */
#define O_WRONLY 01
#define O_CREAT 0100
#define O_TRUNC 01000

#if defined(__TARGET_ARCH_x86)

/* arch/x86/include/asm/thread_info.h: the call came in by int 0x80 or by a
 * 32-bit sysenter; set until the return to user mode. */
#define TS_COMPAT 0x0002
#define COMPAT_WORD thread_info.status
#define COMPAT_BIT TS_COMPAT

/* arch/x86/include/uapi/asm/fcntl.h takes the generic one */
#define OPEN_LARGE_FILE 00100000

static __always_inline long registers__number(struct pt_regs *regs)
{
	return (long)regs->orig_ax;
}

/* By probe reads: of registers whose address is only a number. */
static __always_inline long registers__result(struct pt_regs *regs)
{
	return (long)BPF_CORE_READ(regs, ax);
}

static __always_inline void registers__arguments(struct pt_regs *regs, bool compat, u64 *out)
{
	if (compat) {
		out[0] = (u32)regs->bx;
		out[1] = (u32)regs->cx;
		out[2] = (u32)regs->dx;
		out[3] = (u32)regs->si;
		out[4] = (u32)regs->di;
		out[5] = (u32)regs->bp;
	} else {
		out[0] = regs->di;
		out[1] = regs->si;
		out[2] = regs->dx;
		out[3] = regs->r10;
		out[4] = regs->r8;
		out[5] = regs->r9;
	}
}

#elif defined(__TARGET_ARCH_arm64)

/* arch/arm64/include/asm/thread_info.h */
#define TIF_32BIT 22
#define COMPAT_WORD thread_info.flags
#define COMPAT_BIT (1ul << TIF_32BIT)

/* arch/arm64/include/uapi/asm/fcntl.h */
#define OPEN_LARGE_FILE 0400000

static __always_inline long registers__number(struct pt_regs *regs)
{
	return regs->syscallno;
}

/* By probe reads: of registers whose address is only a number. */
static __always_inline long registers__result(struct pt_regs *regs)
{
	return (long)BPF_CORE_READ(regs, regs[0]);
}

static __always_inline void registers__arguments(struct pt_regs *regs, bool compat, u64 *out)
{
	u64 mask = compat ? 0xffffffff : ~0ull;

	out[0] = regs->orig_x0 & mask;
	out[1] = regs->regs[1] & mask;
	out[2] = regs->regs[2] & mask;
	out[3] = regs->regs[3] & mask;
	out[4] = regs->regs[4] & mask;
	out[5] = regs->regs[5] & mask;
}

#else
#error "no system call registers for this architecture: add them here"
#endif

static __always_inline bool task__is_compat(u64 task)
{
	return TASK_READ(task, COMPAT_WORD) & COMPAT_BIT;
}

#endif
