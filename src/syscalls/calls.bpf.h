/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of calls as the kernel programs have it, filled in by user space.
 */
#ifndef OUTRIDER_SYSCALLS_CALLS_H
#define OUTRIDER_SYSCALLS_CALLS_H

#include "bpf/kernel/program.bpf.h"

/* A bit per number, set if either word size wants it. Memory-mapped. */
wire_u64 wanted_calls[WIRE_SYSTEM_CALLS / 64];

/* The same of those that do not return, so that they are looked at when they begin. */
wire_u64 entered_calls[WIRE_SYSTEM_CALLS / 64];

/* [word size][number]; a row with kind 0 that is not traced is not wanted. Memory-mapped. */
struct wire_call calls[WIRE_ABI_COUNT][WIRE_SYSTEM_CALLS];

/* What is read of the caller's memory for a call that is traced. */
struct wire_captures call_captures[WIRE_ABI_COUNT][WIRE_SYSTEM_CALLS];

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, WIRE_TAIL_LIMIT);
	__type(key, u32);
	__type(value, u32);
} call_tails SEC(".maps");

#endif
