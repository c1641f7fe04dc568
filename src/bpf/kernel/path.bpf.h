/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paths of objects, walked over the kernel's dentries and mounts.
 */
#ifndef OUTRIDER_BPF_PATH_H
#define OUTRIDER_BPF_PATH_H

#include "bpf/kernel/emit.bpf.h"

/* In a map value, not in registers: with pointers in registers each turn of the
 * loop is a new state, and the verifier gives up after a million instructions.
 * One per CPU, under the same conditions as the scratch buffer in emit.bpf.h. */
struct walk {
	u64 start_dentry;
	u64 start_mount; /* struct vfsmount */
	u64 root_dentry;
	u64 root_mount;
	u64 dentry;
	u64 mount;
	u32 sequence;
	u32 flags;
};

/* Where the last components of a path begin, for those who want them the other way
 * round; a path of more is not known from its start. */
enum { WALK_MARKS = 32 };

/* What is kept in memory in any case: with the length in a register the verifier
 * follows the loop for each that it can have. */
struct walk_value {
	struct walk walk;
	u32 length;
	u32 components;
	u16 marks[WALK_MARKS];
	u64 dentries[WALK_MARKS]; /* of the same components */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk_value);
} walks SEC(".maps");

static __always_inline struct walk_value *walk__get(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&walks, &zero);
}

/*
 * Writes the path of the object where the walk starts into the scratch buffer
 * at `offset`, as seen from the root of the current process, components last
 * first, each followed by a NUL; user space turns it round. An empty path is
 * the root.
 *
 * A global function, so that the verifier looks at it once and not at each of
 * its callers; therefore a scalar in and a scalar out: the length in the lower
 * 16 bits, above it wire_string_flags and, in WALK_CUT, whether the path was
 * deeper or longer than there was room for.
 */
int path__walk(u32 offset);

enum {
	WALK_LENGTH = 0xffff,
	WALK_FLAGS_SHIFT = 16,
	WALK_CUT = 1 << 30,
};

/* Length and state of a walked path, as they go on the wire. */
static __always_inline u32 path__describe(struct wire_string *string, int walked)
{
	string->length = walked & WALK_LENGTH;
	string->flags = ((walked >> WALK_FLAGS_SHIFT) & 0xff) | WIRE_PATH_REVERSED;
	string->state = walked & WALK_CUT ? WIRE_STRING_CUT : WIRE_STRING_WHOLE;
	return walked & WALK_LENGTH;
}

#endif
