/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The summary of system calls: how often, with which errors, for how long. Added up here; no
 * record is sent.
 *
 * A pair of programs of its own, at entry and exit of all calls, since a time needs both. It is
 * attached only while somebody asks for a summary. What a thread is doing is kept in a hash by
 * tid, whose entries stay while the thread lives: so an ordinary call looks there twice and
 * changes nothing of the hash. That works on every kernel; storage by task needs 5.11.
 */
#include "bpf/kernel/program.bpf.h"
#include "bpf/kernel/task.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/summary_wire.h"

const volatile struct wire_call_summary call_summary = {};

/* By tid. With of_threads, who is in it is wanted, and user space puts the first there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_CALL_THREADS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct wire_call_thread);
} call_threads SEC(".maps");

/* What user space has found out of cgroups: 0 is unwanted. Who is not in it passes, and user
 * space sorts it out later. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WIRE_CALL_CGROUPS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, u32);
} call_cgroups SEC(".maps");

/* By sizes: user space sets that of the keys before loading. */
struct call_sums {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, WIRE_CALL_SUMS_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, sizeof(struct wire_call_key));
	__uint(value_size, sizeof(struct wire_call_sum));
};

/* The sums in use; see src/bpf/swapped_map.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
	__array(values, struct call_sums);
} call_sums_in_use SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct wire_call_account);
} call_accounts SEC(".maps");

/* include/linux/err.h: MAX_ERRNO. */
enum { ERRNO_MAX = 4095 };

static __always_inline struct wire_call_account *summary__account(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&call_accounts, &zero);
}

static __always_inline struct wire_call_thread *summary__make_thread(u32 tid)
{
	struct wire_call_thread nothing = {};

	bpf_map_update_elem(&call_threads, &tid, &nothing, BPF_NOEXIST);
	return bpf_map_lookup_elem(&call_threads, &tid);
}

static __always_inline bool summary__wants_cgroup(u64 cgroup)
{
	u32 *wanted;

	if (!call_summary.of_cgroups)
		return true;
	wanted = bpf_map_lookup_elem(&call_cgroups, &cgroup);
	return !wanted || *wanted;
}

static __always_inline u64 summary__cgroup(void)
{
	return call_summary.by_cgroup ? task__cgroup_id(task__current()) : 0;
}

/* Whether a thread that is not in call_threads may be wanted. */
static __always_inline bool summary__may_want_new(u32 pid)
{
	return !call_summary.of_threads && pid != own_pid;
}

/* `identity` is process and thread, as bpf_get_current_pid_tgid() has them. */
static __always_inline void summary__name(struct wire_call_key *key, u64 identity)
{
	u64 task;

	if (!call_summary.by_process && !call_summary.by_thread)
		return;
	task = task__current();
	key->pid = identity >> 32;
	if (call_summary.by_thread)
		key->tid = identity;
	else
		task = (u64)TASK_READ(task, group_leader);
	task__comm(task, key->comm);
}

static __always_inline void summary__add(const struct wire_call_thread *call, u64 identity,
					 u16 slot, s64 result, u64 time)
{
	struct wire_call_account *account = summary__account();
	struct wire_call_sum *sum, nothing = {};
	struct wire_call_key key = {
		.call = call->call,
		.slot = slot,
		.abi = call->abi,
		.cgroup = call->cgroup,
	};
	u32 zero = 0;
	void *sums;

	if (!account)
		return;
	account->seen++;
	if (result < 0 && result >= -ERRNO_MAX)
		key.error = call_summary.errors ? -result : 1;
	summary__name(&key, identity);
	sums = bpf_map_lookup_elem(&call_sums_in_use, &zero);
	if (!sums)
		return;
	sum = bpf_map_lookup_elem(sums, &key);
	if (!sum) {
		/* Another CPU may be doing the same: either way it is there now. */
		bpf_map_update_elem(sums, &key, &nothing, BPF_NOEXIST);
		sum = bpf_map_lookup_elem(sums, &key);
		if (!sum) {
			account->no_room++;
			return;
		}
	}
	sum->count++;
	sum->time += time;
	if (sum->longest < time)
		sum->longest = time;
}

static __always_inline void summary__begin(struct wire_call_thread *thread, u64 identity,
					   u64 number, u64 cgroup)
{
	thread->cgroup = cgroup;
	thread->pid = identity >> 32;
	thread->call = number < WIRE_NO_CALL ? number : WIRE_NO_CALL;
	thread->abi = task__is_compat(task__current()) ? WIRE_ABI_32 : WIRE_ABI_64;
}

