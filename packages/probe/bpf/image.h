/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What program a process runs. */
#ifndef PROBE_IMAGE_H
#define PROBE_IMAGE_H

#define S_IWUSR 00200
#define S_IWGRP 00020
#define S_IWOTH 00002
#define SB_RDONLY 1
#define S_IMMUTABLE 8
#define CAP_DAC_OVERRIDE 1

INLINE void image_times(struct frame_image *image, struct inode *inode)
{
	if (bpf_core_field_exists(inode->i_ctime_sec)) {
		image->ctime = READ(inode, i_ctime_sec) * 1000000000ULL + READ(inode, i_ctime_nsec);
		image->mtime = READ(inode, i_mtime_sec) * 1000000000ULL + READ(inode, i_mtime_nsec);
	} else if (bpf_core_field_exists(((struct inode___v66 *)inode)->__i_ctime)) {
		struct inode___v66 *old = (void *)inode;

		image->ctime = BPF_CORE_READ(old, __i_ctime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, __i_ctime.tv_nsec);
		image->mtime = BPF_CORE_READ(old, __i_mtime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, __i_mtime.tv_nsec);
	} else {
		struct inode___v65 *old = (void *)inode;

		image->ctime = BPF_CORE_READ(old, i_ctime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, i_ctime.tv_nsec);
		image->mtime = BPF_CORE_READ(old, i_mtime.tv_sec) * 1000000000ULL + BPF_CORE_READ(old, i_mtime.tv_nsec);
	}
}

/* Whether the task may write to the file, by its mode and the task's capabilities. */
INLINE bool is_writable(struct inode *inode, const struct cred *cred)
{
	u32 mode = READ(inode, i_mode);

	if (READ(READ(inode, i_sb), s_flags) & SB_RDONLY || READ(inode, i_flags) & S_IMMUTABLE)
		return false;
	if (READ(cred, cap_effective.val) & (1 << CAP_DAC_OVERRIDE))
		return true;
	if (READ(cred, fsuid.val) == READ(inode, i_uid.val))
		return mode & S_IWUSR;
	if (READ(cred, fsgid.val) == READ(inode, i_gid.val))
		return mode & S_IWGRP;
	return mode & S_IWOTH;
}

INLINE bool is_memfd(struct dentry *dentry)
{
	char name[6] = {};

	if (READ(dentry, d_parent) != dentry)
		return false;
	bpf_probe_read_kernel(name, sizeof(name), READ(dentry, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' && name[4] == 'd' && name[5] == ':';
}

INLINE void image_memory(struct frame_image *image, struct mm_struct *mm)
{
	u64 pages = 0;

	image->vm_size = READ(mm, total_vm) * 4;
	if (bpf_core_field_exists(struct mm_struct___v61, rss_stat.count)) {
		struct mm_struct___v61 *old = (void *)mm;

		pages = BPF_CORE_READ(old, rss_stat.count[0].counter) + BPF_CORE_READ(old, rss_stat.count[1].counter) +
			BPF_CORE_READ(old, rss_stat.count[3].counter);
		image->vm_swap = BPF_CORE_READ(old, rss_stat.count[2].counter) * 4;
	} else {
		s64 total = BPF_CORE_READ(mm, rss_stat[0].count) + BPF_CORE_READ(mm, rss_stat[1].count) +
			    BPF_CORE_READ(mm, rss_stat[3].count);
		s64 swap = BPF_CORE_READ(mm, rss_stat[2].count);

		/* Per-CPU parts are not summed, so a small count may read as negative. */
		pages = total > 0 ? total : 0;
		image->vm_swap = swap > 0 ? swap * 4 : 0;
	}
	image->vm_rss = pages * 4;
}

/* The executable, the limits and the counters of a process. */
OUTLINE void section_image(struct scratch *s, struct task_struct *task, struct file *file)
{
	struct frame_image image = {};
	struct mm_struct *mm = READ(task, mm);
	struct fs_struct *fs = READ(task, fs);

	image.fd_limit = READ(READ(task, signal), rlim[RLIMIT_NOFILE].rlim_cur);
	image.major_faults = READ(task, maj_flt);
	image.minor_faults = READ(task, min_flt);
	if (mm)
		image_memory(&image, mm);
	if (file) {
		struct inode *inode = READ(file, f_inode);
		struct dentry *dentry = READ(file, f_path.dentry);

		image.inode = READ(inode, i_ino);
		image_times(&image, inode);
		image.flags = layer_of(inode, IMAGE_UPPER_LAYER, IMAGE_LOWER_LAYER);
		if (is_writable(inode, READ(task, cred)))
			image.flags |= IMAGE_WRITABLE;
		if (is_memfd(dentry)) {
			image.flags |= IMAGE_FROM_MEMFD;
			section_kernel_text(s, SECTION_EXE_PATH, READ(dentry, d_name.name));
		} else {
			section_path(s, SECTION_EXE_PATH, dentry, READ(file, f_path.mnt));
		}
	}
	if (fs)
		section_path(s, SECTION_CWD, READ(fs, pwd.dentry), READ(fs, pwd.mnt));
	section_kernel(s, SECTION_IMAGE, &image, sizeof(image));
}

/* The argument list, and the environment when asked for, of the process whose memory is current. */
OUTLINE void section_arguments(struct scratch *s, struct mm_struct *mm, bool with_env)
{
	u64 start, end;

	if (!mm)
		return;
	start = READ(mm, arg_start);
	end = READ(mm, arg_end);
	if (end > start)
		section_user(s, SECTION_ARGS, start, end - start, settings.max_args);
	if (!with_env)
		return;
	start = READ(mm, env_start);
	end = READ(mm, env_end);
	if (end > start)
		section_user(s, SECTION_ENV, start, end - start, settings.max_env);
}

#endif
