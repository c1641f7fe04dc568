/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_BLOCK_WIRE_H
#define OUTRIDER_SENSORS_BLOCK_WIRE_H

#include "events/wire.h"

/* The kernel's own numbers of most of them differ by version (enum req_op). */
enum wire_block_operation {
	WIRE_BLOCK_OTHER = 0,
	WIRE_BLOCK_READ = 1,
	WIRE_BLOCK_WRITE = 2,
	WIRE_BLOCK_FLUSH = 3,
	WIRE_BLOCK_DISCARD = 4,
	WIRE_BLOCK_SECURE_ERASE = 5,
	WIRE_BLOCK_WRITE_ZEROES = 6,
	WIRE_BLOCK_WRITE_SAME = 7, /* to 5.17 */
	WIRE_BLOCK_ZONE_APPEND = 8,
	WIRE_BLOCK_ZONE_OPEN = 9,
	WIRE_BLOCK_ZONE_CLOSE = 10,
	WIRE_BLOCK_ZONE_FINISH = 11,
	WIRE_BLOCK_ZONE_RESET = 12,
	WIRE_BLOCK_ZONE_RESET_ALL = 13,
	WIRE_BLOCK_DRIVER = 14, /* a command of the driver, or of a program to the device itself */
};

/* Of a request that has none: a flush, a command. */
#define WIRE_BLOCK_NO_SECTOR (~0ull)
/* It went to the driver without waiting in a queue, or nobody saw it come. */
#define WIRE_BLOCK_NO_QUEUE (~0ull)

enum { WIRE_DISK_NAME = 32 }; /* include/linux/blkdev.h: DISK_NAME_LEN */

struct wire_block {
	struct wire_header header; /* of who handed it in; the time is that of its end */
	wire_u64 sector;           /* of 512 bytes */
	wire_u64 latency;          /* ns, from issue to completion */
	wire_u64 queue_time;       /* ns, from insert to issue */
	/* 0, or a negative errno; or a blk_status_t (include/linux/blk_types.h) as it is, which
	 * is positive: the kernel hands that on from 5.16 on. */
	wire_s64 result;
	wire_u32 bytes;  /* of the whole request */
	wire_u32 device; /* of the whole disk: kernel's dev_t; 0: it has none */
	wire_u16 operation;
	wire_u16 reserved[3];
	char disk[WIRE_DISK_NAME];
};
WIRE_ASSERT_SIZE(struct wire_block, 120 + 32 + 8 + 8 + 32);

#endif
