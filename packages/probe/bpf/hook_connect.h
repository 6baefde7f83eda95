/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* connect, accept, accept4 */

#define SOCKADDR_MAX 128

INLINE void on_connect(s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(TYPE_connect, task, result);
	struct frame *f;
	struct sock *sk;

	if (!s)
		return;
	f = &s->frame;
	section_user(s, SECTION_SOCKADDR, f->args[1], (u32)f->args[2], SOCKADDR_MAX);
	fill_fd(s, task, (s32)f->args[0]);
	sk = task_sock(task, (s32)f->args[0]);
	if (sk)
		note_socket(f, sk, ROLE_CLIENT, result == 0);
	call_submit(s, task);
}

/* extra: length and limit of the listening socket's queue. */
INLINE void on_accept(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);
	struct frame *f;
	struct sock *sk;

	if (!s)
		return;
	f = &s->frame;
	sk = task_sock(task, (s32)f->args[0]);
	if (sk) {
		f->extra[0] = READ(sk, sk_ack_backlog);
		f->extra[1] = READ(sk, sk_max_ack_backlog);
	}
	fill_fd(s, task, result);
	sk = result < 0 ? NULL : task_sock(task, result);
	if (sk)
		note_socket(f, sk, ROLE_SERVER, 1);
	call_submit(s, task);
}

CALL(connect, on_connect(result))
CALL(accept, on_accept(TYPE_accept, result))
CALL(accept4, on_accept(TYPE_accept4, result))
