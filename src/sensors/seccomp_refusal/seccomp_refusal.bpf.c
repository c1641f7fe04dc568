/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What seccomp filters refuse, by what each kernel shows:
 *
 *   __seccomp_filter   its end, where functions can be hooked: it has set the errno that the caller
 *			gets. Elsewhere src/syscalls/refusal.bpf.c
 *   signal_generate    SIGSYS with the code of seccomp: a trap. From 5.16 on a kill, too, told by
 *			the flag that the kernel sets so that nobody can catch it
 *   audit_seccomp      its beginning, where functions can be hooked: what is only logged, and kills
 *			that are no signal: all before 5.16, and those of one thread among others
 */
#include "sensors/seccomp_refusal/seccomp_refusal.bpf.h"

/* What has been made of the filter's answer: kernel/seccomp.c. It has three arguments up to 6.14 or
 * so, then two. */
SEC("fexit/__seccomp_filter")
int BPF_PROG(refusal__filter, int number)
{
	u64 task = task__current(), result = 0;
	long returned;

	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_func_ret))
		bpf_get_func_ret(ctx, &result);
	else
		result = ctx[3];
	if ((int)result == 0)
		return 0;
	/* A trap or a kill puts the call's number there: it may be made again. */
	returned = registers__result(task__registers(task));
	if (returned < 0 && returned >= -MAX_ERRNO)
		refusal__send(task, WIRE_REFUSAL_ERRNO, number, -returned);
	return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(refusal__signal, int signal, struct kernel_siginfo___seccomp *info, u64 target)
{
	u32 action = WIRE_REFUSAL_TRAP;

	if (signal != SIGNAL_SYS || (u64)info <= SEND_SIG_LAST ||
	    BPF_CORE_READ(info, si_code) != SYS_SECCOMP)
		return 0;
	if (seccomp__kills_by_signal() && seccomp__cannot_be_caught(target))
		action = WIRE_REFUSAL_KILL_PROCESS;
	refusal__send(target, action, BPF_CORE_READ(info, _sifields._sigsys._syscall), 0);
	return 0;
}

SEC("fentry/audit_seccomp")
int BPF_PROG(refusal__audit, u64 number, long signal, u32 code)
{
	u64 task = task__current();
	u32 action;

	if (code == SECCOMP_RET_LOG)
		action = WIRE_REFUSAL_LOG;
	else if (code == SECCOMP_RET_KILL_THREAD)
		action = WIRE_REFUSAL_KILL_THREAD;
	else if (code == SECCOMP_RET_KILL_PROCESS)
		action = WIRE_REFUSAL_KILL_PROCESS;
	else
		return 0;
	/* Who is the last of its process is killed as the process is. */
	if (action != WIRE_REFUSAL_LOG && seccomp__kills_by_signal() &&
	    (action == WIRE_REFUSAL_KILL_PROCESS || TASK_READ(task, signal, live.counter) == 1))
		return 0;
	refusal__send(task, action, number, 0);
	return 0;
}
