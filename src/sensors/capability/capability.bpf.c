/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checks of capabilities: each time the kernel asks whether credentials may do something, as
 * cap_capable() of security/commoncap.c answers. The kernel also asks where a "no" does not make
 * the call fail (whether it may use reserved space, say).
 *
 * A tracepoint from 6.14 on, the end of the function before that.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "sensors/capability/capability_wire.h"

static __always_inline int capability__send(u64 credentials, u64 space, u32 capability, int result)
{
	struct wire_account *account;
	u64 task = task__current();
	struct wire_capability_check record;

	if (task__is_own(task))
		return 0;
	account = anywhere__begin(WIRE_CAPABILITY);
	if (!account)
		return 0;
	anywhere__header(&record.header, WIRE_CAPABILITY, sizeof(record), task);
	record.capability = capability;
	record.result = result;
	record.namespace_level = OBJECT_READ(struct user_namespace, space, level);
	record.namespace_inode = OBJECT_READ(struct user_namespace, space, ns.inum);
	record.effective =
		word__read(credentials + bpf_core_field_offset(struct cred, cap_effective));
	anywhere__send(account, &record, sizeof(record));
	return 0;
}

/* `space` is the namespace that the right is asked for, `granting` the one that gave it. */
SEC("tp_btf/cap_capable")
int BPF_PROG(capable__traced, u64 credentials, u64 space, u64 granting, int capability, int result)
{
	return capability__send(credentials, space, capability, result);
}

SEC("fexit/cap_capable")
int BPF_PROG(capable__exit, u64 credentials, u64 space, int capability, u32 options, int result)
{
	return capability__send(credentials, space, capability, result);
}
