/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Calls on names: link, symlink, unlink, rmdir, rename, mkdir, chmod and their *at forms. */

#define NONE (-1)

/* Shows a name to the filter and appends it. `dirfd` is the number of its directory's argument, or NONE. */
INLINE void take_name(struct scratch *s, struct task_struct *task, u32 section, int dirfd, int name)
{
	struct type_filter *filter = filter_of(s->filter_set);

	read_name(s, task, dirfd == NONE ? AT_FDCWD : (s32)s->frame.args[dirfd], s->frame.args[name]);
	if (filter)
		filter_name(s, filter);
	section_name(s, section);
}

/* `text` is the number of an argument that is mere text, such as a symlink's target, or NONE. */
INLINE void name_event(u32 type, s64 result, int dirfd, int name, int text)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_begin(type, task, result, true);

	if (!s)
		return;
	take_name(s, task, SECTION_PATH0_RAW, dirfd, name);
	if (!s->passed) {
		scratch_close(s);
		return;
	}
	if (text != NONE)
		section_user_text(s, SECTION_TEXT, s->frame.args[text]);
	call_submit(s, task);
}

INLINE void two_names_event(u32 type, s64 result, int dirfd0, int name0, int dirfd1, int name1)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_begin(type, task, result, true);

	if (!s)
		return;
	take_name(s, task, SECTION_PATH0_RAW, dirfd0, name0);
	take_name(s, task, SECTION_PATH1_RAW, dirfd1, name1);
	if (!s->passed) {
		scratch_close(s);
		return;
	}
	call_submit(s, task);
}

CALL(symlink, name_event(TYPE_symlink, result, NONE, 1, 0))
CALL(symlinkat, name_event(TYPE_symlinkat, result, 1, 2, 0))
CALL(unlink, name_event(TYPE_unlink, result, NONE, 0, NONE))
CALL(unlinkat, name_event(TYPE_unlinkat, result, 0, 1, NONE))
CALL(rmdir, name_event(TYPE_rmdir, result, NONE, 0, NONE))
CALL(mkdir, name_event(TYPE_mkdir, result, NONE, 0, NONE))
CALL(mkdirat, name_event(TYPE_mkdirat, result, 0, 1, NONE))
CALL(chmod, name_event(TYPE_chmod, result, NONE, 0, NONE))
CALL(fchmodat, name_event(TYPE_fchmodat, result, 0, 1, NONE))
CALL(link, two_names_event(TYPE_link, result, NONE, 0, NONE, 1))
CALL(linkat, two_names_event(TYPE_linkat, result, 0, 1, 2, 3))
CALL(rename, two_names_event(TYPE_rename, result, NONE, 0, NONE, 1))
CALL(renameat, two_names_event(TYPE_renameat, result, 0, 1, 2, 3))
CALL(renameat2, two_names_event(TYPE_renameat2, result, 0, 1, 2, 3))
