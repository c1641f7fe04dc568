/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any call as an event of the kind syscall, or of the kind that groups it with others
 * (connect, mount): its registers, its result, and what its arguments point to. One
 * program for all calls; what it reads is a row of struct wire_captures, made from the
 * table in src/syscalls/calls.h.
 */
#include "bpf/kernel/aggregate.bpf.h"
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/stack.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/calls.bpf.h"
#include "syscalls/multiplexed.bpf.h"
#include "syscalls/passed.bpf.h"
#include "syscalls/socket.bpf.h"
#include "syscalls/terminal.bpf.h"

enum {
	/* Of a list of texts. */
	CAPTURED_TEXTS = 16,
	CAPTURED_TEXT_MAX = 256,
};

/* A word in the memory that was captured first. */
static __always_inline u64 capture__memory_word(struct wire_file *call, u8 from, bool is_short)
{
	const u8 *memory = (const u8 *)(call + 1);
	u32 offset = from & WIRE_FROM_OFFSET;
	u64 word;

	if (call->strings[0].state != WIRE_STRING_WHOLE ||
	    offset + (is_short ? 4 : 8) > call->strings[0].length)
		return 0;
	word = *(const u32 *)(memory + offset);
	if (!is_short)
		word |= (u64) * (const u32 *)(memory + offset + 4) << 32;
	return word;
}

static __always_inline u64 capture__word(struct wire_file *call, u8 from, bool compat)
{
	u32 place = from & ~(u32)WIRE_FROM_INT;
	u64 word;

	if (from & WIRE_FROM_MEMORY)
		return capture__memory_word(call, from, compat || from & WIRE_FROM_INT);
	if (place == WIRE_FROM_RESULT)
		return call->result;
	barrier_var(place);
	if (place >= 6)
		return 0;
	word = call->arguments[place];
	return from & WIRE_FROM_INT ? (u32)word : word;
}

