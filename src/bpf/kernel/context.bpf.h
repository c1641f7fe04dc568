/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a process acts with and in: its rights, its groups, its namespaces. They change
 * seldom, so it is not in every header: forks and execs tell of it.
 */
#ifndef OUTRIDER_BPF_CONTEXT_H
#define OUTRIDER_BPF_CONTEXT_H

#include "bpf/kernel/task.bpf.h"

/* The number that a pid has in a namespace; 0: it is not in there. */
static __always_inline u32 pid__number_in(u64 pid, u32 level, u64 namespace)
{
	u64 entry = pid__entry(pid, level);

	if (OBJECT_READ(struct pid, pid, level) < level)
		return 0;
	if ((u64)OBJECT_READ(struct upid, entry, ns) != namespace)
		return 0;
	return OBJECT_READ(struct upid, entry, nr);
}

/* What is on the way to several fields is read once. */
#define CONTEXT_FIELDS(READ, context, task)                                                       \
	do {                                                                                      \
		struct signal_struct *signal = READ(task, signal);                                \
		struct pid *group = READ(signal, pids[PIDTYPE_PGID_INDEX]);                       \
		struct pid *session = READ(signal, pids[PIDTYPE_SID_INDEX]);                      \
		struct pid *pid = READ(task, group_leader, thread_pid);                           \
		struct tty_struct *terminal = READ(signal, tty);                                  \
		struct nsproxy *spaces = READ(task, nsproxy);                                     \
		const struct cred *cred = READ(task, cred);                                       \
		u64 rights = (u64)cred;                                                           \
		u32 level = READ(pid, level);                                                     \
                                                                                                  \
		(context)->capabilities[WIRE_CAPABILITIES_EFFECTIVE] =                            \
			word__read(rights + bpf_core_field_offset(struct cred, cap_effective));   \
		(context)->capabilities[WIRE_CAPABILITIES_PERMITTED] =                            \
			word__read(rights + bpf_core_field_offset(struct cred, cap_permitted));   \
		(context)->capabilities[WIRE_CAPABILITIES_INHERITABLE] =                          \
			word__read(rights + bpf_core_field_offset(struct cred, cap_inheritable)); \
		(context)->namespaces[WIRE_NAMESPACE_USER] = READ(cred, user_ns, ns.inum);        \
		(context)->namespaces[WIRE_NAMESPACE_NET] = READ(spaces, net_ns, ns.inum);        \
		(context)->namespaces[WIRE_NAMESPACE_UTS] = READ(spaces, uts_ns, ns.inum);        \
		(context)->namespaces[WIRE_NAMESPACE_IPC] = READ(spaces, ipc_ns, ns.inum);        \
		(context)->namespaces[WIRE_NAMESPACE_CGROUP] = READ(spaces, cgroup_ns, ns.inum);  \
		(context)->effective_uid = READ(cred, euid.val);                                  \
		(context)->effective_gid = READ(cred, egid.val);                                  \
		(context)->terminal = 0;                                                          \
		if (terminal) /* as tty_devnum() has it */                                        \
			(context)->terminal =                                                     \
				READ(terminal, driver, major) << 20 |                             \
				(READ(terminal, driver, minor_start) + READ(terminal, index));    \
		(context)->group_id = READ(group, numbers[0].nr);                                 \
		(context)->vgroup_id = (context)->group_id;                                       \
		(context)->vsession_id = READ(session, numbers[0].nr);                            \
		(context)->namespaces[WIRE_NAMESPACE_PID] = READ(pid, numbers[0].ns, ns.inum);    \
		(context)->pid_namespace_start =                                                  \
			READ(pid, numbers[0].ns, child_reaper, start_boottime);                   \
		if (level) {                                                                      \
			u64 entry = pid__entry((u64)pid, level);                                  \
			u64 space = (u64)OBJECT_READ(struct upid, entry, ns);                     \
                                                                                                  \
			(context)->vgroup_id = pid__number_in((u64)group, level, space);          \
			(context)->vsession_id = pid__number_in((u64)session, level, space);      \
			(context)->namespaces[WIRE_NAMESPACE_PID] =                               \
				OBJECT_READ(struct pid_namespace, space, ns.inum);                \
			(context)->pid_namespace_start = OBJECT_READ(                             \
				struct pid_namespace, space, child_reaper, start_boottime);       \
		}                                                                                 \
	} while (0)

static __always_inline void context__fill(struct wire_context *context, u64 address)
{
	struct task_struct *task = (void *)address;

	if (use_cast) {
		task = CAST(struct task_struct, task);
		CONTEXT_FIELDS(LOAD, context, task);
	} else {
		CONTEXT_FIELDS(BPF_CORE_READ, context, task);
	}
}

#endif
