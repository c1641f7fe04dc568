/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether anybody wants an event, asked as early as each of its values is known:
 * first what needs no reading, then the flags, the paths as given, and last the
 * path of the object. The tables are those of src/events/filter_wire.h.
 *
 * Global functions, so that the verifier looks at each once. What they know of the
 * event is kept per CPU, like the scratch buffer in emit.bpf.h and under the same
 * conditions.
 */
#ifndef OUTRIDER_BPF_FILTER_H
#define OUTRIDER_BPF_FILTER_H

#include "bpf/kernel/task.bpf.h"
#include "events/filter_wire.h"

/* A knob as those in program.bpf.h: without conditions the verifier need not look at all
 * this, which takes a third of the time to start. */
const volatile bool use_filter = true;

/* The slot and what is asked for (FILTER_SLOT_MASK, FILTER_ASKS_...). 0: everything is
 * wanted. Memory-mapped. Read once per event: all its values are held against the same
 * tables. */
wire_u64 filter_word;

/* Of each kind whether anybody may want it; while tables are changed, of both. */
wire_u8 filter_kinds[WIRE_KIND_LIMIT];

/* Whether a kind is wanted at all: all that a program may ask which can come on top of
 * another one of ours. */
static __always_inline bool filter__wants_kind(u64 word, u32 kind)
{
	return !word || filter_kinds[kind & (WIRE_KIND_LIMIT - 1)];
}

/* Each returns 0 if nobody wants the event; called only for what is asked for. The first
 * that is called gets what filter__start() says, the others 0. */
static __always_inline u32 filter__start(u32 word, u32 kind)
{
	return kind << 8 | (word & FILTER_SLOT_MASK);
}

/* Numbers, comm and process. `call` is as in FILTER_CALL; with the result unknown it is that of a
 * request that has not been done yet. */
int filter__early(u32 start, u64 task, u32 call, s64 result, u32 result_known);
int filter__flags(u32 start, u64 value, u32 missing);
/* A path as given, at this address of the caller's. */
enum filter_path { FILTER_MAIN_PATH, FILTER_SOURCE_PATH };
int filter__path(u32 start, u32 which, u64 address);
/* What path__walk() has just written into the scratch buffer; `missing`: there is no
 * object. */
int filter__real_path(u32 start, u32 offset, u32 missing);

/* What filter__early() is for programs that can come on top of others: of kinds that begin with
 * struct wire_timed. It uses no memory, and knows the latency, pid and tid only. `start` is as of
 * filter__start(). */
int filter__timed(u32 start, u32 pid, u32 tid, u64 latency);

enum {
	FILTER_ASKS_EARLY =
		FILTER_ASKS_NUMBERS | FILTER_ASKS_COMM | FILTER_ASKS_PROCESS | FILTER_ASKS_WORKLOAD
};

#endif