SEC("tp_btf/sys_enter")
int UNPREEMPTED_PROG(summary__enter, struct pt_regs *regs, long number)
{
	u64 identity = bpf_get_current_pid_tgid(), cgroup;
	struct wire_call_thread *thread;
	u32 tid = identity;

	thread = bpf_map_lookup_elem(&call_threads, &tid);
	if (!thread && !summary__may_want_new(identity >> 32))
		return 0;
	if (thread && thread->start == WIRE_CALL_WAITS && number != call_summary.exec_number)
		return 0;
	cgroup = summary__cgroup();
	if (!summary__wants_cgroup(cgroup)) {
		if (thread)
			thread->start = WIRE_CALL_NONE;
		return 0;
	}
	if (!thread)
		thread = summary__make_thread(tid);
	if (!thread) /* its exit is counted, without a time */
		return 0;
	summary__begin(thread, identity, number, cgroup);
	thread->start = bpf_ktime_get_ns();
	return 0;
}

/* A call that nobody saw begin: it was under way when we came, or seccomp refused it, or there is
 * no room for its thread. */
static __always_inline void summary__exit_only(struct pt_regs *regs, u64 identity,
					       const struct wire_call_thread *thread, long result)
{
	struct wire_call_thread call = {};
	u64 cgroup;

	if (!thread && !summary__may_want_new(identity >> 32))
		return;
	cgroup = summary__cgroup();
	if (!summary__wants_cgroup(cgroup))
		return;
	summary__begin(&call, identity, registers__number(regs), cgroup);
	summary__add(&call, identity, WIRE_CALL_UNTIMED, result, 0);
}

SEC("tp_btf/sys_exit")
int UNPREEMPTED_PROG(summary__exit, struct pt_regs *regs, long result)
{
	u64 identity = bpf_get_current_pid_tgid(), start = WIRE_CALL_NONE, time;
	struct wire_call_thread *thread;
	u32 tid = identity;

	thread = bpf_map_lookup_elem(&call_threads, &tid);
	if (thread)
		start = thread->start;
	if (start >= WIRE_CALL_BEGAN) {
		time = bpf_ktime_get_ns() - start;
		thread->start = WIRE_CALL_NONE;
		summary__add(thread, identity, call__slot(time), result, time);
	} else if (start == WIRE_CALL_NONE) {
		summary__exit_only(regs, identity, thread, result);
	} else if (start == WIRE_CALL_IGNORED) {
		thread->start = WIRE_CALL_NONE;
	}
	return 0;
}

/* A new thread, of the same process or another: what it returns from first is the call of the one
 * that made it. */
SEC("tp_btf/sched_process_fork")
int UNPREEMPTED_PROG(summary__fork, struct task_struct *parent, struct task_struct *child)
{
	struct wire_call_thread thread = { .start = WIRE_CALL_IGNORED };
	u64 identity = bpf_get_current_pid_tgid(), task = (u64)child;
	struct wire_call_account *account;
	u32 tid = identity;

	if (TASK_READ(task, flags) & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return 0;
	if (call_summary.of_threads) {
		if (!bpf_map_lookup_elem(&call_threads, &tid))
			return 0;
		if (!call_summary.follow && TASK_READ(task, tgid) != identity >> 32)
			return 0;
	} else if (!summary__may_want_new(TASK_READ(task, tgid)) ||
		   (call_summary.of_cgroups && !summary__wants_cgroup(task__cgroup_id(task)))) {
		return 0;
	}
	thread.pid = TASK_READ(task, tgid);
	tid = TASK_READ(task, pid);
	if (bpf_map_update_elem(&call_threads, &tid, &thread, BPF_ANY)) {
		account = summary__account();
		if (account && call_summary.of_threads)
			account->unfollowed++;
	}
	return 0;
}

/* Who is not the first thread of its process takes the first one's number in an exec. */
SEC("tp_btf/sched_process_exec")
int UNPREEMPTED_PROG(summary__exec, struct task_struct *task, int old_pid,
		     struct linux_binprm *binprm)
{
	u32 tid = bpf_get_current_pid_tgid(), old = old_pid;
	struct wire_call_thread *thread, moved;

	if (tid == old)
		return 0;
	thread = bpf_map_lookup_elem(&call_threads, &old);
	if (!thread)
		return 0;
	moved = *thread;
	bpf_map_delete_elem(&call_threads, &old);
	bpf_map_update_elem(&call_threads, &tid, &moved, BPF_ANY);
	return 0;
}

/* A call that its thread did not live to return from: exit_group, or what it was killed in. */
SEC("tp_btf/sched_process_exit")
int UNPREEMPTED_PROG(summary__ended, struct task_struct *task)
{
	u64 identity = bpf_get_current_pid_tgid();
	struct wire_call_thread *thread;
	u32 tid = identity;

	thread = bpf_map_lookup_elem(&call_threads, &tid);
	if (!thread)
		return 0;
	if (thread->start >= WIRE_CALL_BEGAN)
		summary__add(thread, identity, WIRE_CALL_ENDLESS, 0, 0);
	bpf_map_delete_elem(&call_threads, &tid);
	return 0;
}
