/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls about files that take long: what is timed, and the record. Compiles for both sides.
 */
#ifndef OUTRIDER_SYSCALLS_SLOW_WIRE_H
#define OUTRIDER_SYSCALLS_SLOW_WIRE_H

#include "events/wire.h"

enum { WIRE_SLOW_THREADS_MAX = 1 << 16 }; /* that are timed at a time */

/* A row of a call: where what it is about is. */
struct wire_slow_call {
	wire_u8 timed;
	wire_u8 resolve; /* enum wire_resolve */
	wire_u8 path;    /* place of the path, or WIRE_NO_ARGUMENT */
	wire_u8 base;    /* of the directory that it is relative to */
};
WIRE_ASSERT_SIZE(struct wire_slow_call, 4);

enum wire_slow_string {
	WIRE_SLOW_PATH = 0,   /* as given */
	WIRE_SLOW_BASE = 1,   /* what a relative path is relative to */
	WIRE_SLOW_OBJECT = 2, /* the object as the kernel has it, if there is a descriptor */
	WIRE_SLOW_STRINGS = 3,
};

struct wire_slow_file {
	struct wire_header header;
	wire_s64 result;
	wire_u64 latency; /* ns, from entry to exit of the call */
	wire_u64 inode;   /* of the object; with WIRE_OBJECT_KNOWN */
	wire_u32 device;
	wire_u16 mode;
	wire_u16 call;
	struct wire_string strings[WIRE_SLOW_STRINGS];
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_slow_file, 120 + 24 + 8 + 12 + 4);

#endif
