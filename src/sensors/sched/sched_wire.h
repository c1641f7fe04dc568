/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_SCHED_WIRE_H
#define OUTRIDER_SENSORS_SCHED_WIRE_H

#include "events/wire.h"

/* Why a thread left its CPU. */
enum wire_sched_reason {
	WIRE_SCHED_UNKNOWN = 0,   /* it did so before we looked */
	WIRE_SCHED_NEW = 1,       /* it had none yet */
	WIRE_SCHED_PREEMPTED = 2, /* it could go on: another's turn, or it yielded */
	WIRE_SCHED_SLEEPING = 3,  /* waits for something, and signals end that */
	WIRE_SCHED_BLOCKED = 4,   /* waits for something, and signals do not */
	WIRE_SCHED_IO = 5,        /* waits for a disk or the like */
	WIRE_SCHED_STOPPED = 6,   /* by a signal or a tracer */
	WIRE_SCHED_IDLE = 7,      /* a kernel thread without work */
};

struct wire_sched {
	struct wire_timed timed; /* of the thread that begins to run; latency: since it could */
	wire_u64 off_cpu;        /* ns since it ran last, or WIRE_LATENCY_UNKNOWN */
	wire_u32 reason;         /* enum wire_sched_reason */
	wire_u32 previous_tid;   /* of who ran before on this CPU; 0: the CPU was idle */
};
WIRE_ASSERT_SIZE(struct wire_sched, 136 + 16);

#endif
