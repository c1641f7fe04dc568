/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The totals of files: what the kernel program adds up. Compiles for both sides.
 */
#ifndef OUTRIDER_SYSCALLS_FILE_TOTALS_WIRE_H
#define OUTRIDER_SYSCALLS_FILE_TOTALS_WIRE_H

#include "events/wire.h"

enum { WIRE_FILE_TOTALS_MAX = 1 << 16 }; /* keys between two looks of user space */

/* Places of the descriptors that a call reads from and writes to, or WIRE_NO_ARGUMENT. */
struct wire_transfer {
	wire_u8 from;
	wire_u8 to;
};
WIRE_ASSERT_SIZE(struct wire_transfer, 2);

/* A file that a process reads or writes. */
struct wire_file_key {
	wire_u64 start_time; /* of the process, boot time, ns */
	wire_u64 inode;
	wire_u32 device; /* kernel's dev_t */
	wire_u32 pid;
};
WIRE_ASSERT_SIZE(struct wire_file_key, 24);

struct wire_file_sum {
	wire_u64 reads; /* calls that succeeded, also those that got nothing */
	wire_u64 writes;
	wire_u64 read_bytes;
	wire_u64 written_bytes;
	wire_u64 errors; /* calls that failed */
};
WIRE_ASSERT_SIZE(struct wire_file_sum, 40);

/* By CPU: reads and writes of files that are wanted = those in the sums + no_room. One that copies
 * from a file to another is both. */
struct wire_file_account {
	wire_u64 seen;
	wire_u64 no_room; /* lost: the sums were full */
	wire_u64 gone;    /* not among the seen: the descriptor had been closed by another thread */
	wire_u64 unnamed; /* keys whose name found the ring full */
};
WIRE_ASSERT_SIZE(struct wire_file_account, 32);

#endif
