/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The parts of the kernel's structures that the probe reads. The loader moves every offset to where the running kernel
 * has the member, so these need neither the kernel's order nor its other members. A suffix after three underscores
 * names another kernel's shape of the same structure.
 */
#ifndef PROBE_KERNEL_H
#define PROBE_KERNEL_H

#include <linux/bpf.h>
#include <linux/types.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;
typedef _Bool bool;

#define false 0
#define true 1

#define NULL ((void *)0)
#define KERNEL_STRUCT __attribute__((preserve_access_index))
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))

#define TS_COMPAT 0x0002
#define THREAD_SIZE 16384

#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFIFO 0010000

#define FMODE_CREATED 0x100000

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10

#define AT_FDCWD (-100)
#define EINPROGRESS 115
#define OVERLAYFS_SUPER_MAGIC 0x794c7630

#define PIDTYPE_PGID 2
#define PIDTYPE_SID 3

#define RLIMIT_NOFILE 7

struct qstr {
	union {
		struct {
			u32 hash;
			u32 len;
		};
		u64 hash_len;
	};
	const unsigned char *name;
} KERNEL_STRUCT;

struct file_system_type {
	const char *name;
} KERNEL_STRUCT;

struct dentry;

struct hlist_node {
	struct hlist_node *next;
} KERNEL_STRUCT;

struct hlist_head {
	struct hlist_node *first;
} KERNEL_STRUCT;

struct super_block {
	struct dentry *s_root;
	unsigned long s_magic;
	u32 s_dev;
	unsigned long s_flags;
} KERNEL_STRUCT;

typedef struct {
	u32 val;
} kuid_t;

typedef struct {
	u32 val;
} kgid_t;

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
} KERNEL_STRUCT;

struct inode {
	u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	unsigned int i_flags;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	struct hlist_head i_dentry;
	s64 i_mtime_sec;
	s64 i_ctime_sec;
	u32 i_mtime_nsec;
	u32 i_ctime_nsec;
} KERNEL_STRUCT;

/* Before 6.11, and before 6.6. */
struct inode___v66 {
	struct timespec64 __i_mtime;
	struct timespec64 __i_ctime;
} KERNEL_STRUCT;

struct inode___v65 {
	struct timespec64 i_mtime;
	struct timespec64 i_ctime;
} KERNEL_STRUCT;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	union {
		struct hlist_node d_alias;
	} d_u;
} KERNEL_STRUCT;

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
} KERNEL_STRUCT;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} KERNEL_STRUCT;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} KERNEL_STRUCT;

struct ovl_entry;

struct ovl_inode {
	struct inode vfs_inode;
	struct dentry *__upperdentry;
} KERNEL_STRUCT;

struct file {
	u32 f_mode;
	void *private_data;
	struct inode *f_inode;
	unsigned int f_flags;
	struct path f_path;
} KERNEL_STRUCT;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} KERNEL_STRUCT;

struct files_struct {
	struct fdtable *fdt;
} KERNEL_STRUCT;

struct fs_struct {
	struct path root;
	struct path pwd;
} KERNEL_STRUCT;

struct kernel_cap {
	u64 val;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t euid;
	kgid_t egid;
	kuid_t fsuid;
	kgid_t fsgid;
	struct kernel_cap cap_inheritable;
	struct kernel_cap cap_permitted;
	struct kernel_cap cap_effective;
} KERNEL_STRUCT;

struct ns_common {
	unsigned int inum;
} KERNEL_STRUCT;

struct task_struct;

struct pid_namespace {
	struct task_struct *child_reaper;
	struct ns_common ns;
} KERNEL_STRUCT;

struct mnt_namespace {
	struct ns_common ns;
} KERNEL_STRUCT;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} KERNEL_STRUCT;

struct upid {
	int nr;
	struct pid_namespace *ns;
} KERNEL_STRUCT;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} KERNEL_STRUCT;

struct kernfs_node {
	struct kernfs_node *__parent;
	const char *name;
} KERNEL_STRUCT;

/* Before 6.15. */
struct kernfs_node___v614 {
	struct kernfs_node *parent;
} KERNEL_STRUCT;

