/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* open, openat, openat2, creat */


#define O_ACCMODE 3
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_TRUNC 01000

INLINE u32 open_classes(u64 flags)
{
	u32 classes = 0;

	/* The fourth access mode is neither by its bits; take it for both. */
	if ((flags & O_ACCMODE) != O_WRONLY)
		classes |= CLASS_READ;
	if (flags & O_ACCMODE)
		classes |= CLASS_WRITE;
	if (flags & O_CREAT)
		classes |= CLASS_CREATE;
	if (flags & O_TRUNC)
		classes |= CLASS_TRUNCATE;
	return classes;
}

INLINE struct scratch *open_admit(u32 type, struct task_struct *task, s64 result, u64 flags)
{
	return call_admit(type, task, result, open_classes(flags), true);
}

/*
 * Shows the name that was read and the opened file's path to the filter and begins the frame. False when the event is
 * not wanted. extra: for openat2 its struct open_how.
 */
INLINE bool open_take(struct scratch *s, struct task_struct *task, u32 type, s64 result, struct file *file,
		      struct open_how *how)
{
	struct type_filter *filter = filter_of(s->filter_set);
	bool walked = false;
	bool aliased = false;

	if (!filter)
		return false;
	filter_name(s, filter);
	if (file)
		walked = walk_file(s, file);
	if (walked) {
		filter_real(s, filter);
		aliased = walk_alias(s, file);
	}
	if (!s->passed)
		return false;
	frame_begin(s, type);
	s->frame.result = result;
	s->frame.fd = result;
	s->frame.marks |= MARK_FD;
	if (type == TYPE_openat2) {
		s->frame.extra[0] = how->flags;
		s->frame.extra[1] = how->mode;
		s->frame.extra[2] = how->resolve;
	}
	if (walked) {
		section_real(s, SECTION_FD_PATH);
		section_same(s, SECTION_PATH0_REAL, SECTION_FD_PATH);
	}
	if (aliased)
		section_alias(s);
	if (file)
		fill_file(s, file);
	section_name(s, SECTION_PATH0_RAW);
	return true;
}

INLINE void open_event(u32 type, s64 result, s32 dirfd, u64 name, struct open_how *how)
{
	struct task_struct *task = current_task();
	struct scratch *s = open_admit(type, task, result, how->flags);

	if (!s)
		return;
	read_name(s, task, dirfd, name);
	if (!open_take(s, task, type, result, task_file(task, result), how)) {
		scratch_close(s);
		return;
	}
	read_call(&s->frame, task, result);
	call_submit(s, task);
}

INLINE u64 call_arg(u32 index)
{
	struct task_struct *task = current_task();
	struct pt_regs *regs = task_registers(task);

	if (is_compat(task)) {
		switch (index) {
		case 0:
			return (u32)READ(regs, bx);
		case 1:
			return (u32)READ(regs, cx);
		default:
			return (u32)READ(regs, dx);
		}
	}
	switch (index) {
	case 0:
		return READ(regs, di);
	case 1:
		return READ(regs, si);
	default:
		return READ(regs, dx);
	}
}

INLINE void on_open(s64 result)
{
	struct open_how how = { .flags = call_arg(1) };

	open_event(TYPE_open, result, AT_FDCWD, call_arg(0), &how);
}

INLINE void on_openat(s64 result)
{
	struct open_how how = { .flags = call_arg(2) };

	open_event(TYPE_openat, result, call_arg(0), call_arg(1), &how);
}

INLINE void on_openat2(s64 result)
{
	struct open_how how = {};

	/* Where it can't be read, the call failed for that. */
	bpf_probe_read_user(&how, sizeof(how), (void *)call_arg(2));
	open_event(TYPE_openat2, result, call_arg(0), call_arg(1), &how);
}

INLINE void on_creat(s64 result)
{
	struct open_how how = { .flags = O_WRONLY | O_CREAT | O_TRUNC };

	open_event(TYPE_creat, result, AT_FDCWD, call_arg(0), &how);
}

ON_SYSCALL_EXIT(open, on_open)
ON_SYSCALL_EXIT(openat, on_openat)
ON_SYSCALL_EXIT(openat2, on_openat2)
ON_SYSCALL_EXIT(creat, on_creat)
