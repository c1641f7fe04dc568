/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_INTERRUPTS_WIRE_H
#define OUTRIDER_SENSORS_INTERRUPTS_WIRE_H

#include "events/wire.h"

enum { WIRE_INTERRUPT_NAME = 32 };

struct wire_hardirq {
	struct wire_timed timed; /* of the thread that was interrupted */
	wire_u32 number;
	wire_u32 handled;               /* enum irqreturn, include/linux/irqreturn.h */
	char name[WIRE_INTERRUPT_NAME]; /* of who handles it, padded with zeros */
};
WIRE_ASSERT_SIZE(struct wire_hardirq, 136 + 8 + 32);

struct wire_softirq {
	struct wire_timed timed; /* of the thread that was interrupted, or ksoftirqd */
	wire_u32 number;         /* include/linux/interrupt.h */
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_softirq, 136 + 8);

#endif
