/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading tasks: who does what is reported.
 *
 * Each field is listed once and read in one of two ways: by plain loads, where
 * the verifier knows the type of the pointer, or by probe reads.
 */
#ifndef OUTRIDER_BPF_TASK_H
#define OUTRIDER_BPF_TASK_H

#include "bpf/kernel/program.bpf.h"

#define CHAIN_2(p, a) (p)->a
#define CHAIN_3(p, a, b) (p)->a->b
#define CHAIN_4(p, a, b, c) (p)->a->b->c
#define CHAIN_5(p, a, b, c, d) (p)->a->b->c->d
#define CHAIN_6(p, a, b, c, d, e) (p)->a->b->c->d->e
#define CHAIN_PICK(_1, _2, _3, _4, _5, _6, name, ...) name
/* LOAD(p, a, b) is p->a->b; BPF_CORE_READ(p, a, b) is the same by probe reads. */
#define LOAD(...) CHAIN_PICK(__VA_ARGS__, CHAIN_6, CHAIN_5, CHAIN_4, CHAIN_3, CHAIN_2)(__VA_ARGS__)

/* Where a pid keeps its number in the namespace that is `level` deep. numbers[] has one
 * entry per level: its length is not in the type. */
static __always_inline u64 pid__entry(u64 pid, u32 level)
{
	return pid + bpf_core_field_offset(struct pid, numbers) +
	       level * (u64)bpf_core_type_size(struct upid);
}

/* Number of a pid in the innermost of its namespaces, which is `level` deep. */
static __always_inline u32 pid__innermost(struct pid *pid, u32 level)
{
	u32 number = 0;
	u64 address = pid__entry((u64)pid, level) + bpf_core_field_offset(struct upid, nr);

	bpf_probe_read_kernel(&number, sizeof(number), (void *)address);
	return number;
}

/* What is on the way to several fields is read once. */
#define TASK_FIELDS(READ, header, task)                                                            \
	do {                                                                                       \
		struct task_struct *leader = READ(task, group_leader);                             \
		struct task_struct *parent = READ(task, real_parent);                              \
		const struct cred *cred = READ(task, cred);                                        \
		struct fs_struct *fs = READ(task, fs);                                             \
		struct inode *cwd = READ(fs, pwd.dentry, d_inode);                                 \
		struct pid *pid = READ(leader, thread_pid);                                        \
		u32 level = READ(pid, level);                                                      \
                                                                                                   \
		(header)->start_time = READ(leader, start_boottime);                               \
		(header)->exec_id = READ(task, self_exec_id);                                      \
		(header)->pid = READ(task, tgid);                                                  \
		(header)->tid = READ(task, pid);                                                   \
		(header)->ppid = READ(parent, tgid);                                               \
		(header)->parent_start_time = READ(parent, group_leader, start_boottime);          \
		(header)->uid = READ(cred, uid.val);                                               \
		(header)->gid = READ(cred, gid.val);                                               \
		if (bpf_core_field_exists(((struct task_struct *)0)->loginuid))                    \
			(header)->login_uid = READ(task, loginuid.val);                            \
		else                                                                               \
			(header)->login_uid = 0xffffffff;                                          \
		(header)->cwd_inode = READ(cwd, i_ino);                                            \
		(header)->cwd_device = READ(cwd, i_sb, s_dev);                                     \
		(header)->root_inode = READ(fs, root.dentry, d_inode, i_ino);                      \
		(header)->mount_namespace = READ(task, nsproxy, mnt_ns, ns.inum);                  \
		(header)->session_id = READ(task, signal, pids[PIDTYPE_SID_INDEX], numbers[0].nr); \
		(header)->vpid = level ? pid__innermost(pid, level) : (header)->pid;               \
		(header)->flags = READ(task, flags) & PF_KTHREAD ? WIRE_KERNEL_THREAD : 0;         \
	} while (0)

/* The current task as a number, since helpers are dear: asked for once and handed
 * on. What reads it casts it. */
static __always_inline u64 task__current(void)
{
	return bpf_get_current_task();
}

/* A field of the structure at an address. */
#define OBJECT_READ(type, address, ...)                      \
	(use_cast ? LOAD(CAST(type, address), __VA_ARGS__) : \
		    BPF_CORE_READ((type *)(address), __VA_ARGS__))
#define TASK_READ(task, ...) OBJECT_READ(struct task_struct, task, __VA_ARGS__)

/* The name of the thread, as two words, padded with zeros. */
static __always_inline void task__comm(u64 task, u64 comm[2])
{
	u64 address = task + bpf_core_field_offset(struct task_struct, comm);

	comm[0] = comm[1] = 0;
	if (use_cast) {
		comm[0] = word__read(address);
		comm[1] = word__read(address + 8);
	} else {
		/* Before 5.17 the kernel leaves the end of a longer name behind it. */
		bpf_probe_read_kernel_str(comm, 16, (void *)address);
	}
}

/* Under which name a thread is filtered and shown: the kernel's own threads that
 * submit for a process (iou-sqp-123) go by the name of their process. */
static __always_inline void task__shown_comm(u64 task, u64 comm[2])
{
	if (TASK_READ(task, flags) & (PF_IO_WORKER | PF_USER_WORKER))
		task = (u64)TASK_READ(task, group_leader);
	task__comm(task, comm);
}

#define SUBSYSTEM(name) bpf_core_enum_value(enum cgroup_subsys_id, name##_cgrp_id)

/* The cgroup of the workload that a task belongs to; see wire_cgroup_id. */
static __always_inline u64 task__cgroup_id(u64 task)
{
	struct cgroup_subsys_state *state;
	struct cgroup *cgroup;
	u64 sets, subsystem;

	if (workload_controller != WIRE_CONTROLLER_NONE) {
		subsystem = workload_controller == WIRE_CONTROLLER_PIDS    ? SUBSYSTEM(pids) :
			    workload_controller == WIRE_CONTROLLER_CPU     ? SUBSYSTEM(cpu) :
			    workload_controller == WIRE_CONTROLLER_DEVICES ? SUBSYSTEM(devices) :
									     SUBSYSTEM(memory);
		sets = (u64)TASK_READ(task, cgroups);
		state = (void *)word__read(sets + bpf_core_field_offset(struct css_set, subsys) +
					   8 * subsystem);
		if (use_cast) {
			cgroup = CAST(struct cgroup_subsys_state, state)->cgroup;
			if (cgroup->level)
				return cgroup->kn->id | 1ull << WIRE_CGROUP_V1_BIT;
		} else {
			cgroup = BPF_CORE_READ(state, cgroup);
			if (BPF_CORE_READ(cgroup, level))
				return BPF_CORE_READ(cgroup, kn, id) | 1ull << WIRE_CGROUP_V1_BIT;
		}
	}
	return TASK_READ(task, cgroups, dfl_cgrp, kn, id);
}

/* `time` is of CLOCK_BOOTTIME; asking for it is dear, too. */
static __always_inline void header__fill(struct wire_header *header, u64 address, u64 time)
{
	struct task_struct *task = (void *)address;

	if (use_cast) {
		task = CAST(struct task_struct, task);
		TASK_FIELDS(LOAD, header, task);
	} else {
		/* Before 6.2 the verifier does not follow arrays of pointers. */
		TASK_FIELDS(BPF_CORE_READ, header, task);
	}
	header->cgroup_id = task__cgroup_id(address);
	header->time = time;
	task__comm(address, (u64 *)header->comm);
}

#endif
