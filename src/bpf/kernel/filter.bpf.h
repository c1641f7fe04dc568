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

/* Number of the slot that is read, from 1 on; 0: everything is wanted. Memory-mapped.
 * Read once per event: all its values are held against the same tables. */
wire_u32 filter_slot;

enum filter_path { FILTER_MAIN_PATH, FILTER_SOURCE_PATH };

/* Each returns 0 if nobody wants the event. `call` is as in FILTER_CALL, `flags` those
 * of a record's header that it will have (enum wire_flags). */
int filter__begin(u64 task, u32 kind, u32 call, s64 result, u32 flags);
int filter__flags(u64 value, u32 missing);
/* A path in the scratch buffer. */
int filter__path(u32 which, u32 offset, u32 length);
/* What path__walk() has just written into the scratch buffer; `missing`: there is no
 * object. */
int filter__real_path(u32 offset, u32 missing);

#endif
