/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_OOM_WIRE_H
#define OUTRIDER_SENSORS_OOM_WIRE_H

#include "events/wire.h"

/* As the kernel numbers them: enum mm_counter, include/linux/mm_types_task.h. */
enum wire_oom_pages {
	WIRE_OOM_FILE = 0,
	WIRE_OOM_ANON = 1,
	WIRE_OOM_SWAP = 2,
	WIRE_OOM_SHMEM = 3,
	WIRE_OOM_PAGES = 4,
};

/* Of any of the numbers. A counter of pages that lags behind can be a little below zero. */
#define WIRE_OOM_UNKNOWN (1ull << 63)

struct wire_oom {
	struct wire_header header;      /* of the victim */
	wire_u64 pages[WIRE_OOM_PAGES]; /* signed; resident, or swapped out; by wire_oom_pages */
	wire_u64 total_vm;              /* pages */
	wire_u64 page_tables;           /* bytes */
	wire_u32 asker_pid;             /* who was running: whose need for memory it was */
	wire_u32 oom_score_adj;         /* signed */
	char asker_comm[16];
};
WIRE_ASSERT_SIZE(struct wire_oom, 120 + 32 + 16 + 8 + 16);

#endif
