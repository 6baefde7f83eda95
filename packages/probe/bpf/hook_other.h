/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Calls that are told by their arguments, and perhaps a descriptor. */

#define FD_NONE (-1)
#define FD_RESULT (-2)

/* `fd` is the number of the argument that the event is about, FD_RESULT or FD_NONE. */
INLINE void plain_event(u32 type, s64 result, int fd)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);

	if (!s)
		return;
	if (fd == FD_RESULT)
		fill_fd(s, task, result);
	else if (fd != FD_NONE)
		fill_fd(s, task, (s32)s->frame.args[fd]);
	call_submit(s, task);
}

/* The new descriptor, or where there is none the old one: so that its kind is known. */
INLINE void dup_event(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);
	struct sock *sk;
	s64 fd;

	if (!s)
		return;
	fd = result < 0 ? (s32)s->frame.args[0] : result;
	fill_fd(s, task, fd);
	sk = task_sock(task, fd);
	if (sk)
		note_socket(&s->frame, sk, ROLE_UNKNOWN, 0);
	call_submit(s, task);
}

INLINE void init_module_event(s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(TYPE_init_module, task, result);

	if (!s)
		return;
	section_user_text(s, SECTION_TEXT, s->frame.args[2]);
	section_user(s, SECTION_DATA, s->frame.args[0], s->frame.args[1], settings.max_data);
	s->frame.marks &= ~MARK_TRUNCATED;
	call_submit(s, task);
}

INLINE void finit_module_event(s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(TYPE_finit_module, task, result);

	if (!s)
		return;
	fill_fd(s, task, (s32)s->frame.args[0]);
	section_user_text(s, SECTION_TEXT, s->frame.args[1]);
	call_submit(s, task);
}

CALL(listen, plain_event(TYPE_listen, result, 0))
CALL(socket, plain_event(TYPE_socket, result, FD_RESULT))
CALL(dup, dup_event(TYPE_dup, result))
CALL(dup2, dup_event(TYPE_dup2, result))
CALL(dup3, dup_event(TYPE_dup3, result))
CALL(fchmod, plain_event(TYPE_fchmod, result, 0))
CALL(setuid, plain_event(TYPE_setuid, result, FD_NONE))
CALL(setns, plain_event(TYPE_setns, result, 0))
CALL(unshare, plain_event(TYPE_unshare, result, FD_NONE))
CALL(ptrace, plain_event(TYPE_ptrace, result, FD_NONE))
CALL(bpf, plain_event(TYPE_bpf, result, FD_NONE))
CALL(userfaultfd, plain_event(TYPE_userfaultfd, result, FD_RESULT))
CALL(init_module, init_module_event(result))
CALL(finit_module, finit_module_event(result))
