/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Descriptors that go from one process to another: in control messages (SCM_RIGHTS) of unix
 * sockets, and by pidfd_getfd.
 *
 * Control messages are memory of the caller and may say anything, so they are gone through as
 * the kernel does it, a bounded number of steps. Who puts more before his descriptors than
 * that makes an event all the same, which says that not all was looked at.
 */
#ifndef OUTRIDER_SYSCALLS_PASSED_H
#define OUTRIDER_SYSCALLS_PASSED_H

#include "syscalls/calls.bpf.h"
#include "syscalls/socket.bpf.h"

enum {
	/* include/linux/socket.h */
	SOL_SOCKET = 1,
	SCM_RIGHTS = 1,
	AF_UNIX = 1,
	/* Of heads of messages and of control messages; fewer where the verifier walks through
	 * them one by one. */
	PASSING_STEPS = 4096,
	PASSING_STEPS_BOUNDED = 32,
	/* What one control message is taken to have at most: the kernel refuses more than 253. */
	PASSING_MOST = 1 << 16,
};

/* struct user_msghdr and struct mmsghdr, struct cmsghdr, of 64-bit and of 32-bit processes:
 * include/linux/socket.h, include/net/compat.h. */
enum {
	MESSAGE_CONTROL = 32,
	MESSAGE_STEP = 64,
	MESSAGE_CONTROL_32 = 16,
	MESSAGE_STEP_32 = 32,
	CONTROL_HEAD = 16,
	CONTROL_HEAD_32 = 12,
};

/* How far a call's messages have been gone through. In a map value, not in registers, for the
 * verifier; one per CPU, under the same conditions as the scratch buffer in emit.bpf.h. */
struct passing {
	u64 message; /* address of the next one's head */
	u64 at;      /* of the next control message */
	u64 left;    /* bytes from there on */
	u32 messages;
	u32 compat;
	u32 count;
	u32 kept;
	u32 flags; /* enum wire_passed_flags */
	u32 peer;
	u32 numbers[2 * WIRE_PASSED_NUMBERS]; /* any that begins in the first half has room */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct passing);
} passings SEC(".maps");

static __always_inline struct passing *passing__get(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&passings, &zero);
}

enum passing_step { PASSING_ON, PASSING_DONE };

/* Where the control messages of the next message are. */
static __always_inline enum passing_step passing__message(struct passing *passing)
{
	u64 words[2] = {};
	u32 short_words[2] = {};
	long failed;

	if (!passing->messages)
		return PASSING_DONE;
	passing->messages--;
	if (passing->compat) {
		failed = bpf_probe_read_user(short_words, sizeof(short_words),
					     (void *)(passing->message + MESSAGE_CONTROL_32));
		words[0] = short_words[0];
		words[1] = short_words[1];
		passing->message += MESSAGE_STEP_32;
		/* Else both become one, of a size that the verifier loses sight of. */
		barrier_var(failed);
	} else {
		failed = bpf_probe_read_user(words, sizeof(words),
					     (void *)(passing->message + MESSAGE_CONTROL));
		passing->message += MESSAGE_STEP;
	}
	if (failed) {
		passing->flags |= WIRE_PASSED_FAULTED;
		return PASSING_DONE;
	}
	passing->at = words[0];
	passing->left = words[0] ? words[1] : 0;
	return PASSING_ON;
}

static __always_inline void passing__numbers(struct passing *passing, u64 address, u64 count)
{
	u32 at = passing->kept, here;

	passing->count += count > PASSING_MOST ? PASSING_MOST : count;
	here = count > WIRE_PASSED_NUMBERS ? WIRE_PASSED_NUMBERS : count;
	barrier_var(at);
	barrier_var(here);
	if (at >= WIRE_PASSED_NUMBERS || !here || here > WIRE_PASSED_NUMBERS)
		return;
	if (bpf_probe_read_user(&passing->numbers[at], here * sizeof(u32), (void *)address)) {
		passing->flags |= WIRE_PASSED_FAULTED;
		return;
	}
	at += here;
	passing->kept = at > WIRE_PASSED_NUMBERS ? WIRE_PASSED_NUMBERS : at;
}

/* One control message. What has no good length ends the list, as it does for the kernel. */
static __always_inline enum passing_step passing__control(struct passing *passing)
{
	u32 short_head[3] = {}, level, type, size, align;
	u64 head[2] = {}, length;
	long failed;

	if (passing->compat) {
		failed = bpf_probe_read_user(short_head, sizeof(short_head), (void *)passing->at);
		length = short_head[0];
		level = short_head[1];
		type = short_head[2];
		size = CONTROL_HEAD_32;
		align = 3;
		barrier_var(failed);
	} else {
		failed = bpf_probe_read_user(head, sizeof(head), (void *)passing->at);
		length = head[0];
		level = head[1];
		type = head[1] >> 32;
		size = CONTROL_HEAD;
		align = 7;
	}
	if (failed) {
		passing->flags |= WIRE_PASSED_FAULTED;
		return PASSING_DONE;
	}
	if (length < size || length > passing->left) {
		passing->left = 0;
		return PASSING_ON;
	}
	if (level == SOL_SOCKET && type == SCM_RIGHTS)
		passing__numbers(passing, passing->at + size, (length - size) / sizeof(u32));
	length = (length + align) & ~(u64)align;
	passing->at += length;
	passing->left = length > passing->left ? 0 : passing->left - length;
	return PASSING_ON;
}

static __always_inline enum passing_step passing__step(struct passing *passing)
{
	u32 size = passing->compat ? CONTROL_HEAD_32 : CONTROL_HEAD;

	return passing->left < size ? passing__message(passing) : passing__control(passing);
}

