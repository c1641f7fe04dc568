/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SYSCALLS_REFUSAL_WIRE_H
#define OUTRIDER_SYSCALLS_REFUSAL_WIRE_H

#include "events/wire.h"

/* What a seccomp filter said; seccomp(2). */
enum wire_refusal_action {
	WIRE_REFUSAL_ERRNO = 0, /* also the answer of a supervisor, or of nobody (ENOSYS) */
	WIRE_REFUSAL_TRAP = 1,
	WIRE_REFUSAL_KILL_THREAD = 2,
	WIRE_REFUSAL_KILL_PROCESS = 3,
	WIRE_REFUSAL_LOG = 4, /* not refused: only logged */
};

struct wire_refusal {
	struct wire_header header;
	wire_u32 call;
	wire_u32 error;  /* an errno, of WIRE_REFUSAL_ERRNO only */
	wire_u32 action; /* enum wire_refusal_action */
	wire_u32 reserved;
};
WIRE_ASSERT_SIZE(struct wire_refusal, 120 + 16);

#endif
