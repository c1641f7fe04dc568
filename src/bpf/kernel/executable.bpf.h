/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known of the file that a process runs.
 */
#ifndef OUTRIDER_BPF_EXECUTABLE_H
#define OUTRIDER_BPF_EXECUTABLE_H

#include "bpf/kernel/object.bpf.h"

/* Nanoseconds since 1970. */
#define INODE_TIME(type, inode, field)                              \
	((s64)OBJECT_READ(type, inode, field.tv_sec) * 1000000000 + \
	 (s64)OBJECT_READ(type, inode, field.tv_nsec))
#define INODE_SPLIT_TIME(inode, field)                                        \
	(OBJECT_READ(struct inode___split, inode, field##_sec) * 1000000000 + \
	 (s64)(OBJECT_READ(struct inode___split, inode, field##_nsec) & ~I_CTIME_QUERIED))
#define INODE_HAS(type, field) bpf_core_field_exists(((type *)0)->field)

static __always_inline s64 inode__modify_time(u64 inode)
{
	if (INODE_HAS(struct inode___split, i_mtime_sec))
		return INODE_SPLIT_TIME(inode, i_mtime);
	if (INODE_HAS(struct inode___underscored, __i_mtime))
		return INODE_TIME(struct inode___underscored, inode, __i_mtime);
	return INODE_TIME(struct inode, inode, i_mtime);
}

static __always_inline s64 inode__change_time(u64 inode)
{
	if (INODE_HAS(struct inode___split, i_ctime_sec))
		return INODE_SPLIT_TIME(inode, i_ctime);
	if (INODE_HAS(struct inode___underscored, __i_ctime))
		return INODE_TIME(struct inode___underscored, inode, __i_ctime);
	return INODE_TIME(struct inode, inode, i_ctime);
}

/* Whether an inode of an overlay is in its upper layer. The pointer to the upper dentry
 * stands right behind the inode in struct ovl_inode, in all kernels from 4.13 on; that
 * type is in a module mostly, and to look for it libbpf would read the types of all. */
static __always_inline bool inode__is_upper(u64 inode)
{
	return word__read(inode + bpf_core_type_size(struct inode)) != 0;
}

#define EXECUTABLE_FIELDS(READ, executable, inode)                                           \
	do {                                                                                 \
		struct super_block *system = READ(inode, i_sb);                              \
                                                                                             \
		(executable)->uid = READ(inode, i_uid.val);                                  \
		(executable)->gid = READ(inode, i_gid.val);                                  \
		(executable)->flags = 0;                                                     \
		if (READ(inode, i_flags) & S_IMMUTABLE || READ(system, s_flags) & SB_RDONLY) \
			(executable)->flags |= WIRE_EXECUTABLE_UNCHANGEABLE;                 \
		if (READ(system, s_magic) == OVERLAYFS_SUPER_MAGIC)                          \
			(executable)->flags |= WIRE_EXECUTABLE_OVERLAY;                      \
	} while (0)

/* All but the mode. */
static __always_inline void executable__fill(struct wire_executable *executable, u64 dentry)
{
	u64 address = (u64)OBJECT_READ(struct dentry, dentry, d_inode);
	struct inode *inode = (void *)address;

	executable->change_time = inode__change_time(address);
	executable->modify_time = inode__modify_time(address);
	executable->reserved = 0;
	if (use_cast) {
		inode = CAST(struct inode, inode);
		EXECUTABLE_FIELDS(LOAD, executable, inode);
	} else {
		EXECUTABLE_FIELDS(BPF_CORE_READ, executable, inode);
	}
	if (executable->flags & WIRE_EXECUTABLE_OVERLAY && inode__is_upper(address))
		executable->flags |= WIRE_EXECUTABLE_UPPER;
}

#endif