struct cgroup {
	struct kernfs_node *kn;
} KERNEL_STRUCT;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} KERNEL_STRUCT;

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
} KERNEL_STRUCT;

enum cgroup_subsys_id {
	cpu_cgrp_id,
	memory_cgrp_id,
	devices_cgrp_id,
	pids_cgrp_id,
};

struct tty_driver {
	int major;
	int minor_start;
} KERNEL_STRUCT;

struct tty_struct {
	struct tty_driver *driver;
	int index;
} KERNEL_STRUCT;

typedef struct {
	int counter;
} atomic_t;

struct rlimit {
	unsigned long rlim_cur;
	unsigned long rlim_max;
};

struct signal_struct {
	atomic_t live;
	struct pid *pids[4];
	struct tty_struct *tty;
	struct rlimit rlim[16];
	unsigned int is_child_subreaper : 1;
	unsigned int has_child_subreaper : 1;
} KERNEL_STRUCT;

struct percpu_counter {
	s64 count;
} KERNEL_STRUCT;

struct mm_struct {
	unsigned long total_vm;
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct percpu_counter rss_stat[4];
	struct file *exe_file;
} KERNEL_STRUCT;

struct mm_rss_stat___v61 {
	struct {
		s64 counter;
	} count[4];
} KERNEL_STRUCT;

/* Before 6.2. */
struct mm_struct___v61 {
	struct mm_rss_stat___v61 rss_stat;
} KERNEL_STRUCT;

struct thread_info {
	unsigned long flags;
	u32 status;
} KERNEL_STRUCT;

struct list_head {
	struct list_head *next;
} KERNEL_STRUCT;

struct task_struct {
	struct thread_info thread_info;
	void *stack;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	s32 pid;
	s32 tgid;
	struct task_struct *real_parent;
	struct list_head children;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	unsigned long min_flt;
	unsigned long maj_flt;
	const struct cred *cred;
	char comm[COMM_LENGTH];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	struct css_set *cgroups;
} KERNEL_STRUCT;

struct linux_binprm {
	struct file *file;
	const char *filename;
} KERNEL_STRUCT;

struct pt_regs {
	unsigned long bp;
	unsigned long bx;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;
	unsigned long ip;
} KERNEL_STRUCT;

/* What the address of a task's registers is reckoned from where no helper gives it: the whole structure's size. */
#define PT_REGS_SIZE 168

struct in6_addr {
	u8 s6_addr[16];
};

struct sock_common {
	u32 skc_daddr;
	u32 skc_rcv_saddr;
	u16 skc_dport;
	u16 skc_num;
	u16 skc_family;
	volatile unsigned char skc_state;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} KERNEL_STRUCT;

struct sock {
	struct sock_common __sk_common;
	u16 sk_type;
	u16 sk_protocol;
	u32 sk_ack_backlog;
	u32 sk_max_ack_backlog;
} KERNEL_STRUCT;

struct socket {
	short type;
	struct sock *sk;
} KERNEL_STRUCT;

struct sockaddr_un {
	u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[1];
} KERNEL_STRUCT;

struct unix_sock {
	struct unix_address *addr;
	struct sock *peer;
} KERNEL_STRUCT;

struct filename {
	const char *name;
} KERNEL_STRUCT;

struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

struct io_open {
	int dfd;
	u32 file_slot;
	struct filename *filename;
	struct open_how how;
} KERNEL_STRUCT;

struct io_uring_task {
	struct task_struct *task;
} KERNEL_STRUCT;

struct io_cqe {
	u64 user_data;
	s32 res;
} KERNEL_STRUCT;

struct io_uring_cqe {
	u64 user_data;
	s32 res;
} KERNEL_STRUCT;

struct io_accept {
	int iou_flags;
} KERNEL_STRUCT;

struct io_ring_ctx;

struct io_kiocb {
	struct file *file;
	u8 opcode;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	struct io_uring_task *tctx;
} KERNEL_STRUCT;

/* Before 6.13. */
struct io_kiocb___v612 {
	struct task_struct *task;
} KERNEL_STRUCT;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} KERNEL_STRUCT;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} KERNEL_STRUCT;

#endif
