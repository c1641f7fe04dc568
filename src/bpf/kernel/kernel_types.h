/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types, as far as we read them.
 *
 * Only the fields that some program uses: every access is relocated by name
 * against the running kernel's BTF (preserve_access_index), so order, offsets
 * and missing neighbours do not matter, and a build needs no BTF of the machine
 * that builds. A field that not every supported kernel has (5.10 to the newest)
 * says so beside it and is tested with bpf_core_field_exists() before use.
 */
#ifndef OUTRIDER_BPF_KERNEL_TYPES_H
#define OUTRIDER_BPF_KERNEL_TYPES_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <stdbool.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct qstr {
	u32 len;
	const unsigned char *name;
};

typedef struct {
	u32 val;
} kuid_t;

typedef struct {
	u32 val;
} kgid_t;

/* Also for its first word: see word__read(). */
struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
};

struct super_block {
	u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
};

struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_flags;
	u32 i_rdev;
	void *i_private;
	unsigned long i_ino;
	struct super_block *i_sb;
	struct timespec64 i_mtime; /* to 6.6 */
	struct timespec64 i_ctime; /* to 6.5 */
};

struct inode___underscored {
	struct timespec64 __i_mtime; /* 6.7 to 6.10 */
	struct timespec64 __i_ctime; /* 6.6 to 6.10 */
};

/* From 6.11 on. */
struct inode___split {
	s64 i_mtime_sec;
	s64 i_ctime_sec;
	u32 i_mtime_nsec;
	u32 i_ctime_nsec; /* from 6.13 on with I_CTIME_QUERIED */
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

typedef struct {
	u32 sequence;
} seqcount_t;

typedef struct {
	seqcount_t seqcount;
} seqcount_spinlock_t;

struct dentry {
	seqcount_spinlock_t d_seq;
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct in6_addr {
	u8 bytes[16]; /* by its address only: the kernel calls them otherwise */
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport; /* in the order of the network */
	u16 skc_num;
	u16 skc_family;
	u8 skc_state;
	struct in6_addr skc_v6_daddr; /* not without CONFIG_IPV6 */
	struct in6_addr skc_v6_rcv_saddr;
	struct {
		s64 counter;
	} skc_cookie;
};

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	struct pid *sk_peer_pid; /* of a unix socket: who made the other end */
};

struct socket {
	struct sock *sk;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct fs_struct {
	struct path root;
	struct path pwd;
};

typedef struct {
	s64 counter;
} atomic64_t;

/* Its own part of each CPU beside: `count` lags behind by at most 32 or so for each. */
struct percpu_counter {
	s64 count;
};

struct mm_struct {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct file *exe_file;
	unsigned long total_vm; /* pages */
	atomic64_t pgtables_bytes;
	struct percpu_counter rss_stat[4]; /* by enum mm_counter; from 6.2 on, pages */
};

/* Before 6.2. */
struct mm_rss_stat {
	atomic64_t count[4];
};

struct mm_struct___counted {
	struct mm_rss_stat rss_stat;
};

struct ns_common {
	unsigned int inum;
};

struct user_namespace {
	struct ns_common ns;
	int level; /* 0: the first one */
};

/* One word in all kernels, of two halves before 6.3. */
typedef struct {
	u64 val;
} kernel_cap_t;

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kernel_cap_t cap_inheritable;
	kernel_cap_t cap_permitted;
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

/* include/linux/xarray.h: a tree of 64 entries a node; see task__of_pid(). */
struct xarray {
	void *xa_head;
};

struct xa_node {
	u8 shift;
	void *slots[1];
};

struct idr {
	struct xarray idr_rt;
};

struct pid_namespace {
	struct ns_common ns;
	struct task_struct *child_reaper;
	struct idr idr; /* of struct pid, by number */
};

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct hlist_head tasks[1]; /* by enum pid_type */
	struct upid numbers[1];
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
	char name[64];
};

struct tty_file_private {
	struct tty_struct *tty;
	struct file *file;
};

struct signal_struct {
	atomic_t live;
	unsigned int flags;
	int group_exit_code;
	struct pid *pids[4]; /* by enum pid_type: PID, TGID, PGID, SID */
	struct tty_struct *tty;
	short oom_score_adj;
};

struct kernfs_node {
	u64 id;
};

struct cgroup_root {
	int hierarchy_id; /* 0: the unified hierarchy */
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
	int level; /* 0: the root of its hierarchy */
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

enum cgroup_subsys_id {
	pids_cgrp_id,
	cpu_cgrp_id,
	devices_cgrp_id,
	memory_cgrp_id,
};

struct css_set {
	struct cgroup *dfl_cgrp;
	struct cgroup_subsys_state *subsys[1]; /* by enum cgroup_subsys_id */
};

struct mnt_namespace {
	struct ns_common ns;
};

struct uts_namespace {
	struct ns_common ns;
};

struct ipc_namespace {
	struct ns_common ns;
};

struct net {
	struct ns_common ns;
};

struct cgroup_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct cgroup_namespace *cgroup_ns;
};

struct thread_info {
	unsigned long flags;
	u32 status; /* x86 only */
};

struct seccomp {
	int mode;
};

typedef struct {
	unsigned long sig[1];
} sigset_t;

struct sigpending {
	sigset_t signal;
};

struct sigaction {
	unsigned long sa_flags;
};

struct k_sigaction {
	struct sigaction sa;
};

struct sighand_struct {
	struct k_sigaction action[64]; /* of signal 1 and so on */
};

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;      /* from 5.14 on */
	unsigned in_iowait : 1;    /* waits for a disk or the like */
	unsigned int ptrace;       /* 0: nobody traces it */
	struct seccomp seccomp;    /* CONFIG_SECCOMP */
	struct sigpending pending; /* of the thread alone */
	struct sighand_struct *sighand;
	struct hlist_node pid_links[1]; /* by enum pid_type */
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	u64 self_exec_id;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid; /* CONFIG_AUDIT */
	struct css_set *cgroups;
};

