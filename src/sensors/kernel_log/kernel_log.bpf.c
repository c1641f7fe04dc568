/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel logs, as printk:console has it: from 5.19 on each line as it is logged; before
 * that as it goes to the consoles, with the time in front of it and without what their level
 * leaves out.
 *
 * It may be called from anywhere, interrupts that cannot be masked too.
 */
#include "bpf/kernel/anywhere.bpf.h"
#include "sensors/kernel_log/kernel_log_wire.h"

static __always_inline void kernel_log__send(struct wire_account *account, const char *text,
					     u64 length)
{
	struct wire_string *string;
	struct wire_kernel_log *record = slot__take();
	u64 size;

	if (!record) {
		__sync_fetch_and_add(&account->unbuilt, 1);
		return;
	}
	string = &record->strings[0];
	string->flags = 0;
	string->state = length > WIRE_KERNEL_LOG_MAX ? WIRE_STRING_CUT : WIRE_STRING_WHOLE;
	/* The verifier wants the comparison on the very number that is then used. */
	barrier_var(length);
	if (length > WIRE_KERNEL_LOG_MAX)
		length = WIRE_KERNEL_LOG_MAX;
	if (bpf_probe_read_kernel(record + 1, length, text)) {
		string->state = WIRE_STRING_FAULTED;
		length = 0;
	}
	string->length = length;
	size = sizeof(*record) + length;
	anywhere__header(&record->header, WIRE_KERNEL_LOG, size, task__current());
	record->cpu = bpf_get_smp_processor_id();
	anywhere__send(account, record, size);
	slot__give_back();
}

/* Also while we run ourselves: it is the kernel that speaks. */
SEC("tp_btf/console")
int UNPREEMPTED_PROG(kernel_log__line, const char *text, u64 length)
{
	struct wire_account *account = anywhere__begin(WIRE_KERNEL_LOG);

	if (account)
		kernel_log__send(account, text, length);
	return 0;
}
