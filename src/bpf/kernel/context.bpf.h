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

/* As tty_devnum() in the kernel has it. */
static __always_inline u32 terminal__device(u64 terminal)
{
	u64 driver;

	if (!terminal)
		return 0;
	driver = (u64)OBJECT_READ(struct tty_struct, terminal, driver);
	return OBJECT_READ(struct tty_driver, driver, major) << 20 |
	       (OBJECT_READ(struct tty_driver, driver, minor_start) +
		OBJECT_READ(struct tty_struct, terminal, index));
}

static __always_inline void context__fill(struct wire_context *context, u64 task)
{
	u64 signal = (u64)TASK_READ(task, signal), cred = (u64)TASK_READ(task, cred);
	u64 spaces = (u64)TASK_READ(task, nsproxy);
	u64 pid = (u64)TASK_READ(task, group_leader, thread_pid);
	u64 group = (u64)OBJECT_READ(struct signal_struct, signal, pids[PIDTYPE_PGID_INDEX]);
	u64 session = (u64)OBJECT_READ(struct signal_struct, signal, pids[PIDTYPE_SID_INDEX]);
	u32 level = OBJECT_READ(struct pid, pid, level);
	u64 space = (u64)OBJECT_READ(struct upid, pid__entry(pid, level), ns);

	context->capabilities[WIRE_CAPABILITIES_EFFECTIVE] =
		word__read(cred + bpf_core_field_offset(struct cred, cap_effective));
	context->capabilities[WIRE_CAPABILITIES_PERMITTED] =
		word__read(cred + bpf_core_field_offset(struct cred, cap_permitted));
	context->capabilities[WIRE_CAPABILITIES_INHERITABLE] =
		word__read(cred + bpf_core_field_offset(struct cred, cap_inheritable));
	context->namespaces[WIRE_NAMESPACE_PID] =
		OBJECT_READ(struct pid_namespace, space, ns.inum);
	context->namespaces[WIRE_NAMESPACE_USER] =
		OBJECT_READ(struct cred, cred, user_ns, ns.inum);
	context->namespaces[WIRE_NAMESPACE_NET] =
		OBJECT_READ(struct nsproxy, spaces, net_ns, ns.inum);
	context->namespaces[WIRE_NAMESPACE_UTS] =
		OBJECT_READ(struct nsproxy, spaces, uts_ns, ns.inum);
	context->namespaces[WIRE_NAMESPACE_IPC] =
		OBJECT_READ(struct nsproxy, spaces, ipc_ns, ns.inum);
	context->namespaces[WIRE_NAMESPACE_CGROUP] =
		OBJECT_READ(struct nsproxy, spaces, cgroup_ns, ns.inum);
	context->effective_uid = OBJECT_READ(struct cred, cred, euid.val);
	context->effective_gid = OBJECT_READ(struct cred, cred, egid.val);
	context->terminal =
		terminal__device((u64)OBJECT_READ(struct signal_struct, signal, tty));
	context->group_id = OBJECT_READ(struct pid, group, numbers[0].nr);
	context->vgroup_id = pid__number_in(group, level, space);
	context->vsession_id = pid__number_in(session, level, space);
}

#endif
