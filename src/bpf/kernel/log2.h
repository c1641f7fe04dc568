/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The place of the highest bit of a number, for slots of histograms. BPF has no instruction for
 * it. Compiles for the host as well.
 */
#ifndef OUTRIDER_BPF_LOG2_H
#define OUTRIDER_BPF_LOG2_H

#include "events/wire.h"

/* 0 for 0 and 1. */
static inline __attribute__((always_inline)) wire_u16 log2__of(wire_u64 number)
{
	wire_u16 place = 0;

	if (number >> 32) {
		place += 32;
		number >>= 32;
	}
	if (number >> 16) {
		place += 16;
		number >>= 16;
	}
	if (number >> 8) {
		place += 8;
		number >>= 8;
	}
	if (number >> 4) {
		place += 4;
		number >>= 4;
	}
	if (number >> 2) {
		place += 2;
		number >>= 2;
	}
	return place + (number >> 1 != 0);
}

#endif
