/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every kernel program of ours starts with: types, helpers, knobs.
 *
 * All x.bpf.c files are one translation unit (cmake/BpfObject.cmake), so that
 * knobs and maps can be defined in headers and exist once.
 */
#ifndef OUTRIDER_BPF_PROGRAM_H
#define OUTRIDER_BPF_PROGRAM_H

#include "bpf/kernel/kernel_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "bpf/kernel/cast_types.h"
#include "events/wire.h"

/* Knobs: set by user space between open and load; the verifier then removes the
 * branches that this kernel could not load. See src/bpf/features.cpp. */

/* kfuncs bpf_rdonly_cast (6.2) and bpf_iter_num_* (6.4): kernel pointers by plain
 * loads, loops of any length. Without them, probe reads and short loops. The
 * pointers that the verifier itself trusts would do as well, but for each load
 * through one it searches all of the kernel's type names, which makes loading the
 * programs five times as slow. */
const volatile bool use_cast = false;
/* Our own process: what it does is not reported, or each look at /proc would
 * make another event. In the host's pid namespace. */
const volatile wire_u32 own_pid = 0;

/* enum wire_controller, and the number of its hierarchy of version 1. */
const volatile wire_u32 workload_controller = WIRE_CONTROLLER_NONE;
const volatile wire_u32 workload_hierarchy = 0;

/* Programs of tracepoints can be preempted (from 7.0 on): then others run on the same CPU
 * and would use the same memory, and the kernel skips a program that another task has not
 * finished there. So preemption is switched off while they run. */
const volatile bool may_be_preempted = false;

void bpf_preempt_disable(void) __ksym __weak; /* 6.10 */
void bpf_preempt_enable(void) __ksym __weak;

static __always_inline void preemption__off(void)
{
	if (may_be_preempted)
		bpf_preempt_disable();
}

static __always_inline void preemption__on(void)
{
	if (may_be_preempted)
		bpf_preempt_enable();
}

/* As BPF_PROG, for a program that must not be preempted. */
#define UNPREEMPTED_PROG(name, args...)                                                           \
	name(unsigned long long *ctx);                                                            \
	static __always_inline int name##__unpreempted(unsigned long long *ctx, ##args);          \
	int name(unsigned long long *ctx)                                                         \
	{                                                                                         \
		int result;                                                                       \
                                                                                                  \
		_Pragma("GCC diagnostic push")                                                    \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") preemption__off(); \
		result = name##__unpreempted(___bpf_ctx_cast(args));                              \
		_Pragma("GCC diagnostic pop") preemption__on();                                   \
		return result;                                                                    \
	}                                                                                         \
	static __always_inline int name##__unpreempted(unsigned long long *ctx, ##args)

void *bpf_rdonly_cast(const void *pointer, u32 btf_id) __ksym __weak;

/* By user space, and not by relocation, which is given a few of the kernel's types only:
 * src/bpf/kernel_types.h. */
const volatile struct cast_types cast_types = {};

/* `struct file` becomes cast_types.file */
#define CAST_NUMBER_struct cast_types.

/* Only where use_cast is set. `type` is a structure of cast_types.h. */
#define CAST(type, address) ((type *)bpf_rdonly_cast((void *)(address), CAST_NUMBER_##type))

/* Open-coded iterators (6.4), only where use_cast is set. Not bpf_loop: 5.10 refuses a program
 * that so much as mentions a callback, also in branches that are never taken. */
struct number_iterator {
	u64 opaque;
};

int bpf_iter_num_new(struct number_iterator *iterator, int start, int end) __ksym __weak;
int *bpf_iter_num_next(struct number_iterator *iterator) __ksym __weak;
void bpf_iter_num_destroy(struct number_iterator *iterator) __ksym __weak;

/* A word of the kernel's memory, 0 where there is none. */
static __always_inline u64 word__read(u64 address)
{
	u64 word = 0;

	if (use_cast) /* any structure that begins with a number will do */
		return CAST(struct timespec64, address)->tv_sec;
	bpf_probe_read_kernel(&word, sizeof(word), (void *)address);
	return word;
}

/* Keeps the compiler from reasoning about a value, so that the comparison that
 * the verifier needs is made on the register that is then used. */
#ifndef barrier_var
#define barrier_var(var) asm volatile("" : "+r"(var))
#endif

#endif
