/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's structures that programs read by plain loads; see CAST in program.bpf.h.
 */
#ifndef OUTRIDER_BPF_CAST_TYPES_H
#define OUTRIDER_BPF_CAST_TYPES_H

#include "events/wire.h"

/* What stands behind "___" tells apart several descriptions of one structure. */
/* clang-format off */
#define CAST_TYPES(each) \
  each(cgroup) \
  each(cgroup_subsys_state) \
  each(dentry) \
  each(file) \
  each(gendisk) \
  each(inode) \
  each(inode___split) \
  each(inode___underscored) \
  each(irqaction) \
  each(linux_binprm) \
  each(mm_struct) \
  each(mount) \
  each(pid) \
  each(pid_namespace) \
  each(request) \
  each(request_queue) \
  each(signal_struct___usage) \
  each(task_io_accounting) \
  each(task_struct) \
  each(task_struct___signed) \
  each(task_struct___usage) \
  each(timespec64) \
  each(upid) \
  each(user_namespace) \
  each(vfsmount)
/* clang-format on */

/* Their numbers in the running kernel; 0 for one that it does not have. */
struct cast_types {
#define CAST_TYPE_NUMBER(name) wire_u32 name;
	CAST_TYPES(CAST_TYPE_NUMBER)
#undef CAST_TYPE_NUMBER
};

#endif
