/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stacks at the end of a record: where in the program, and in the kernel, it happened.
 *
 * Users' stacks are walked by frame pointers, as the kernel does it; what was compiled
 * without them ends or goes astray after its first frames.
 */
#ifndef OUTRIDER_BPF_STACK_H
#define OUTRIDER_BPF_STACK_H

#include "bpf/kernel/program.bpf.h"

enum {
	STACK_MAX = 8 * WIRE_FRAMES_MAX,
	STACKS_MAX = WIRE_STACKS_COUNT * STACK_MAX + sizeof(struct wire_stacks),
};

/* A bit for each of enum wire_stack. Memory-mapped. */
wire_u32 wanted_stacks;

static __always_inline u64 stack__append(void *ctx, struct wire_string *string, u8 *record, u64 end,
					 u64 flags)
{
	long length;

	string->state = WIRE_STRING_FAULTED;
	if (end > WIRE_RECORD_MAX - STACK_MAX)
		return end;
	length = bpf_get_stack(ctx, record + end, STACK_MAX, flags);
	if (length <= 0 || length > STACK_MAX)
		return end;
	string->length = length;
	/* There may be more. */
	string->state = length == STACK_MAX ? WIRE_STRING_CUT : WIRE_STRING_WHOLE;
	return end + length;
}

/* Appends the stacks that somebody wants behind the strings of a record whose header
 * is filled; returns the new end. */
static __always_inline u64 stacks__append(void *ctx, struct wire_header *header, u64 end)
{
	u32 wanted = wanted_stacks;
	struct wire_stacks stacks = {};
	u8 *record = (u8 *)header;

	if (!wanted)
		return end;
	if (end > WIRE_RECORD_MAX - STACKS_MAX) /* not so: see WIRE_RECORD_MAX */
		return end;
	if (wanted & 1 << WIRE_STACK_USER && !(header->flags & WIRE_KERNEL_THREAD))
		end = stack__append(ctx, &stacks.stacks[WIRE_STACK_USER], record, end,
				    BPF_F_USER_STACK);
	if (wanted & 1 << WIRE_STACK_KERNEL)
		end = stack__append(ctx, &stacks.stacks[WIRE_STACK_KERNEL], record, end, 0);
	if (end > WIRE_RECORD_MAX - sizeof(stacks))
		return end;
	__builtin_memcpy(record + end, &stacks, sizeof(stacks));
	header->flags |= WIRE_STACKS;
	return end + sizeof(stacks);
}

#endif
