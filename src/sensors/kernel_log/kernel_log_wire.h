/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_KERNEL_LOG_WIRE_H
#define OUTRIDER_SENSORS_KERNEL_LOG_WIRE_H

#include "events/wire.h"

/* The longest line that a kernel of today logs has 2048 bytes with all that is before it:
 * PRINTK_MESSAGE_MAX, kernel/printk/internal.h. */
enum { WIRE_KERNEL_LOG_MAX = 2048 };

struct wire_kernel_log {
	struct wire_header header; /* of the thread that was running */
	wire_u32 cpu;
	struct wire_string strings[1]; /* the text */
};
WIRE_ASSERT_SIZE(struct wire_kernel_log, 120 + 8);

#endif