/* Goes through all messages. A global function, so that the verifier looks at it once. */
__noinline int passing__all(u32 reserved)
{
	struct passing *passing = passing__get();
	enum passing_step step = PASSING_ON;
	u32 i;

	if (!passing)
		return 0;
	if (use_cast) {
		struct number_iterator iterator;

		bpf_iter_num_new(&iterator, 0, PASSING_STEPS);
		while (bpf_iter_num_next(&iterator)) {
			step = passing__step(passing);
			if (step == PASSING_DONE)
				break;
		}
		bpf_iter_num_destroy(&iterator);
	} else {
		for (i = 0; i < PASSING_STEPS_BOUNDED; i++) {
			step = passing__step(passing);
			if (step == PASSING_DONE)
				break;
		}
	}
	if (step != PASSING_DONE)
		passing->flags |= WIRE_PASSED_CUT;
	return 0;
}

/* The number of a process in the host's pid namespace. */
static __always_inline u32 passing__number(u64 pid)
{
	u32 number = 0;

	if (pid)
		bpf_probe_read_kernel(
			&number, sizeof(number),
			(void *)(pid__entry(pid, 0) + bpf_core_field_offset(struct upid, nr)));
	return number;
}

/* Whose descriptor a pidfd is: from 6.9 on it is the inode's, before the file's. */
static __always_inline u32 passing__owner(u64 task, s32 descriptor)
{
	struct file *file = (void *)file__of_descriptor(task, descriptor);
	u64 pid;

	if (!file)
		return 0;
	pid = (u64)BPF_CORE_READ(file, private_data);
	if (!pid)
		pid = (u64)BPF_CORE_READ(file, f_inode, i_private);
	return passing__number(pid);
}

/* Whether a call that can pass descriptors does so; kept for passed__capture(). */
static __always_inline bool passing__find(u32 when, u64 task, const u64 arguments[6], bool compat,
					  long result)
{
	bool many = when == WIRE_WHEN_SENT_MANY || when == WIRE_WHEN_RECEIVED_MANY;
	bool received = when == WIRE_WHEN_RECEIVED || when == WIRE_WHEN_RECEIVED_MANY;
	struct passing *passing = passing__get();
	struct sock *sock;

	if (!passing || (received && result < 0))
		return false;
	passing->count = 0;
	passing->kept = 0;
	passing->flags = 0;
	passing->peer = 0;
	if (when == WIRE_WHEN_TAKEN) {
		if (result < 0)
			return true;
		passing->count = 1;
		passing->kept = 1;
		passing->numbers[0] = result;
		passing->peer = passing__owner(task, (s32)arguments[0]);
		return true;
	}
	passing->message = arguments[1];
	passing->messages = many && result > 0 ? (u32)result : 1;
	passing->left = 0;
	passing->compat = compat;
	passing__all(0);
	/* Nothing came of what could not be read by the kernel either. */
	if (!passing->count && !(passing->flags & WIRE_PASSED_CUT) &&
	    (!(passing->flags & WIRE_PASSED_FAULTED) || result < 0))
		return false;
	sock = (void *)socket__of_descriptor(task, (s32)arguments[0]);
	if (!sock)
		return true;
	/* Others know such messages, and do nothing about them. */
	if (BPF_CORE_READ(sock, __sk_common.skc_family) != AF_UNIX)
		return false;
	passing->peer = passing__number((u64)BPF_CORE_READ(sock, sk_peer_pid));
	return true;
}

/* What a passed descriptor stands for, in the record whose struct wire_passed is at `start`;
 * returns the new end. */
__noinline int passed__object(u32 which, u32 start, u32 record_end)
{
	struct passing *passing = passing__get();
	struct wire_passed_object *to;
	struct wire_passed *passed;
	u8 *record = scratch__get();
	struct object object;
	u64 at = start;
	u32 device;

	barrier_var(at);
	if (!record || !passing || which >= WIRE_PASSED_OBJECTS ||
	    at > WIRE_RECORD_MAX - sizeof(*passed))
		return record_end;
	passed = (struct wire_passed *)(record + at);
	to = &passed->objects[which];
	to->inode = 0;
	to->mode = 0;
	to->reserved = 0;
	string__clear(&to->path);
	if (which >= passing->kept)
		return record_end;
	object = object__of_descriptor(task__current(), (s32)passing->numbers[which]);
	if (object.dentry)
		object__identity(object, &to->inode, &device, &to->mode);
	return object__path(&to->path, object, record_end);
}

/* As a string of the record that is built at `end`; returns the new end. */
static __always_inline u64 passed__capture(struct wire_string *string, u8 *record, u64 end)
{
	struct passing *passing = passing__get();
	struct wire_passed *passed;
	u64 start;
	u32 i;

	if (!passing)
		return end;
	/* In one register from here: before 6.4 the verifier knows nothing of another copy. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return end;
	passed = (struct wire_passed *)(record + end);
	start = end;
	passed->count = passing->count;
	passed->flags = passing->flags;
	passed->peer = passing->peer;
	passed->kept = passing->kept;
	__builtin_memset(passed->descriptors, 0, sizeof(passed->descriptors));
	bpf_probe_read_kernel(passed->descriptors, sizeof(passed->descriptors), passing->numbers);
	end += sizeof(*passed);
	for (i = 0; i < WIRE_PASSED_OBJECTS; i++)
		end = (u32)passed__object(i, start, end);
	string->state = WIRE_STRING_WHOLE;
	string->length = end - start;
	return end;
}

#endif
