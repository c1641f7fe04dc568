/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_CAPABILITY_WIRE_H
#define OUTRIDER_SENSORS_CAPABILITY_WIRE_H

#include "events/wire.h"

struct wire_capability_check {
	struct wire_header header; /* of the thread that was running */
	wire_u32 capability;       /* include/uapi/linux/capability.h */
	wire_u32 result;           /* 0 or a negative errno */
	wire_u32 namespace_level;  /* of the user namespace that it is asked for; 0: the first */
	wire_u32 namespace_inode;  /* of the same */
	wire_u64 effective;        /* what was asked: the set of the credentials */
};
WIRE_ASSERT_SIZE(struct wire_capability_check, 120 + 24);

#endif
