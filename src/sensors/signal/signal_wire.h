/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_SIGNAL_WIRE_H
#define OUTRIDER_SENSORS_SIGNAL_WIRE_H

#include "events/wire.h"

struct wire_signal {
	struct wire_header header; /* of the thread that was running */
	wire_u32 signal;
	wire_u32 result; /* enum of include/trace/events/signal.h */
	wire_u32 pid;    /* of the target */
	wire_u32 tid;
	wire_u32 code; /* si_code, a signed number */
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_signal, 120 + 24);

#endif
