/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Calls about files that take longer than a bound: of these, and of these only, a record is sent.
 *
 * A pair of programs at entry and exit of all calls, attached only while somebody wants the kind.
 * When a thread's call began is kept in a hash by tid, whose entries stay while the thread lives: so
 * an ordinary call looks there twice and changes nothing of the hash.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/filter.bpf.h"
#include "bpf/kernel/object.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/slow_wire.h"

/* Memory-mapped: a bit per number, set if either word size has a row; the rows; and the least time
 * that anybody wants to know of, ns. */
wire_u64 slow_calls[WIRE_SYSTEM_CALLS / 64];
struct wire_slow_call slow_rows[WIRE_ABI_COUNT][WIRE_SYSTEM_CALLS];
wire_u64 slow_bound;

/* By tid: boot time, ns; 0: in no call that is timed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_SLOW_THREADS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, u64);
} slow_starts SEC(".maps");

/* include/uapi/linux/stat.h */
enum { SLOW_MODE_TYPE = 0170000, SLOW_MODE_REGULAR = 0100000, SLOW_MODE_DIRECTORY = 0040000 };

SEC("tp_btf/sys_enter")
int UNPREEMPTED_PROG(slow__entered, struct pt_regs *regs, long id)
{
	u64 identity = bpf_get_current_pid_tgid(), number = id, now, *start;
	struct wire_account *account;
	u32 tid = identity;
	bool compat;

	if (number >= WIRE_SYSTEM_CALLS || !(slow_calls[number / 64] & 1ull << number % 64))
		return 0;
	if (identity >> 32 == own_pid)
		return 0;
	compat = task__is_compat(task__current());
	barrier_var(number);
	if (number >= WIRE_SYSTEM_CALLS || !slow_rows[compat][number].timed)
		return 0;
	now = bpf_ktime_get_boot_ns();
	start = bpf_map_lookup_elem(&slow_starts, &tid);
	if (start) {
		*start = now;
		return 0;
	}
	if (!bpf_map_update_elem(&slow_starts, &tid, &now, BPF_ANY))
		return 0;
	/* Nobody will know how long it takes. */
	account = account__of(WIRE_FSSLOW);
	if (account) {
		account->seen++;
		account->unbuilt++;
		loss__count(identity >> 32, WIRE_FSSLOW);
	}
	return 0;
}

/* The path as given, and the directory that it starts from if it is relative. Returns the new
 * end. */
static __always_inline u64 slow__path(struct wire_slow_file *slow, u64 task, const u64 arguments[6],
				      const struct wire_slow_call *row, u64 end)
{
	struct wire_string *given = &slow->strings[WIRE_SLOW_PATH];
	u8 path = row->path, base = row->base;
	s32 directory = AT_FDCWD;
	u64 start = end;

	string__clear(given);
	string__clear(&slow->strings[WIRE_SLOW_BASE]);
	if (path > 2)
		return end;
	end = string__read(given, (u8 *)slow, end,
			   (void *)(path == 0 ? arguments[0] :
				    path == 1 ? arguments[1] :
						arguments[2]),
			   STRING_OF_USER);
	if (given->state == WIRE_STRING_FAULTED)
		return end;
	if (start > WIRE_RECORD_MAX - WIRE_PATH_MAX || ((u8 *)slow)[start] == '/')
		return end;
	if (base < 2)
		directory = (s32)(base == 0 ? arguments[0] : arguments[1]);
	return object__path(&slow->strings[WIRE_SLOW_BASE], object__of_directory(task, directory),
			    end);
}

/* Whether it is about a regular file or a directory, as far as its descriptor tells. */
static __always_inline bool slow__is_file(struct object object, u8 resolve)
{
	u64 inode;
	u32 device;
	u16 mode;

	if (!object.dentry)
		return resolve != WIRE_RESOLVE_FIRST;
	object__identity(object, &inode, &device, &mode);
	mode &= SLOW_MODE_TYPE;
	return mode == SLOW_MODE_REGULAR || mode == SLOW_MODE_DIRECTORY;
}

static __always_inline int slow__send(struct pt_regs *regs, struct wire_account *account,
				      const struct wire_slow_call *row, bool compat, u64 number,
				      long result, u64 latency, u64 now)
{
	u64 task = task__current(), arguments[6], end;
	struct wire_slow_file *slow;
	struct object object = {};

	registers__arguments(regs, compat, arguments);
	if (row->resolve == WIRE_RESOLVE_RESULT && result >= 0)
		object = object__of_descriptor(task, (s32)result);
	else if (row->resolve == WIRE_RESOLVE_FIRST)
		object = object__of_descriptor(task, (s32)arguments[0]);
	if (!filter__wants_kind(use_filter ? filter_word : 0, WIRE_FSSLOW) ||
	    !slow__is_file(object, row->resolve)) {
		account->filtered++;
		return 0;
	}
	slow = scratch__get();
	if (!slow) {
		account->unbuilt++;
		loss__count(bpf_get_current_pid_tgid() >> 32, WIRE_FSSLOW);
		return 0;
	}
	header__fill(&slow->header, task, now);
	slow->header.kind = WIRE_FSSLOW;
	if (compat)
		slow->header.flags |= WIRE_COMPAT;
	slow->result = result;
	slow->latency = latency;
	slow->inode = 0;
	slow->device = 0;
	slow->mode = 0;
	slow->call = number;
	slow->reserved = 0;
	end = slow__path(slow, task, arguments, row, sizeof(*slow));
	string__clear(&slow->strings[WIRE_SLOW_OBJECT]);
	if (object.dentry) {
		end = object__path(&slow->strings[WIRE_SLOW_OBJECT], object, end);
		object__identity(object, &slow->inode, &slow->device, &slow->mode);
		slow->header.flags |= WIRE_OBJECT_KNOWN;
	}
	/* The verifier of 6.1 and before forgets what a value on the stack was compared with. */
	barrier_var(end);
	if (end > WIRE_RECORD_MAX)
		return 0;
	slow->header.size = end;
	event__send(account, ring__shard(), WIRE_FSSLOW, slow->header.pid, slow, end);
	return 0;
}

SEC("tp_btf/sys_exit")
int UNPREEMPTED_PROG(slow__exited, struct pt_regs *regs, long result)
{
	u64 number = registers__number(regs), now, latency, *start;
	u32 tid = bpf_get_current_pid_tgid();
	struct wire_account *account;
	bool compat;

	if (number >= WIRE_SYSTEM_CALLS || !(slow_calls[number / 64] & 1ull << number % 64))
		return 0;
	start = bpf_map_lookup_elem(&slow_starts, &tid);
	if (!start || !*start)
		return 0;
	now = bpf_ktime_get_boot_ns();
	latency = now - *start;
	*start = 0;
	account = account__of(WIRE_FSSLOW);
	if (!account)
		return 0;
	account->seen++;
	if (latency < slow_bound) {
		account->filtered++;
		return 0;
	}
	compat = task__is_compat(task__current());
	barrier_var(number);
	if (number >= WIRE_SYSTEM_CALLS)
		return 0;
	return slow__send(regs, account, &slow_rows[compat][number], compat, number, result,
			  latency, now);
}

SEC("tp_btf/sched_process_exit")
int UNPREEMPTED_PROG(slow__ended, struct task_struct *task)
{
	u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&slow_starts, &tid);
	return 0;
}
