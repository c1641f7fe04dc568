/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Strings in the payload of a record: each is read at the current end and moves
 * the end on; what became of it is in its struct wire_string.
 */
#ifndef OUTRIDER_BPF_STRING_H
#define OUTRIDER_BPF_STRING_H

#include "bpf/kernel/emit.bpf.h"

enum string_source { STRING_OF_USER, STRING_OF_KERNEL };

/* Where a string ends that begins at `start`. By way of memory: there the verifier does not remember
 * how the length came about, and goes one way on from here instead of one for each. */
static __always_inline u64 string__end(const struct wire_string *string, u64 start)
{
	return start + *(volatile const wire_u16 *)&string->length;
}

/* Reads at most WIRE_PATH_MAX bytes with their terminator; returns the new end. */
static __always_inline u64 string__read(struct wire_string *string, u8 *record, u64 end,
					const void *address, const enum string_source source)
{
	long length;

	string->length = 0;
	string->flags = 0;
	string->state = WIRE_STRING_FAULTED;
	/* In one register from here: before 6.4 the verifier knows nothing of another copy. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return string__end(string, end);
	if (source == STRING_OF_USER)
		length = bpf_probe_read_user_str(record + end, WIRE_PATH_MAX, address);
	else
		length = bpf_probe_read_kernel_str(record + end, WIRE_PATH_MAX, address);
	if (length < 0 || length > WIRE_PATH_MAX)
		return string__end(string, end);
	/* Before 6.15 the length of an empty string is 0, without its terminator. */
	if (length == 0)
		length = 1;
	string->length = length - 1;
	/* A string of just this length is cut in the view of the kernel, too:
	 * PATH_MAX counts the terminator. */
	string->state = length == WIRE_PATH_MAX ? WIRE_STRING_CUT : WIRE_STRING_WHOLE;
	return string__end(string, end);
}

static __always_inline void string__clear(struct wire_string *string)
{
	string->length = 0;
	string->flags = 0;
	string->state = WIRE_STRING_MISSING;
}

#endif
