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

#define EACH_BYTE(byte) (0x0101010101010101ULL * (byte))

/* The top bit of every byte that is zero. */
INLINE u64 zero_bytes(u64 word)
{
	return ~(((word & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f)) | word | EACH_BYTE(0x7f));
}

INLINE u64 dots(u64 word)
{
	return zero_bytes(word ^ EACH_BYTE('.'));
}

INLINE u64 ends(u64 word)
{
	return zero_bytes(word) | zero_bytes(word ^ EACH_BYTE('/'));
}

#define NAME_WORDS_BOUNDED 24

/* Looks for `..` and for components that are empty, `.` or `..`, among eight bytes. All lies in map memory, see walk. */
static long judge_step(u32 index, struct name_buffer **context)
{
	struct name_buffer *name = *context;
	u64 from = BOUNDED(name->start, 0x1fff);
	u32 left = name->end - from;
	u64 within = left < 8 ? (1ULL << (left * 8)) - 1 : ~0ULL;
	u64 first, second, third, fourth, slash;
	u8 *at = name->bytes + from;

	if (from > NAME_START + PATH_MAX)
		return WALK_STOP;
	first = *(u64 *)at;
	second = *(u64 *)(at + 1);
	slash = zero_bytes(first ^ EACH_BYTE('/')) & within;
	name->up |= dots(first) & dots(second) & within;
	if (slash) {
		third = *(u64 *)(at + 2);
		fourth = *(u64 *)(at + 3);
		name->odd |= slash & (ends(second) | (dots(second) & (ends(third) | (dots(third) & ends(fourth)))));
	}
	name->start = from + 8;
	return left <= 8 ? WALK_STOP : WALK_ON;
}

INLINE bool ends_in_slash(struct name_buffer *name)
{
	return name->length && name->bytes[BOUNDED(NAME_START + name->length - 1, 0x3fff)] == '/';
}

OUTLINE void judge_name(struct name_buffer *name)
{
	name->start = name->bytes[NAME_START] == '/' ? NAME_START : NAME_START - 1;
	name->end = NAME_START + name->length - ends_in_slash(name);
	name->odd = 0;
	name->up = 0;
#ifdef PROBE_LOOP
	bpf_loop(PATH_MAX / 8 + 1, judge_step, &name, 0);
#else
	for (u32 i = 0; i < NAME_WORDS_BOUNDED; i++)
		if (judge_step(i, &name) == WALK_STOP)
			return;
	/* Too long to be judged here: leave it to user space. */
	name->odd = 1;
	name->up = 1;
#endif
}

/* Takes the name that was read into the buffer with its NUL, and finds the path it starts from when it is relative. */
OUTLINE bool take_name_read(struct scratch *s, struct task_struct *task, s32 dirfd, long length)
{
	struct name_buffer *name = &s->name;
	struct dentry *dentry;
	struct vfsmount *mount;

	name->length = 0;
	name->odd = 1;
	name->up = 0;
	name->base_length = 0;
	name->base_start = KEY_HEAD + PATH_MAX;
	if (length <= 0) {
		name->bytes[NAME_START] = 0;
		s->frame.marks |= MARK_READ_FAULT;
		return false;
	}
	name->length = BOUNDED(length - 1, PATH_MAX - 1);
	if (length == PATH_MAX)
		s->frame.marks |= MARK_TRUNCATED;
	name->bytes[NAME_START - 1] = '/';
	judge_name(name);
	if (name->bytes[NAME_START] == '/')
		return true;
	if (!start_of_name(task, dirfd, &dentry, &mount)) {
		/* Where it starts from is not known, so neither is what it names. */
		name->odd = 1;
		return true;
	}
	walk_path(name->bytes, &name->base_start, dentry, mount, &s->frame.marks);
	name->base_length = KEY_HEAD + PATH_MAX - name->base_start;
	name->bytes[NAME_START - 1] = '/';
	return true;
}

INLINE bool read_name(struct scratch *s, struct task_struct *task, s32 dirfd, u64 from)
{
	long length = bpf_probe_read_user_str(s->name.bytes + NAME_START, PATH_MAX, (void *)from);

	return take_name_read(s, task, dirfd, length);
}

INLINE bool read_kernel_name(struct scratch *s, struct task_struct *task, s32 dirfd, const char *from)
{
	long length = bpf_probe_read_kernel_str(s->name.bytes + NAME_START, PATH_MAX, from);

	return take_name_read(s, task, dirfd, length);
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
