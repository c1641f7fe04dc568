/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The terminal behind a descriptor of the current process. The kernel has no hook there, so
 * calls are looked at: a terminal's file has a structure of its own that leads back to it, and
 * that is what tells it from other devices.
 */
#ifndef OUTRIDER_SYSCALLS_TERMINAL_H
#define OUTRIDER_SYSCALLS_TERMINAL_H

#include "syscalls/calls.bpf.h"
#include "syscalls/socket.bpf.h"

enum {
	S_IFCHR = 0020000,
	DEVICE_MINOR_BITS = 20, /* include/linux/kdev_t.h */
	/* include/uapi/linux/major.h: /dev/tty and /dev/console, which stand for others; the sides
	 * of pseudo terminals that emulators have. */
	TTYAUX_MAJOR = 5,
	PTY_MASTER_MAJOR = 2,
	UNIX98_PTY_MASTER_MAJOR = 128,
	UNIX98_PTY_MASTER_MAJORS = 8,
	/* include/linux/tty.h */
	TERMINAL_NAME_MAX = 64,
	/* Of calls that have a list of them. */
	TERMINAL_BUFFERS = 8,
	TERMINAL_DATA_MAX = WIRE_PATH_MAX,
};

/* include/uapi/asm-generic/ioctls.h */
enum {
	TIOCSCTTY = 0x540e,
	TIOCSTI = 0x5412,
	TIOCLINUX = 0x541c,
	TIOCCONS = 0x541d,
	TIOCNOTTY = 0x5422,
	TIOCSETD = 0x5423,
	TIOCVHANGUP = 0x5437,
};

/* Those that do something to a terminal that its users did not: type for them, take it, hang it
 * up. The many others only ask. */
static __always_inline bool terminal__is_command(u32 command)
{
	return command == TIOCSTI || command == TIOCSCTTY || command == TIOCLINUX ||
	       command == TIOCCONS || command == TIOCNOTTY || command == TIOCSETD ||
	       command == TIOCVHANGUP;
}

/* 0 if the descriptor is none of a terminal, or the emulator's side of one: what goes through
 * there is seen on the other side. */
static __always_inline u64 terminal__of_descriptor(u64 task, s32 descriptor)
{
	struct file *file = (void *)file__of_descriptor(task, descriptor);
	struct tty_file_private *private;
	struct tty_struct *tty;
	u32 device, major;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFCHR)
		return 0;
	private = BPF_CORE_READ(file, private_data);
	if (!private || BPF_CORE_READ(private, file) != file)
		return 0;
	tty = BPF_CORE_READ(private, tty);
	major = BPF_CORE_READ(tty, driver, major);
	device = BPF_CORE_READ(file, f_inode, i_rdev) >> DEVICE_MINOR_BITS;
	if (major == PTY_MASTER_MAJOR || major - UNIX98_PTY_MASTER_MAJOR < UNIX98_PTY_MASTER_MAJORS)
		return 0;
	return device == major || device == TTYAUX_MAJOR ? (u64)tty : 0;
}

/* Of a call that is about one: by its descriptor, or that of its process. */
static __always_inline u64 terminal__of_call(u64 task, u32 when, u64 descriptor)
{
	if (when == WIRE_WHEN_HUNG_UP)
		return (u64)TASK_READ(task, signal, tty);
	return terminal__of_descriptor(task, (s32)descriptor);
}

/* Its name, "pts3", as a string of the record that is built at `end`; returns the new end. */
static __always_inline u64 terminal__capture(struct wire_string *string, u8 *record, u64 end,
					     u64 tty)
{
	long length;

	if (!tty)
		return end;
	/* In one register from here: before 6.4 the verifier knows nothing of another copy. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return end;
	length = bpf_probe_read_kernel_str(
		record + end, TERMINAL_NAME_MAX,
		(void *)(tty + bpf_core_field_offset(struct tty_struct, name)));
	if (length < 1 || length > TERMINAL_NAME_MAX)
		return end;
	string->state = WIRE_STRING_WHOLE;
	string->length = length - 1;
	return end + length - 1;
}

/* The bytes of a list of buffers (struct iovec), as many as the call has transferred; returns the
 * new end. */
static __always_inline u64 terminal__buffers(struct wire_string *string, u8 *record, u64 end,
					     u64 list, u64 count, u64 transferred, bool compat)
{
	u64 first = end, buffer[2], bytes, left = transferred;
	u32 short_buffer[2], i;
	long failed;

	string->state = WIRE_STRING_CUT;
	if (left > TERMINAL_DATA_MAX)
		left = TERMINAL_DATA_MAX;
	for (i = 0; i < TERMINAL_BUFFERS; i++) {
		if (!left || i >= count)
			break;
		if (compat) {
			failed = bpf_probe_read_user(short_buffer, sizeof(short_buffer),
						     (void *)(list + 8ull * i));
			buffer[0] = short_buffer[0];
			buffer[1] = short_buffer[1];
			/* Else both become one, of a size that the verifier loses sight of. */
			barrier_var(failed);
		} else {
			failed = bpf_probe_read_user(buffer, sizeof(buffer),
						     (void *)(list + 16ull * i));
		}
		if (failed)
			break;
		bytes = buffer[1] < left ? buffer[1] : left;
		barrier_var(bytes);
		barrier_var(end);
		if (bytes > TERMINAL_DATA_MAX || end > WIRE_RECORD_MAX - TERMINAL_DATA_MAX)
			break;
		if (bpf_probe_read_user(record + end, bytes, (void *)buffer[0]))
			break;
		end += bytes;
		left -= bytes;
	}
	if (end - first == transferred)
		string->state = WIRE_STRING_WHOLE;
	else if (end == first)
		string->state = WIRE_STRING_FAULTED;
	string->length = end - first;
	return end;
}

#endif
