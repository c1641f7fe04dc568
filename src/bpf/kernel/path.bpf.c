/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The path walk; what it promises is in path.bpf.h. */
#include "bpf/kernel/path.bpf.h"

#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/task.bpf.h"

enum {
	/* Components and mounts of one path: where the verifier knows iterators,
   * as many as PATH_MAX allows; elsewhere as many as it walks through one by
   * one in some ten milliseconds. Deeper ones are marked cut. */
	WALK_STEPS = 2048,
	WALK_STEPS_BOUNDED = 64,
	/* include/linux/limits.h NAME_MAX, and a mask that says so to the verifier. */
	NAME_MASK = 0xff,
};

/* A field of a kernel object at an address that the verifier knows nothing of. */
#define FIELD(type, address, field) \
	(cast ? CAST(type, address)->field : BPF_CORE_READ((type *)(address), field))

enum step { STEP_ON, STEP_DONE };

/* Names are mostly short, and a helper call costs more than a few loads. What is
 * read behind the end of the name is overwritten or never sent; loads of an
 * unmapped page give 0. */
static __always_inline bool name__copy(u8 *to, u64 name, u32 length, const bool cast)
{
	u32 long_name = length >> 5, i;
	u64 *words = (u64 *)to;

	/* Compared after an operation, or the verifier would keep different bounds
   * of the length for both branches, and of all that it is added to. */
	barrier_var(long_name);
	if (!cast || long_name)
		return !bpf_probe_read_kernel(to, length, (void *)name);
	for (i = 0; i < 4; i++)
		words[i] = word__read(name + i * sizeof(u64));
	return true;
}

/* One component or one mount upwards. Always the same order of reads, so that
 * the second pass sees what the first did unless something was renamed. */
static __always_inline enum step walk__step(struct walk *walk, u8 *names, struct walk_value *value,
					    const bool cast, const bool copy)
{
	u64 dentry = walk->dentry, mount = walk->mount, parent, name;
	u32 size, sequence;

	if (dentry == walk->root_dentry && mount == walk->root_mount)
		return STEP_DONE;

	if (dentry == (u64)FIELD(struct vfsmount, mount, mnt_root)) {
		u64 here = mount - bpf_core_field_offset(struct mount, mnt);
		u64 above = (u64)FIELD(struct mount, here, mnt_parent);

		if (above == here || !above) {
			walk->flags |= WIRE_PATH_UNREACHABLE;
			return STEP_DONE;
		}
		walk->dentry = (u64)FIELD(struct mount, here, mnt_mountpoint);
		walk->mount = above + bpf_core_field_offset(struct mount, mnt);
		return STEP_ON;
	}

	sequence = FIELD(struct dentry, dentry, d_seq.seqcount.sequence);
	if (sequence & 1) /* being renamed right now */
		walk->flags |= WIRE_PATH_TORN;
	walk->sequence += sequence;
	parent = (u64)FIELD(struct dentry, dentry, d_parent);
	if (copy) {
		size = FIELD(struct dentry, dentry, d_name.len) & NAME_MASK;
		name = (u64)FIELD(struct dentry, dentry, d_name.name);
		if (value->length > WIRE_PATH_MAX - NAME_MASK - 1) {
			walk->flags |= WALK_CUT >> WALK_FLAGS_SHIFT;
			return STEP_DONE;
		}
		if (!name__copy(names + value->length, name, size, cast)) {
			walk->flags |= WALK_CUT >> WALK_FLAGS_SHIFT;
			return STEP_DONE;
		}
		value->dentries[value->components & (WALK_MARKS - 1)] = dentry;
		value->marks[value->components++ & (WALK_MARKS - 1)] = value->length;
		value->length += size;
		if (value->length > WIRE_PATH_MAX - 1)
			return STEP_DONE;
		names[value->length] = 0;
		value->length++;
	}
	if (parent == dentry || !parent) {
		/* A root that no mount has: a pipe, a socket, memfd:name. */
		walk->flags |= WIRE_PATH_PSEUDO;
		return STEP_DONE;
	}
	walk->dentry = parent;
	return STEP_ON;
}

static __always_inline void walk__all(struct walk *walk, u8 *names, struct walk_value *value,
				      const bool cast, const bool copy)
{
	enum step step = STEP_ON;
	u32 i;

	if (cast) {
		struct number_iterator iterator;

		bpf_iter_num_new(&iterator, 0, WALK_STEPS);
		while (bpf_iter_num_next(&iterator)) {
			step = walk__step(walk, names, value, cast, copy);
			if (step == STEP_DONE)
				break;
		}
		bpf_iter_num_destroy(&iterator);
	} else {
		for (i = 0; i < WALK_STEPS_BOUNDED; i++) {
			step = walk__step(walk, names, value, cast, copy);
			if (step == STEP_DONE)
				break;
		}
	}
	if (step != STEP_DONE)
		walk->flags |= WALK_CUT >> WALK_FLAGS_SHIFT;
}

/* The sum of the sequence counts of the dentries that a walk has come by, as it is now. */
static __always_inline u32 walk__sequence(const struct walk_value *value, const bool cast)
{
	u32 sum = 0, i;
	u64 dentry;

	for (i = 0; i < WALK_MARKS; i++) {
		if (i >= value->components)
			break;
		/* On its own: CO-RE would take the structure for one of the kernel's. */
		dentry = value->dentries[i];
		sum += FIELD(struct dentry, dentry, d_seq.seqcount.sequence);
	}
	return sum;
}

static __always_inline int walk__twice(struct walk *walk, u8 *names, struct walk_value *value,
				       const bool cast)
{
	u64 dentry = walk->start_dentry, mount = walk->start_mount;
	u32 sequence;

	walk->dentry = dentry;
	walk->mount = mount;
	value->length = 0;
	value->components = 0;
	walk->flags = 0;
	walk->sequence = 0;
	/* Without a name in its directory any more (d_unhashed), and not a root. */
	if (!FIELD(struct dentry, dentry, d_hash.pprev) &&
	    (u64)FIELD(struct dentry, dentry, d_parent) != dentry)
		walk->flags = WIRE_PATH_DELETED;
	walk__all(walk, names, value, cast, true);

	/* Each step reads a consistent dentry or not; whether they fit together
   * the sum of their sequence counts tells, which every rename raises. The
   * kernel's own rename_lock is not in kallsyms everywhere. */
	sequence = walk->sequence;
	if (value->components <= WALK_MARKS) {
		walk->sequence = walk__sequence(value, cast);
	} else {
		walk->dentry = dentry;
		walk->mount = mount;
		walk->sequence = 0;
		walk__all(walk, names, value, cast, false);
	}
	if (walk->sequence != sequence)
		walk->flags |= WIRE_PATH_TORN;
	return value->length | walk->flags << WALK_FLAGS_SHIFT;
}

int path__walk(u32 offset)
{
	struct walk_value *value = walk__get();
	u64 task = task__current();
	u8 *names = scratch__get();
	struct walk here = {};

	if (!value || !names || offset > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return WALK_CUT;
	value->walk.root_dentry = (u64)TASK_READ(task, fs, root.dentry);
	value->walk.root_mount = (u64)TASK_READ(task, fs, root.mnt);
	if (!use_cast)
		return walk__twice(&value->walk, names + offset, value, false);
	/* With an iterator the state may stay in registers. */
	here = value->walk;
	return walk__twice(&here, names + offset, value, true);
}
