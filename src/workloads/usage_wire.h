/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_WORKLOADS_USAGE_WIRE_H
#define OUTRIDER_WORKLOADS_USAGE_WIRE_H

#include "events/wire.h"

/* What a thread has used since it began; of the first thread of a process, with what those of its
 * threads have used that have ended. Of a process that has ended: all of them. */
struct wire_usage {
	struct wire_header header;
	wire_u64 runtime;       /* ns on a CPU */
	wire_u64 wait;          /* ns ready to run, without a CPU; not of threads that have ended */
	wire_u64 read_bytes;    /* that storage had to be asked for */
	wire_u64 written_bytes; /* that are to go to storage */
	wire_u64 resident;      /* pages in memory, of the process; 0 when it has ended */
	wire_u32 ended;         /* 1: this is of a process that there is no more */
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_usage, 120 + 40 + 8);

#endif
