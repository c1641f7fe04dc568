/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * i386's socketcall(2), which stands for others: which one, with which arguments. Programs
 * that were built for kernels before 4.3, and Go's for i386, make all their calls about
 * sockets by it.
 */
#ifndef OUTRIDER_SYSCALLS_MULTIPLEXED_H
#define OUTRIDER_SYSCALLS_MULTIPLEXED_H

#include "syscalls/calls.bpf.h"

struct multiplexed {
	u16 number; /* of the call that does the same, or 0 */
	u16 arguments;
};

enum { SOCKET_CALL_LIMIT = 32 }; /* a power of two */

/* By the first argument: include/uapi/linux/net.h, and numbers of
 * arch/x86/entry/syscalls/syscall_32.tbl. There is no accept but accept4. */
static const struct multiplexed socket_calls[SOCKET_CALL_LIMIT] = {
	[1] = { 359, 3 },  [2] = { 361, 3 },  [3] = { 362, 3 },  [4] = { 363, 2 },
	[5] = { 364, 3 },  [6] = { 367, 3 },  [7] = { 368, 3 },  [8] = { 360, 4 },
	[9] = { 369, 4 },  [10] = { 371, 4 }, [11] = { 369, 6 }, [12] = { 371, 6 },
	[13] = { 373, 2 }, [14] = { 366, 5 }, [15] = { 365, 5 }, [16] = { 370, 3 },
	[17] = { 372, 3 }, [18] = { 364, 4 }, [19] = { 337, 5 }, [20] = { 345, 4 },
};

/* The call that these arguments of socketcall(2) stand for, or none. */
static __always_inline const struct multiplexed *multiplexed__call(const u64 arguments[6])
{
	const struct multiplexed *found;
	u32 place = arguments[0];

	barrier_var(place);
	if (place >= SOCKET_CALL_LIMIT)
		return NULL;
	found = &socket_calls[place];
	return found->number ? found : NULL;
}

/* Its arguments, in the place of those of socketcall(2). */
static __always_inline void multiplexed__arguments(const struct multiplexed *call, u64 arguments[6])
{
	u32 words[6] = {}, i;

	bpf_probe_read_user(words, sizeof(words), (void *)arguments[1]);
#pragma unroll
	for (i = 0; i < 6; i++)
		arguments[i] = i < call->arguments ? words[i] : 0;
}

#endif
