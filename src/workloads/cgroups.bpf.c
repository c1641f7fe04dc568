/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cgroups as they are made and removed: their ids and paths, so that one that lives
 * 20 ms has a name as well.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/string.bpf.h"

static __always_inline int cgroup__changed(struct cgroup *cgroup, const char *path, u16 flags)
{
	struct wire_account *account = account__of(WIRE_CGROUP);
	struct wire_cgroup *change;
	u64 end, mark = 0;
	u32 pid;
	u32 hierarchy;

	if (use_cast)
		cgroup = CAST(struct cgroup, cgroup);
	hierarchy = cgroup->root->hierarchy_id;
	if (hierarchy && hierarchy == workload_hierarchy)
		mark = 1ull << WIRE_CGROUP_V1_BIT;
	if (!account || (hierarchy && !mark))
		return 0;
	account->seen++;
	change = scratch__get();
	if (!change) {
		account->unbuilt++;
		return 0;
	}
	pid = bpf_get_current_pid_tgid() >> 32;
	change->kind = WIRE_CGROUP;
	change->flags = flags;
	change->time = bpf_ktime_get_boot_ns();
	change->id = cgroup->kn->id | mark;
	change->pid = pid;
	end = string__read(&change->path, (u8 *)change, sizeof(*change), path, STRING_OF_KERNEL);
	change->size = end;
	if (end > WIRE_RECORD_MAX)
		return 0;
	event__send(account, RING_PROCESS, WIRE_CGROUP, pid, change, end);
	return 0;
}

SEC("tp_btf/cgroup_mkdir")
int UNPREEMPTED_PROG(cgroups__made, struct cgroup *cgroup, const char *path)
{
	return cgroup__changed(cgroup, path, 0);
}

SEC("tp_btf/cgroup_rmdir")
int UNPREEMPTED_PROG(cgroups__removed, struct cgroup *cgroup, const char *path)
{
	return cgroup__changed(cgroup, path, WIRE_CGROUP_REMOVED);
}