struct task_struct___signed {
	long state; /* before 5.14 */
};

struct linux_binprm {
	int argc;
	const char *filename;
	const char *interp;
	const char *fdpath;
};

struct filename {
	const char *name;
};

/* io_uring, from 6.0 on: include/linux/io_uring_types.h, io_uring/openclose.c and
 * io_uring/fs.c. */
struct io_cmd_data {
	struct file *file;
};

struct io_cqe {
	u64 user_data;
	s32 res;
	int fd; /* of the request; then in its place the completion's flags */
};

struct io_ring_ctx;

struct io_kiocb {
	struct io_cmd_data cmd; /* in place of it the structure of the opcode */
	u8 opcode;
	u32 flags; /* 64 bits from 6.8 on; those that we read are in the lower half */
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	void *async_data;
};

struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

struct io_open {
	int dfd;
	u32 file_slot; /* 0: the result is a descriptor */
	struct filename *filename;
	struct open_how how;
};

struct io_rename {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

struct io_unlink {
	int dfd;
	int flags;
	struct filename *filename;
};

struct io_mkdir {
	int dfd;
	u16 mode;
	struct filename *filename;
};

struct io_link {
	int old_dfd;
	int new_dfd;
	struct filename *oldpath;
	struct filename *newpath;
	int flags;
};

/* io_uring/net.c and net.h */
struct io_accept {
	void *addr;
	int *addr_len;
	int flags;
	u32 file_slot;
};

struct io_connect {
	void *addr;
	int addr_len;
};

struct io_socket {
	int domain;
	int type;
	int protocol;
	u32 file_slot;
};

/* From 6.11 on, as the next. */
struct io_bind {
	int addr_len;
};

struct io_listen {
	int backlog;
};

/* By its address only: the kernel calls it otherwise. */
struct socket_address {
	u16 family;
};

struct io_async_msghdr {
	struct socket_address addr;
};

/* From 7.0 on. */
struct delayed_filename {
	struct filename *__incomplete_filename;
};

struct io_open___delayed {
	struct delayed_filename filename;
};

struct io_rename___delayed {
	struct delayed_filename oldpath;
	struct delayed_filename newpath;
};

struct io_unlink___delayed {
	struct delayed_filename filename;
};

struct io_mkdir___delayed {
	struct delayed_filename filename;
};

struct io_link___delayed {
	struct delayed_filename oldpath;
	struct delayed_filename newpath;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx;
	unsigned long bp;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
};
#endif

#pragma clang attribute pop

/* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000 /* from 6.4 on */

/* include/linux/sched/signal.h */
#define SIGNAL_GROUP_EXIT 0x00000004

/* include/linux/pid_types.h */
enum { PIDTYPE_PGID_INDEX = 2, PIDTYPE_SID_INDEX = 3 };

/* include/linux/fs.h, include/uapi/linux/magic.h */
#define SB_RDONLY 1
#define S_IMMUTABLE (1 << 3)
#define I_CTIME_QUERIED (1u << 31)
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

#endif
