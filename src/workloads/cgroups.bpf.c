/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cgroups as they are made: their ids and paths, so that one that lives 20 ms has
 * a name as well.
 */
#include "bpf/kernel/emit.bpf.h"
#include "bpf/kernel/string.bpf.h"

SEC("tp_btf/cgroup_mkdir")
int UNPREEMPTED_PROG(cgroups__made, struct cgroup *cgroup, const char *path)
{
	struct wire_account *account = account__of(WIRE_CGROUP);
	struct wire_cgroup *made;
	u64 end;

	if (use_cast)
		cgroup = CAST(struct cgroup, cgroup);
	if (!account || cgroup->root->hierarchy_id != 0)
		return 0;
	account->seen++;
	made = scratch__get();
	if (!made) {
		account->unbuilt++;
		return 0;
	}
	made->kind = WIRE_CGROUP;
	made->flags = 0;
	made->time = bpf_ktime_get_boot_ns();
	made->id = cgroup->kn->id;
	made->reserved = 0;
	end = string__read(&made->path, (u8 *)made, sizeof(*made), path, STRING_OF_KERNEL);
	made->size = end;
	if (end > WIRE_RECORD_MAX)
		return 0;
	event__send(account, RING_PROCESS, WIRE_CGROUP, bpf_get_current_pid_tgid() >> 32, made,
		    end);
	return 0;
}
