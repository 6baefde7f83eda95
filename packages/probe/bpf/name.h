/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A path argument as the caller wrote it, and the directory it starts from. */
#ifndef PROBE_NAME_H
#define PROBE_NAME_H

/* Where a relative name starts: the working directory, or a directory's descriptor. */
INLINE bool start_of_name(struct task_struct *task, s32 dirfd, struct dentry **dentry, struct vfsmount **mount)
{
	if (dirfd == AT_FDCWD) {
		struct fs_struct *fs = READ(task, fs);

		if (!fs)
			return false;
		*dentry = READ(fs, pwd.dentry);
		*mount = READ(fs, pwd.mnt);
	} else {
		struct file *file = task_file(task, dirfd);

		if (!file)
			return false;
		*dentry = READ(file, f_path.dentry);
		*mount = READ(file, f_path.mnt);
	}
	return *dentry && *mount;
}

/* Reads the name at `from`, and the path it starts from when it is relative. False when it can't be read. */
OUTLINE bool read_name(struct scratch *s, struct task_struct *task, s32 dirfd, u64 from)
{
	struct name_buffer *name = &s->name;
	struct dentry *dentry;
	struct vfsmount *mount;
	long length = bpf_probe_read_user_str(name->bytes + NAME_START, PATH_MAX, (void *)from);

	name->length = 0;
	name->base_length = 0;
	name->base_start = KEY_HEAD + PATH_MAX;
	if (length <= 0) {
		name->bytes[NAME_START] = 0;
		if (from)
			s->frame.marks |= MARK_READ_FAULT;
		return false;
	}
	name->length = BOUNDED(length - 1, PATH_MAX - 1);
	if (length == PATH_MAX)
		s->frame.marks |= MARK_TRUNCATED;
	if (name->bytes[NAME_START] == '/')
		return true;
	if (!start_of_name(task, dirfd, &dentry, &mount))
		return true;
	walk_path(name->bytes, &name->base_start, dentry, mount, &s->frame.marks);
	name->base_length = KEY_HEAD + PATH_MAX - name->base_start;
	name->bytes[KEY_HEAD + PATH_MAX] = '/';
	return true;
}

/* Appends what read_name read: `raw` and, right after it, its base. */
INLINE void section_name(struct scratch *s, u32 raw)
{
	struct name_buffer *name = &s->name;

	section_kernel(s, raw, name->bytes + NAME_START, name->length);
	if (name->base_length)
		section_kernel(s, raw + 1, name->bytes + BOUNDED(name->base_start, 0x1fff), name->base_length);
}

#endif
