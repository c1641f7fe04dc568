/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes: fork, exec and exit, into a ring of their own.
 *
 * These records also feed the process table that names every other event, so
 * they are always sent; what a stream does not want of them is left out in user
 * space. Only execs that failed pass the filter here: nothing depends on them.
 */
#include "bpf/kernel/context.bpf.h"
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/executable.bpf.h"
#include "bpf/kernel/object.bpf.h"
#include "bpf/kernel/stack.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/calls.bpf.h"

/* By word size; 0xffff where there is none. Set by user space from the table. */
const volatile wire_u16 execveat_number[WIRE_ABI_COUNT] = { 0xffff, 0xffff };

/* Whether somebody asks for the environment of programs. Set by user space. */
const volatile bool environment_wanted = false;

/* A record about `task` for which there is memory, or NULL after counting. */
static __always_inline void *process__begin(u32 kind, struct wire_account **account)
{
	void *record;

	*account = account__of(kind);
	if (!*account)
		return NULL;
	(*account)->seen++;
	record = scratch__get();
	if (!record) {
		(*account)->unbuilt++;
		loss__count(bpf_get_current_pid_tgid() >> 32, kind);
	}
	return record;
}

SEC("tp_btf/sched_process_fork")
int UNPREEMPTED_PROG(process__fork, struct task_struct *parent, struct task_struct *child)
{
	struct wire_account *account;
	struct wire_fork *fork;

	if (use_cast)
		child = CAST(struct task_struct, child);
	if (child->pid != child->tgid) /* a thread */
		return 0;
	fork = process__begin(WIRE_FORK, &account);
	if (!fork)
		return 0;
	header__fill(&fork->header, (u64)child, bpf_ktime_get_boot_ns());
	fork->header.kind = WIRE_FORK;
	fork->header.size = sizeof(*fork);
	context__fill(&fork->context, (u64)child);
	event__send(account, RING_PROCESS, WIRE_FORK, fork->header.ppid, fork, sizeof(*fork));
	return 0;
}

/* Sends the arguments from `offset` on, as many as fit into a piece. Returns whether it went into the
 * ring. A global function, as the next: the verifier looks at it once, and not for each piece. */
__noinline int exec__send_piece(u64 time, u64 start, u32 offset, u32 total)
{
	u8 *record = scratch__get();
	struct wire_arguments *piece;
	u32 size = total - offset;

	if (!record || offset >= total)
		return false;
	barrier_var(size);
	if (size > WIRE_ARGUMENTS_PIECE)
		size = WIRE_ARGUMENTS_PIECE;
	piece = (void *)record;
	piece->kind = WIRE_ARGUMENTS;
	piece->flags = 0;
	piece->time = time;
	piece->pid = bpf_get_current_pid_tgid() >> 32;
	piece->offset = offset;
	piece->size = sizeof(*piece) + size;
	return !bpf_probe_read_user(record + sizeof(*piece), size, (void *)(start + offset)) &&
	       !ring__output(RING_PROCESS, record, sizeof(*piece) + size);
}

/* Sends the arguments behind the first WIRE_ARGUMENTS_INLINE bytes, before the
 * exec itself. Returns whether all pieces went into the ring. */
__noinline int exec__send_pieces(u64 time, u64 start, u32 total)
{
	u32 offset = WIRE_ARGUMENTS_INLINE, i;

	for (i = 0; i < WIRE_ARGUMENTS_MAX / WIRE_ARGUMENTS_PIECE; i++) {
		if (offset >= total)
			return true;
		if (!exec__send_piece(time, start, offset, total))
			return false;
		offset += WIRE_ARGUMENTS_PIECE;
	}
	return true;
}

/* Into the record that is being built. A global function: the verifier looks at it once, and not
 * at the walks behind it for each way through it. */
