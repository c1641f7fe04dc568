/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The memory that a process has.
 */
#ifndef OUTRIDER_BPF_MEMORY_H
#define OUTRIDER_BPF_MEMORY_H

#include "bpf/kernel/task.bpf.h"

/* include/linux/mm_types_task.h: enum mm_counter */
enum {
	PAGES_OF_FILES = 0,
	PAGES_ANONYMOUS = 1,
	PAGES_SWAPPED = 2,
	PAGES_SHARED = 3,
	PAGES_KINDS = 4
};

/* Where the kernel counts a process's pages, of which there are two ways; and how far one counter is
 * from the next. 0 if there is a third way by now. */
static __always_inline u64 memory__counters(u64 memory, u64 *size)
{
	if (bpf_core_type_exists(struct mm_rss_stat)) {
		*size = sizeof(u64);
		return memory + bpf_core_field_offset(struct mm_struct___counted, rss_stat) +
		       bpf_core_field_offset(struct mm_rss_stat, count);
	}
	*size = bpf_core_type_size(struct percpu_counter);
	if (!bpf_core_field_exists(((struct mm_struct *)0)->rss_stat) ||
	    bpf_core_field_size(((struct mm_struct *)0)->rss_stat) != PAGES_KINDS * *size)
		return 0;
	return memory + bpf_core_field_offset(struct mm_struct, rss_stat) +
	       bpf_core_field_offset(struct percpu_counter, count);
}

#endif
