/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Opens, connects and accepts through io_uring, which make no system call of their own. An open's name lives until it
 * is issued, its outcome is known at completion: so one program keeps the name and another one makes the event.
 */

#define URING_ACCEPT 13
#define URING_CONNECT 16
#define URING_OPENAT 18
#define URING_OPENAT2 28

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct uring_open);
} uring_opens SEC(".maps");

/* An accept that goes on completes again and again without its request: it is found by what tells it to its caller. */
struct uring_caller {
	u64 ring;
	u64 user_data;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct uring_caller);
	__type(value, u64);
} uring_accepts SEC(".maps");

#define ACCEPT_MULTISHOT 1

/* Older kernels' completions have another form where they have no request. */
INLINE bool has_tctx(void)
{
	return bpf_core_field_exists(((struct io_kiocb *)0)->tctx);
}

INLINE struct uring_caller caller_of(struct io_kiocb *request)
{
	struct uring_caller caller = { .ring = (u64)READ(request, ctx), .user_data = READ(request, cqe.user_data) };

	return caller;
}

INLINE void keep_accept(struct io_kiocb *request)
{
	struct uring_caller caller = caller_of(request);
	u64 value = (u64)request;

	if (has_tctx() && READ((struct io_accept *)request, iou_flags) & ACCEPT_MULTISHOT)
		bpf_map_update_elem(&uring_accepts, &caller, &value, BPF_ANY);
}

SEC("tp_btf/io_uring_submit_req")
int uring_submit(u64 *context)
{
	struct io_kiocb *request = (struct io_kiocb *)context[0];
	struct io_open *open = (struct io_open *)request;
	u32 opcode = READ(request, opcode);
	struct filename *filename;
	struct scratch *s;
	u64 key = (u64)request;

	if (opcode == URING_ACCEPT)
		keep_accept(request);
	if (opcode != URING_OPENAT && opcode != URING_OPENAT2)
		return 0;
	s = scratch_take(opcode == URING_OPENAT ? TYPE_openat : TYPE_openat2);
	if (!s)
		return 0;
	s->uring.dirfd = READ(open, dfd);
	s->uring.direct = READ(open, file_slot);
	s->uring.flags = READ(open, how.flags);
	s->uring.mode = READ(open, how.mode);
	s->uring.resolve = READ(open, how.resolve);
	s->uring.name[0] = 0;
	filename = READ(open, filename);
	if (filename)
		bpf_probe_read_kernel_str(s->uring.name, sizeof(s->uring.name), READ(filename, name));
	bpf_map_update_elem(&uring_opens, &key, &s->uring, BPF_ANY);
	scratch_close(s);
	return 0;
}

/* The task that submitted: completion may run on a worker of the kernel's. */
INLINE struct task_struct *submitter(struct io_kiocb *request)
{
	struct io_uring_task *context;

	if (!bpf_core_field_exists(request->tctx))
		return BPF_CORE_READ((struct io_kiocb___v612 *)request, task);
	context = READ(request, tctx);
	return context ? READ(context, task) : NULL;
}

OUTLINE void uring_opened(struct io_kiocb *request, struct task_struct *task, u32 type, s64 result)
{
	u64 key = (u64)request;
	struct uring_open *open = bpf_map_lookup_elem(&uring_opens, &key);
	struct open_how how = {};
	struct scratch *s;

	if (!open)
		return;
	how.flags = open->flags;
	how.mode = open->mode;
	how.resolve = open->resolve;
	s = open_admit(type, task, result, how.flags);
	if (!s)
		goto out;
	read_kernel_name(s, task, open->dirfd, open->name);
	if (!open_take(s, task, type, result, open->direct ? NULL : task_file(task, result), &how)) {
		scratch_close(s);
		goto out;
	}
	s->frame.marks |= MARK_IO_URING;
	s->frame.args[0] = open->dirfd;
	s->frame.args[2] = how.flags;
	s->frame.args[3] = how.mode;
	call_submit(s, task);
out:
	bpf_map_delete_elem(&uring_opens, &key);
}

OUTLINE void uring_socket(struct io_kiocb *request, struct task_struct *task, u32 type, s64 result)
{
	struct scratch *s = call_admit(type, task, result, 0, false);
	struct file *file = NULL;
	struct socket *socket;

	if (!s)
		return;
	frame_begin(s, type);
	s->frame.result = result;
	s->frame.marks |= MARK_IO_URING | MARK_FD;
	s->frame.fd = type == TYPE_connect ? -1 : result;
	file = type == TYPE_connect ? READ(request, file) : task_file(task, result);
	if (file) {
		fill_file(s, file);
		socket = (struct socket *)READ(file, private_data);
		if ((s->frame.fd_mode & S_IFMT) == S_IFSOCK && socket)
			note_socket(&s->frame, READ(socket, sk), type == TYPE_connect ? ROLE_CLIENT : ROLE_SERVER,
				    result >= 0);
	}
	call_submit(s, task);
}

/* A completion of an accept that goes on. */
INLINE void uring_accepted(u64 ring, struct io_uring_cqe *done)
{
	struct uring_caller caller = { .ring = ring, .user_data = READ(done, user_data) };
	u64 *request = bpf_map_lookup_elem(&uring_accepts, &caller);
	struct task_struct *task = request ? submitter((struct io_kiocb *)*request) : NULL;

	if (task)
		uring_socket((struct io_kiocb *)*request, task, TYPE_accept, READ(done, res));
}

SEC("tp_btf/io_uring_complete")
int uring_complete(u64 *context)
{
	struct io_kiocb *request = (struct io_kiocb *)context[1];
	struct task_struct *task;
	s64 result;
	u32 opcode;

	if (!request) {
		if (has_tctx())
			uring_accepted(context[0], (struct io_uring_cqe *)context[2]);
		return 0;
	}
	opcode = READ(request, opcode);
	if (opcode != URING_OPENAT && opcode != URING_OPENAT2 && opcode != URING_CONNECT && opcode != URING_ACCEPT)
		return 0;
	task = submitter(request);
	if (!task)
		return 0;
	result = READ(request, cqe.res);
	if (opcode == URING_ACCEPT) {
		struct uring_caller caller = caller_of(request);

		bpf_map_delete_elem(&uring_accepts, &caller);
	}
	if (opcode == URING_OPENAT || opcode == URING_OPENAT2)
		uring_opened(request, task, opcode == URING_OPENAT ? TYPE_openat : TYPE_openat2, result);
	else
		uring_socket(request, task, opcode == URING_CONNECT ? TYPE_connect : TYPE_accept, result);
	return 0;
}
