/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* open, openat, openat2, creat */

enum open_call {
	OPEN = TYPE_open,
	OPENAT = TYPE_openat,
	OPENAT2 = TYPE_openat2,
	CREAT = TYPE_creat,
};

/* extra: for openat2 the flags, mode and resolve of its struct open_how. */
INLINE void on_open(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);
	struct frame *f;
	s32 dirfd = AT_FDCWD;
	u64 name;

	if (!s)
		return;
	f = &s->frame;
	name = f->args[0];
	if (type == OPENAT || type == OPENAT2) {
		dirfd = f->args[0];
		name = f->args[1];
	}
	if (type == OPENAT2 && bpf_probe_read_user(f->extra, sizeof(f->extra), (void *)f->args[2]))
		f->marks |= MARK_READ_FAULT;
	read_name(s, task, dirfd, name);
	section_name(s, SECTION_PATH0_RAW);
	fill_fd(s, task, result);
	section_same(s, SECTION_PATH0_REAL, SECTION_FD_PATH);
	call_submit(s, task);
}

INLINE void on_open_open(s64 result)
{
	on_open(OPEN, result);
}

INLINE void on_open_openat(s64 result)
{
	on_open(OPENAT, result);
}

INLINE void on_open_openat2(s64 result)
{
	on_open(OPENAT2, result);
}

INLINE void on_open_creat(s64 result)
{
	on_open(CREAT, result);
}

ON_SYSCALL_EXIT(open, on_open_open)
ON_SYSCALL_EXIT(openat, on_open_openat)
ON_SYSCALL_EXIT(openat2, on_open_openat2)
ON_SYSCALL_EXIT(creat, on_open_creat)
