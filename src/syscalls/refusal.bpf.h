/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A call that a seccomp filter refused, by whichever hook it was found out. */
#ifndef OUTRIDER_SYSCALLS_REFUSAL_H
#define OUTRIDER_SYSCALLS_REFUSAL_H

#include "bpf/kernel/anywhere.bpf.h"
#include "syscalls/abi.bpf.h"
#include "syscalls/refusal_wire.h"

/* include/linux/err.h */
#define MAX_ERRNO 4095

/* Of the current task. */
static __always_inline void refusal__send(u64 task, u32 action, u32 call, u32 error)
{
	struct wire_account *account;
	struct wire_refusal record;

	if (task__is_own(task))
		return;
	account = anywhere__begin(WIRE_SECCOMP_REFUSAL);
	if (!account)
		return;
	anywhere__header(&record.header, WIRE_SECCOMP_REFUSAL, sizeof(record), task);
	if (task__is_compat(task))
		record.header.flags |= WIRE_COMPAT;
	record.call = call;
	record.error = error;
	record.action = action;
	record.reserved = 0;
	anywhere__send(account, &record, sizeof(record));
}

#endif