/* The bytes behind an address; returns the new end. */
static __always_inline u64 capture__bytes(struct wire_string *string, u8 *record, u64 end,
					  u64 address, u64 bytes, u32 limit)
{
	string->state = WIRE_STRING_WHOLE;
	if (bytes > limit) {
		bytes = limit;
		string->state = WIRE_STRING_CUT;
	}
	/* The verifier of 6.1 and before forgets what a value on the stack was compared with. */
	barrier_var(bytes);
	barrier_var(end);
	if (bytes > WIRE_PATH_MAX || end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return end;
	if (bpf_probe_read_user(record + end, bytes, (void *)address)) {
		string->state = WIRE_STRING_FAULTED;
		return end;
	}
	string->length = bytes;
	return end + bytes;
}

/* The texts of a list, as many as there is room for; returns the new end. */
static __always_inline u64 capture__texts(struct wire_string *string, u8 *record, u64 end,
					  u64 address, bool compat)
{
	u64 first = end, text;
	u32 short_text, i;
	long length;

	string->state = WIRE_STRING_CUT;
	for (i = 0; i < CAPTURED_TEXTS; i++) {
		text = short_text = 0;
		if (compat) {
			length = bpf_probe_read_user(&short_text, 4, (void *)(address + 4ull * i));
			text = short_text;
			/* Else both become one, of a size that the verifier loses sight of. */
			barrier_var(length);
		} else {
			length = bpf_probe_read_user(&text, 8, (void *)(address + 8ull * i));
		}
		if (length) {
			string->state = WIRE_STRING_FAULTED;
			return first;
		}
		if (!text) {
			string->state = WIRE_STRING_WHOLE;
			break;
		}
		barrier_var(end);
		if (end > WIRE_RECORD_MAX - CAPTURED_TEXT_MAX)
			break;
		length = bpf_probe_read_user_str(record + end, CAPTURED_TEXT_MAX, (void *)text);
		if (length < 0) {
			string->state = WIRE_STRING_FAULTED;
			return first;
		}
		if (length > CAPTURED_TEXT_MAX)
			break;
		/* Before 6.15 the length of an empty string is 0, without its terminator. */
		if (length == 0) {
			record[end] = 0;
			length = 1;
		}
		end += length;
	}
	string->length = end - first;
	return end;
}

/* Reads capture number `which` into the record that is being built; returns its new end. A
 * global function, so that the verifier looks at it once. */
__noinline int call__capture(u32 which, u32 record_end)
{
	struct wire_file *call = scratch__get();
	struct wire_capture *capture;
	struct wire_string *string;
	u64 address, bytes, end = record_end;
	u32 number, length = 0;
	bool compat;

	if (!call || which >= WIRE_FILE_STRINGS)
		return record_end;
	string = &call->strings[which];
	string__clear(string);
	number = call->call;
	compat = call->header.flags & WIRE_COMPAT;
	if (number >= WIRE_SYSTEM_CALLS)
		return record_end;
	capture = &call_captures[compat][number].captures[which];
	if (capture->how == WIRE_CAPTURE_NOTHING)
		return record_end;
	if (capture->flags & WIRE_CAPTURE_OF_GROUP && call->header.kind == WIRE_SYSTEM_CALL)
		return record_end;
	if (capture->flags & WIRE_CAPTURE_ON_SUCCESS &&
	    (call->result < 0 || call->header.flags & WIRE_RESULT_UNKNOWN))
		return record_end;
	address = capture__word(call, capture->address, compat);
	if (capture->how == WIRE_CAPTURE_SOCKET) {
		barrier_var(end);
		return socket__capture(string, (u8 *)call, end, address);
	}
	if (capture->how == WIRE_CAPTURE_PASSED) {
		barrier_var(end);
		return passed__capture(string, (u8 *)call, end);
	}
	if (capture->how == WIRE_CAPTURE_TERMINAL) {
		barrier_var(end);
		return terminal__capture(
			string, (u8 *)call, end,
			terminal__of_call(task__current(), capture->count, call->arguments[0]));
	}
	if (!address)
		return record_end;
	if (capture->how == WIRE_CAPTURE_BUFFERS) {
		barrier_var(end);
		return terminal__buffers(string, (u8 *)call, end, address,
					 capture__word(call, capture->count, compat), call->result,
					 compat);
	}
	if (capture->how == WIRE_CAPTURE_TEXT) {
		barrier_var(end);
		return string__read(string, (u8 *)call, end, (void *)address, STRING_OF_USER);
	}
	if (capture->how == WIRE_CAPTURE_TEXTS)
		return capture__texts(string, (u8 *)call, end, address, compat);
	bytes = 1;
	if (capture->count != WIRE_NO_ARGUMENT) {
		bytes = capture__word(call, capture->count, compat);
		if (capture->flags & WIRE_CAPTURE_LENGTH_BEHIND) {
			if (bpf_probe_read_user(&length, sizeof(length), (void *)bytes))
				length = 0;
			bytes = length;
		}
	}
	/* So that the product fits. */
	if (bytes > WIRE_PATH_MAX)
		bytes = WIRE_PATH_MAX + 1;
	return capture__bytes(string, (u8 *)call, end, address, bytes * capture->size,
			      capture->limit);
}

/* A call that somebody wants as an event of this kind, with these arguments. `flags` are of
 * enum wire_flags. */
static __always_inline int call__send(void *ctx, const u64 arguments[6], u32 kind, u64 number,
				      long result, u32 flags)
{
	struct wire_account *account = account__of(kind);
	u64 task = task__current(), word;
	bool compat = task__is_compat(task);
	u32 pid = TASK_READ(task, tgid), i;
	struct wire_file *call;
	u64 end;

	if (!account || pid == own_pid)
		return 0;
	account->seen++;
	word = use_filter ? filter_word : 0;
	if (!filter__wants_kind(word, kind) ||
	    (word & FILTER_ASKS_EARLY &&
	     !filter__early(filter__start(word, kind), task, compat * WIRE_SYSTEM_CALLS + number,
			    result, !(flags & WIRE_RESULT_UNKNOWN)))) {
		account->filtered++;
		return 0;
	}
	if (!(flags & WIRE_RESULT_UNKNOWN) &&
	    aggregate__add(account, kind, task, pid, number, compat, result))
		return 0;
	if (!account__keeps(account))
		return 0;
	call = scratch__get();
	if (!call) {
		account->unbuilt++;
		loss__count(pid, kind);
		return 0;
	}
	header__fill(&call->header, task, bpf_ktime_get_boot_ns());
	call->header.kind = kind;
	call->header.flags |= flags | (compat ? WIRE_COMPAT : 0);
	call->result = result;
	__builtin_memcpy(call->arguments, arguments, sizeof(call->arguments));
	call->inode = 0;
	call->device = 0;
	call->mode = 0;
	call->call = number;
	call->reserved = 0;
	end = sizeof(*call);
#pragma unroll
	for (i = 0; i < WIRE_FILE_STRINGS; i++) {
		if (flags & WIRE_ARGUMENTS_GONE)
			string__clear(&call->strings[i]);
		else
			end = (u32)call__capture(i, end);
	}
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return 0;
	end = stacks__append(ctx, &call->header, end);
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return 0;
	call->header.size = end;
	event__send(account, ring__shard(), kind, pid, call, end);
	return 0;
}

/* include/uapi/linux/fcntl.h */
enum { F_DUPFD = 0, F_DUPFD_CLOEXEC = 1030 };

/* Whether this call is in the group of its row; others are no events. */
static __always_inline bool group__has(u32 when, u64 task, const u64 arguments[6], bool compat,
				       long result)
{
	u32 command;

	switch (when) {
	case WIRE_WHEN_CALLED:
		return true;
	case WIRE_WHEN_DUPLICATED:
		command = arguments[1];
		return command == F_DUPFD || command == F_DUPFD_CLOEXEC;
	case WIRE_WHEN_TO_TERMINAL:
		if (!terminal__is_command(arguments[1]))
			return false;
		return terminal__of_call(task, when, arguments[0]);
	case WIRE_WHEN_AT_TERMINAL:
		return terminal__of_call(task, when, arguments[0]);
	case WIRE_WHEN_HUNG_UP:
		return true;
	default:
		return passing__find(when, task, arguments, compat, result);
	}
}

/* Tail of syscalls__exit and of exec__failed. */
SEC("tp_btf/sys_exit")
int UNPREEMPTED_PROG(calls__traced, struct pt_regs *regs, long result)
{
	u64 task = task__current(), number = registers__number(regs);
	bool compat = task__is_compat(task);
	const struct multiplexed *instead;
	u32 pid = TASK_READ(task, tgid), kind;
	struct wire_call *row;
	u64 arguments[6];

	if (number >= WIRE_SYSTEM_CALLS || pid == own_pid)
		return 0;
	row = &calls[compat][number];
	registers__arguments(regs, compat, arguments);
	/* The registers are those of the new program. */
	if (row->traced)
		call__send(ctx, arguments, WIRE_SYSTEM_CALL, number, result,
			   result >= 0 && row->traced == WIRE_TRACED_EXEC ? WIRE_ARGUMENTS_GONE :
									    0);
	kind = row->group_kind;
	if (kind == WIRE_UNWANTED) {
		instead = multiplexed__call(arguments);
		if (!instead)
			return 0;
		number = instead->number;
		multiplexed__arguments(instead, arguments);
		row = &calls[WIRE_ABI_32][number & (WIRE_SYSTEM_CALLS - 1)];
		kind = row->group_kind;
	}
	if (kind && kind < WIRE_EVENT_LIMIT &&
	    group__has(row->group_when, task, arguments, compat, result))
		call__send(ctx, arguments, kind, number, result, 0);
	return 0;
}

/* Attached only while somebody wants a call that does not return. */
SEC("tp_btf/sys_enter")
int UNPREEMPTED_PROG(calls__entered, struct pt_regs *regs, long id)
{
	u64 arguments[6], number = id;
	bool compat;

	if (number >= WIRE_SYSTEM_CALLS || !(entered_calls[number / 64] & 1ull << number % 64))
		return 0;
	compat = task__is_compat(task__current());
	barrier_var(number);
	if (number >= WIRE_SYSTEM_CALLS || calls[compat][number].traced != WIRE_TRACED_ENTRY)
		return 0;
	registers__arguments(regs, compat, arguments);
	return call__send(ctx, arguments, WIRE_SYSTEM_CALL, number, 0, WIRE_RESULT_UNKNOWN);
}
