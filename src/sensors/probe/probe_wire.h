/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef OUTRIDER_SENSORS_PROBE_WIRE_H
#define OUTRIDER_SENSORS_PROBE_WIRE_H

#include "events/wire.h"

/* An event at a function, a USDT probe or a tracepoint that somebody has named. What it was
 * called with is where its captures say. */
struct wire_probe {
	struct wire_timed timed;
	wire_u64 result; /* of a function that has returned: the register */
	/* All that was captured, and what is left of its room; no state but whole. */
	struct wire_string strings[1];
	wire_u32 flags; /* enum wire_probe_flags */
};
WIRE_ASSERT_SIZE(struct wire_probe, 136 + 16);

enum wire_probe_flags {
	WIRE_PROBE_RETURNED = 1 << 0, /* latency and result are there */
};

/* What a program does with a capture. `from` is a place in its context: registers, the arguments
 * of a tracing program, or a tracepoint's data. */
enum wire_probe_how {
	WIRE_PROBE_NOTHING = 0,
	WIRE_PROBE_WORD = 1,     /* the register */
	WIRE_PROBE_CONSTANT = 2, /* the offset itself */
	WIRE_PROBE_MEMORY = 3,   /* `size` bytes at the register and the offset */
	WIRE_PROBE_BYTES = 4,    /* `size` bytes of the context */
	WIRE_PROBE_LOCATED = 5,  /* what a tracepoint's __data_loc at `from` leads to */
	WIRE_PROBE_RELATIVE = 6, /* the same of a __rel_loc */
};

enum {
	WIRE_PROBE_CAPTURES = 16,
	/* Bytes of one text, of a tracepoint's fields of fixed size, and of all captures. */
	WIRE_PROBE_TEXT = 256,
	WIRE_PROBE_BYTES_MAX = 2048,
	WIRE_PROBE_DATA = 8192,
};

/* What a capture that may fail leaves at its place, before the bytes of a text. */
struct wire_probe_word {
	wire_u64 value; /* of a text: its address */
	/* Of a number 0, of a text its bytes with the NUL, of what was located its whole length;
	 * negative: it could not be read. */
	wire_s64 length;
};
WIRE_ASSERT_SIZE(struct wire_probe_word, 16);

struct wire_probe_capture {
	wire_u8 how;
	wire_u8 text;  /* what it gets is an address of a text, which is read as well */
	wire_u16 size; /* bytes of a number in memory: 1, 2, 4 or 8; of others the room for them */
	wire_u16 place;
	wire_u16 from;
	wire_s64 offset;
};
WIRE_ASSERT_SIZE(struct wire_probe_capture, 16);

/* What one program is loaded with: a constant, of which the verifier leaves what is asked for. */
struct wire_probe_plan {
	wire_u16 kind;
	wire_u16 data_size; /* bytes of all captures */
	wire_u32 record_size;
	wire_u16 result_from; /* place of the result in the context of a return */
	wire_u16
		frame_from; /* of the stack pointer, by which an entry and its return are one call */
	wire_u8 is_kernel;  /* what it was called with is the kernel's memory */
	wire_u8 has_return; /* the event is made when the function returns */
	wire_u8 stacks;     /* those that are wanted: a bit for each of enum wire_stack */
	wire_u8 reserved[9];
	struct wire_probe_capture captures[WIRE_PROBE_CAPTURES];
};
WIRE_ASSERT_SIZE(struct wire_probe_plan, 24 + 16 * WIRE_PROBE_CAPTURES);

#endif
