/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one owner of system calls: a single program at the exit of all of them,
 * whoever wants to know. It costs every call of the machine some 100 ns, so
 * there is one, and what nobody wants leaves it after one test of a bitmap.
 *
 * What is done for a call is a row of src/syscalls/calls.h, turned into
 * struct wire_call by user space; calls that do not fit a row are tail-called, and
 * so is what makes an event of the kind syscall, whatever else the call makes.
 */
#include "bpf/kernel/aggregate.bpf.h"
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/object.bpf.h"
#include "bpf/kernel/stack.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/calls.bpf.h"

/* What became of a record while it was built. */
enum { NOBODY_WANTS_IT = 0 };

/* What the filter still has to be asked about this event. */
struct question {
	u32 asks;
	u32 start; /* for the first that is asked */
};

static __always_inline u32 question__start(struct question *question)
{
	u32 start = question->start;

	question->start = 0;
	return start;
}

/* A path as given, and the directory that it starts from if it is relative. Returns
 * the new end. */
static __always_inline u64 file__path(struct wire_file *file, u64 task, u32 path, u32 base,
				      u8 path_place, u8 base_place, u64 end)
{
	struct wire_string *given = &file->strings[path];
	s32 directory = AT_FDCWD;
	u64 start = end;

	string__clear(given);
	string__clear(&file->strings[base]);
	if (path_place >= 6)
		return end;
	end = string__read(given, (u8 *)file, end, (void *)file->arguments[path_place],
			   STRING_OF_USER);
	if (given->state == WIRE_STRING_FAULTED || base_place == WIRE_NO_BASE)
		return end;
	/* start is still within bounds: the string was read there. */
	if (start > WIRE_RECORD_MAX - WIRE_PATH_MAX || ((u8 *)file)[start] == '/')
		return end;
	if (base_place < 6)
		directory = (s32)file->arguments[base_place];
	return object__path(&file->strings[base], object__of_directory(task, directory), end);
}

/* struct open_how of openat2(2): flags, mode, resolve. The size of the structure
 * moves to the last argument, so that no register is lost. */
static __always_inline void arguments__structure(u64 arguments[6], u8 place)
{
	u64 address, how[3] = {};

	if (place >= 3)
		return;
	address = arguments[place];
	arguments[5] = arguments[3];
	bpf_probe_read_user(how, sizeof(how), (void *)address);
	arguments[2] = how[0];
	arguments[3] = how[1];
	arguments[4] = how[2];
}

/* Whether anybody wants a call with these flags. */
static __always_inline bool arguments__want_flags(const u64 arguments[6],
						  const struct wire_call *call, u32 start)
{
	u8 place = call->flags;

	if (place == WIRE_CREAT_FLAGS)
		return filter__flags(start, O_CREAT | O_WRONLY | O_TRUNC, 0);
	if (place >= 6)
		return filter__flags(start, 0, 1);
	/* Of open_how they have 64 bits, elsewhere they are an int. */
	return filter__flags(
		start,
		call->structure == WIRE_NO_ARGUMENT ? (u32)arguments[place] : arguments[place], 0);
}

/* And with these paths, which are read for the record once more if so. */
static __always_inline bool arguments__want_paths(const u64 arguments[6],
						  const struct wire_call *call,
						  struct question *question)
{
	u8 first = call->path, second = call->path2;
	bool two = second < 6;

	if (first < 6 &&
	    !filter__path(question__start(question), two ? FILTER_SOURCE_PATH : FILTER_MAIN_PATH,
			  arguments[first]))
		return false;
	return !two || filter__path(question__start(question), FILTER_MAIN_PATH, arguments[second]);
}

/* The object that the call was about, and in the header's flags whether it is known.
 * Returns the new end, or NOBODY_WANTS_IT. */
static __always_inline u64 file__object(struct wire_file *file, u64 task, u32 kind, u8 resolve,
					struct question *question, u64 end)
{
	const bool asked = question->asks & FILTER_ASKS_REAL_PATH;
	struct wire_string *string = &file->strings[WIRE_FILE_OBJECT];
	struct object object = {};
	u64 start = end;

	file->header.flags = 0;
	file->inode = 0;
	file->device = 0;
	file->mode = 0;
	string__clear(string);
	if (resolve == WIRE_RESOLVE_RESULT && file->result >= 0) {
		object = object__of_descriptor(task, (s32)file->result);
	} else if (resolve == WIRE_RESOLVE_FIRST) {
		object = object__of_descriptor(task, (s32)file->arguments[0]);
	} else if (resolve == WIRE_RESOLVE_CWD) {
		object = object__of_cwd(task);
	} else {
		/* What succeeded has a path, which the agent may still find. */
		if (asked && (file->result < 0 || kind == WIRE_OPEN) &&
		    !filter__real_path(question__start(question), start, 1))
			return NOBODY_WANTS_IT;
		return end;
	}
	if (!object.dentry)
		return object__path(string, object, end);
	end = object__path(string, object, end);
	if (asked && string->state == WIRE_STRING_WHOLE && string->flags == WIRE_PATH_REVERSED &&
	    !filter__real_path(question__start(question), start, 0))
		return NOBODY_WANTS_IT;
	object__identity(object, &file->inode, &file->device, &file->mode);
	file->header.flags = WIRE_OBJECT_KNOWN;
	return end;
}

/* A call that somebody may want as its own kind. Returns which tail is to go on with it,
 * or 0. */