__noinline int exec__executable(void)
{
	u64 file = (u64)TASK_READ(task__current(), mm, exe_file);
	struct wire_exec *exec = scratch__get();
	struct object exe;

	if (!exec)
		return 0;
	exe = object__of_file(file);
	executable__fill(&exec->executable, exe.dentry);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int UNPREEMPTED_PROG(process__exec, struct task_struct *task, int old_pid,
		     struct linux_binprm *binprm)
{
	u64 start, stop, total = 0, environment = 0, end, time;
	struct wire_account *account;
	struct wire_string *string;
	struct wire_exec *exec;
	struct object exe;

	exec = process__begin(WIRE_EXEC, &account);
	if (!exec)
		return 0;
	if (use_cast) {
		task = CAST(struct task_struct, task);
		binprm = CAST(struct linux_binprm, binprm);
	}
	start = task->mm->arg_start;
	stop = task->mm->arg_end;
	time = bpf_ktime_get_boot_ns();
	/* The kernel puts it behind the arguments (create_elf_tables() in fs/binfmt_elf.c). */
	if (environment_wanted && task->mm->env_start == stop && task->mm->env_end > stop)
		environment = task->mm->env_end - stop;
	if (stop > start)
		total = stop - start + environment;
	if (total > WIRE_ARGUMENTS_MAX)
		total = WIRE_ARGUMENTS_MAX;
	exec->reserved = false;
	if (total > WIRE_ARGUMENTS_INLINE && !exec__send_pieces(time, start, total))
		exec->reserved = true;
	/* By way of memory, as string__end() does it. */
	exec->environment_size = environment;
	exec->header.size = total;

	header__fill(&exec->header, (u64)task, time);
	exec->header.kind = WIRE_EXEC;
	if (*(volatile wire_u16 *)&exec->reserved)
		exec->header.flags |= WIRE_ARGUMENTS_LOST;
	exec->result = 0;
	exec->argument_count = binprm->argc;
	exec->arguments_size = stop > start ? stop - start : 0;
	/* "/dev/fd/N/..." of execveat with a descriptor (alloc_bprm() in fs/exec.c). */
	exec->call = binprm->fdpath != NULL;
	exec->reserved = 0;
	exec->flags = 0;
	context__fill(&exec->context, (u64)task);

	end = sizeof(*exec);
	end = string__read(&exec->strings[WIRE_EXEC_FILENAME], (u8 *)exec, end, binprm->filename,
			   STRING_OF_KERNEL);
	string__clear(&exec->strings[WIRE_EXEC_BASE]);
	string__clear(&exec->strings[WIRE_EXEC_INTERPRETER]);
	if (binprm->interp != binprm->filename)
		string__read(&exec->strings[WIRE_EXEC_INTERPRETER], (u8 *)exec, end, binprm->interp,
			     STRING_OF_KERNEL);
	end = string__end(&exec->strings[WIRE_EXEC_INTERPRETER], end);
	exe = object__of_file((u64)TASK_READ((u64)task, mm, exe_file));
	object__identity(exe, &exec->exe_inode, &exec->exe_device, &exec->executable.mode);
	exec__executable();
	end = object__path(&exec->strings[WIRE_EXEC_EXE], exe, end);
	end = object__path(&exec->strings[WIRE_EXEC_CWD], object__of_cwd((u64)task), end);

	string = &exec->strings[WIRE_EXEC_ARGUMENTS];
	string->length = 0;
	string->flags = 0;
	string->state = WIRE_STRING_WHOLE;
	total = *(volatile wire_u32 *)&exec->header.size;
	/* The verifier of 6.1 and before has forgotten by now what it was compared with. */
	barrier_var(total);
	if (total > WIRE_ARGUMENTS_INLINE)
		total = WIRE_ARGUMENTS_INLINE;
	if (end > WIRE_RECORD_MAX - WIRE_ARGUMENTS_INLINE)
		return 0;
	if (bpf_probe_read_user((u8 *)exec + end, total, (void *)start)) {
		string->state = WIRE_STRING_FAULTED;
	} else {
		string->length = total;
		end += total;
	}
	end = stacks__append(ctx, &exec->header, end);
	exec->header.size = end;
	event__send(account, RING_PROCESS, WIRE_EXEC, exec->header.pid, exec, end);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int UNPREEMPTED_PROG(process__exit, struct task_struct *task)
{
	struct wire_account *account;
	struct wire_exit *exit;

	if (use_cast)
		task = CAST(struct task_struct, task);
	/* The last thread ends the process. Two threads that end at once may both
	 * find themselves the last; user space knows the process and drops one. */
	if (task->signal->live.counter > 0)
		return 0;
	exit = process__begin(WIRE_EXIT, &account);
	if (!exit)
		return 0;
	header__fill(&exit->header, (u64)task, bpf_ktime_get_boot_ns());
	exit->header.kind = WIRE_EXIT;
	exit->header.size = sizeof(*exit);
	/* As wait_task_zombie() in kernel/exit.c has it. */
	exit->exit_code = task->signal->flags & SIGNAL_GROUP_EXIT ? task->signal->group_exit_code :
								    task->group_leader->exit_code;
	exit->reserved = 0;
	event__send(account, RING_PROCESS, WIRE_EXIT, exit->header.pid, exit, sizeof(*exit));
	return 0;
}

/* One argument of a failed exec: returns the bytes it took with its terminator, 0
 * behind the last one, or a negative errno. A global function, looked at once for all of them. */
__noinline int exec__argument(u64 end, u64 argv, u32 index, u32 compat)
{
	u8 *record = scratch__get();
	u64 argument = 0;
	long error;

	if (!record)
		return -14;
	if (compat)
		error = bpf_probe_read_user(&argument, 4, (void *)(argv + 4ull * index));
	else
		error = bpf_probe_read_user(&argument, 8, (void *)(argv + 8ull * index));
	if (error)
		return -14; /* EFAULT */
	if (!argument)
		return 0;
	/* In one register from here: before 6.4 the verifier knows nothing of another copy. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX - WIRE_PATH_MAX)
		return -14;
	error = bpf_probe_read_user_str(record + end, WIRE_PATH_MAX, (void *)argument);
	if (error)
		return error;
	/* Before 6.15 an empty string has length 0, without its terminator. */
	record[end] = 0;
	return 1;
}

/* Arguments that are read of a failed exec: there is no new stack yet where the
 * kernel has put them in a row, so each is a read of its own. */
enum { FAILED_ARGUMENTS = 128 };

/* An exec that did not happen. The memory of the caller is still there. */
static __always_inline int exec__send_failed(void *ctx, struct pt_regs *regs, long result)
{
	u64 task = task__current();
	bool compat = task__is_compat(task), at;
	struct wire_account *account = account__of(WIRE_EXEC);
	struct wire_string *string;
	struct wire_exec *exec;
	u64 arguments[6], end, first;
	s32 directory = AT_FDCWD;
	long length;
	u32 i;

	if (!account)
		return 0;
	exec = scratch__get();
	if (!exec) {
		account->unbuilt++;
		loss__count(bpf_get_current_pid_tgid() >> 32, WIRE_EXEC);
		return 0;
	}
	registers__arguments(regs, compat, arguments);
	header__fill(&exec->header, task, bpf_ktime_get_boot_ns());
	exec->header.kind = WIRE_EXEC;
	if (compat)
		exec->header.flags |= WIRE_COMPAT;
	exec->result = result;
	exec->exe_inode = 0;
	exec->exe_device = 0;
	exec->argument_count = 0;
	exec->arguments_size = 0;
	exec->call = registers__number(regs);
	exec->reserved = 0;
	exec->flags = 0;
	exec->environment_size = 0;
	__builtin_memset(&exec->context, 0, sizeof(exec->context));
	__builtin_memset(&exec->executable, 0, sizeof(exec->executable));

	/* execveat(directory, path, argv, envp, flags), execve(path, argv, envp) */
	at = exec->call == execveat_number[compat];
	if (at) {
		directory = arguments[0];
		arguments[0] = arguments[1];
		arguments[1] = arguments[2];
		exec->flags = arguments[4];
	}
	first = end = sizeof(*exec);
	string = &exec->strings[WIRE_EXEC_FILENAME];
	end = string__read(string, (u8 *)exec, end, (void *)arguments[0], STRING_OF_USER);
	string__clear(&exec->strings[WIRE_EXEC_BASE]);
	if (string->state != WIRE_STRING_FAULTED && ((u8 *)exec)[first] != '/')
		end = object__path(&exec->strings[WIRE_EXEC_BASE],
				   object__of_directory(task, directory), end);
	string__clear(&exec->strings[WIRE_EXEC_INTERPRETER]);
	string__clear(&exec->strings[WIRE_EXEC_EXE]);
	string__clear(&exec->strings[WIRE_EXEC_CWD]);

	string = &exec->strings[WIRE_EXEC_ARGUMENTS];
	string__clear(string);
	string->state = WIRE_STRING_CUT;
	first = end;
	for (i = 0; i < FAILED_ARGUMENTS; i++) {
		if (end > WIRE_RECORD_MAX - WIRE_PATH_MAX ||
		    end - first > WIRE_ARGUMENTS_INLINE - WIRE_PATH_MAX)
			break;
		length = exec__argument(end, arguments[1], i, compat);
		if (length <= 0) {
			string->state = length ? WIRE_STRING_FAULTED : WIRE_STRING_WHOLE;
			break;
		}
		if (length > WIRE_PATH_MAX)
			break;
		end += length;
		exec->argument_count++;
	}
	if (string->state == WIRE_STRING_FAULTED)
		end = first;
	string->length = end - first;
	exec->arguments_size = end - first;
	end = stacks__append(ctx, &exec->header, end);
	exec->header.size = end;
	if (end > WIRE_RECORD_MAX)
		return 0;
	event__send(account, RING_PROCESS, WIRE_EXEC, exec->header.pid, exec, end);
	return 0;
}

/* Tail of syscalls__exit, which has counted and filtered the event. */
SEC("tp_btf/sys_exit")
int BPF_PROG(exec__failed, struct pt_regs *regs, long result)
{
	bool compat, traced;
	u64 number;

	preemption__off();
	exec__send_failed(ctx, regs, result);
	compat = task__is_compat(task__current());
	number = registers__number(regs);
	traced = number < WIRE_SYSTEM_CALLS && calls[compat][number].traced;
	preemption__on();
	if (traced)
		bpf_tail_call(ctx, &call_tails, WIRE_TAIL_TRACED);
	return 0;
}
