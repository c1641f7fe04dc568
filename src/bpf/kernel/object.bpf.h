/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a descriptor of the current process, or from its working directory, to
 * the kernel's object, its identity and its path.
 */
#ifndef OUTRIDER_BPF_OBJECT_H
#define OUTRIDER_BPF_OBJECT_H

#include "bpf/kernel/path.bpf.h"
#include "bpf/kernel/string.bpf.h"
#include "bpf/kernel/task.bpf.h"

/* include/uapi/linux/fcntl.h */
#define AT_FDCWD (-100)

struct object {
	u64 dentry; /* 0: there is none */
	u64 mount;
};

static __always_inline struct object object__of_file(u64 address)
{
	struct file *file = (void *)address;

	if (use_cast) {
		file = CAST(struct file, file);
		return (struct object){ (u64)file->f_path.dentry, (u64)file->f_path.mnt };
	}
	return (struct object){ (u64)BPF_CORE_READ(file, f_path.dentry),
				(u64)BPF_CORE_READ(file, f_path.mnt) };
}

static __always_inline struct object object__of_cwd(u64 task)
{
	return (struct object){ (u64)TASK_READ(task, fs, pwd.dentry),
				(u64)TASK_READ(task, fs, pwd.mnt) };
}

/* 0 if there is none. */
static __always_inline u64 file__of_descriptor(u64 task, s32 descriptor)
{
	u32 limit = TASK_READ(task, files, fdt, max_fds);
	u64 table = (u64)TASK_READ(task, files, fdt, fd);

	if (descriptor < 0 || (u32)descriptor >= limit)
		return 0;
	return word__read(table + 8ull * (u32)descriptor);
}

static __always_inline struct object object__of_descriptor(u64 task, s32 descriptor)
{
	u64 file = file__of_descriptor(task, descriptor);

	if (!file)
		return (struct object){};
	return object__of_file(file);
}

/* Device, inode and mode. */
static __always_inline void object__identity(struct object object, u64 *inode_number, u32 *device,
					     u16 *mode)
{
	struct dentry *dentry = (void *)object.dentry;

	if (use_cast) {
		struct inode *inode;

		dentry = CAST(struct dentry, dentry);
		inode = dentry->d_inode;
		*inode_number = inode->i_ino;
		*device = inode->i_sb->s_dev;
		*mode = inode->i_mode;
	} else {
		struct inode *inode = BPF_CORE_READ(dentry, d_inode);

		*inode_number = BPF_CORE_READ(inode, i_ino);
		*device = BPF_CORE_READ(inode, i_sb, s_dev);
		*mode = BPF_CORE_READ(inode, i_mode);
	}
}

/* Walks the object's path into the record at `end`; returns the new end. */
static __always_inline u64 object__path(struct wire_string *string, struct object object, u64 end)
{
	struct walk_value *value = walk__get();

	string->length = 0;
	string->flags = 0;
	string->state = WIRE_STRING_FAULTED;
	if (!value || !object.dentry || !object.mount)
		return string__end(string, end);
	value->walk.start_dentry = object.dentry;
	value->walk.start_mount = object.mount;
	path__describe(string, path__walk(end));
	return string__end(string, end);
}

/* What a relative path given with this directory descriptor starts from. */
static __always_inline struct object object__of_directory(u64 task, s32 descriptor)
{
	return descriptor == AT_FDCWD ? object__of_cwd(task) :
					object__of_descriptor(task, descriptor);
}

#endif