static __always_inline u32 syscalls__own_kind(void *ctx, struct pt_regs *regs, u64 task,
					      struct wire_call *call, bool compat, u64 number,
					      long result)
{
	struct wire_account *account;
	struct wire_file *file;
	u64 arguments[6], end, word;
	u32 kind, pid, ring, flags;
	struct question question;

	kind = call->kind;
	if (!kind && !call->other_kind)
		return 0;
	pid = TASK_READ(task, tgid);
	if (pid == own_pid)
		return 0;
	registers__arguments(regs, compat, arguments);
	if (call->other_kind && call->other_argument < 6 &&
	    arguments[call->other_argument] & call->other_mask)
		kind = call->other_kind;
	if (!kind || kind >= WIRE_UNWANTED)
		return 0;
	if (kind == WIRE_WORKING_DIRECTORY && result < 0)
		return 0;
	if (kind == WIRE_EXEC && result >= 0) /* sched_process_exec has seen it */
		return 0;
	account = account__of(kind);
	if (!account)
		return 0;
	account->seen++;
	word = use_filter && kind < WIRE_WORKING_DIRECTORY ? filter_word : 0;
	question.asks = word;
	question.start = filter__start(word, kind);
	if (!filter__wants_kind(word, kind) ||
	    (question.asks & FILTER_ASKS_EARLY &&
	     !filter__early(question__start(&question), task, compat * WIRE_SYSTEM_CALLS + number,
			    result, 1))) {
		account->filtered++;
		return 0;
	}
	if (kind < WIRE_WORKING_DIRECTORY && !call->tail &&
	    aggregate__add(account, kind, task, pid, number, compat, result))
		return 0;
	if (call->tail)
		return call->tail;
	if (kind < WIRE_WORKING_DIRECTORY && !account__keeps(account))
		return 0;
	if (call->structure != WIRE_NO_ARGUMENT)
		arguments__structure(arguments, call->structure);
	if ((question.asks & FILTER_ASKS_FLAGS &&
	     !arguments__want_flags(arguments, call, question__start(&question))) ||
	    (question.asks & FILTER_ASKS_PATHS &&
	     !arguments__want_paths(arguments, call, &question))) {
		account->filtered++;
		return 0;
	}
	file = scratch__get();
	if (!file) {
		account->unbuilt++;
		loss__count(pid, kind);
		return 0;
	}

	file->result = result;
	__builtin_memcpy(file->arguments, arguments, sizeof(arguments));
	file->call = number;
	file->reserved = 0;

	end = sizeof(*file);
	/* The object's path comes first if it is asked for, and again in its place in the
	 * record if somebody wants it. */
	if (question.asks & FILTER_ASKS_REAL_PATH &&
	    !file__object(file, task, kind, call->resolve, &question, end)) {
		account->filtered++;
		return 0;
	}
	question.asks = 0;
	end = file__path(file, task, WIRE_FILE_PATH, WIRE_FILE_BASE, call->path, call->base, end);
	end = file__path(file, task, WIRE_FILE_PATH2, WIRE_FILE_BASE2, call->path2, call->base2,
			 end);
	end = file__object(file, task, kind, call->resolve, &question, end);
	flags = file->header.flags;
	header__fill(&file->header, task, bpf_ktime_get_boot_ns());
	file->header.kind = kind;
	file->header.flags |= flags;
	if (compat)
		file->header.flags |= WIRE_COMPAT;
	if (kind < WIRE_WORKING_DIRECTORY)
		end = stacks__append(ctx, &file->header, end);
	/* The verifier of 6.1 and before forgets what a value on the stack was compared with. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return 0;
	file->header.size = end;
	ring = kind < WIRE_WORKING_DIRECTORY ? ring__shard() : RING_PROCESS;
	event__send(account, ring, kind, pid, file, end);
	return 0;
}

/* Returns which tail is to go on, or 0. */
static __always_inline u32 syscalls__exited(void *ctx, struct pt_regs *regs, u64 number,
					    long result)
{
	u64 task = task__current();
	bool compat = task__is_compat(task);
	struct wire_call *call = &calls[compat][number];
	u32 tail = syscalls__own_kind(ctx, regs, task, call, compat, number, result);

	/* The other tail goes on with it. */
	return tail || !(call->traced | call->group_kind) ? tail : WIRE_TAIL_TRACED;
}

/* An event that cannot be made; whether it has been counted as seen. */
static __always_inline void syscalls__unbuilt(u32 kind, u32 seen)
{
	struct wire_account *account = account__of(kind);

	if (account) {
		account->seen += !seen;
		account->unbuilt++;
	}
	loss__count(bpf_get_current_pid_tgid() >> 32, kind);
}

/* User space has not put it there. */
static __always_inline void syscalls__no_tail(u32 tail, const struct wire_call *call)
{
	if (tail != WIRE_TAIL_TRACED) {
		syscalls__unbuilt(WIRE_EXEC, 1);
		return;
	}
	if (call->group_kind && call->group_kind != WIRE_UNWANTED)
		syscalls__unbuilt(call->group_kind, 0);
	if (call->traced)
		syscalls__unbuilt(WIRE_SYSTEM_CALL, 0);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(syscalls__exit, struct pt_regs *regs, long result)
{
	u64 number = registers__number(regs);
	u32 tail;

	if (number >= WIRE_SYSTEM_CALLS || !(wanted_calls[number / 64] & 1ull << number % 64))
		return 0;
	preemption__off();
	tail = syscalls__exited(ctx, regs, number, result);
	preemption__on();
	if (!tail)
		return 0;
	bpf_tail_call(ctx, &call_tails, tail);
	syscalls__no_tail(tail, &calls[task__is_compat(task__current())][number]);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
