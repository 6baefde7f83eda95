/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* sendto, sendmsg, recvfrom, recvmsg. extra: the size that the caller gave. */

#define IOVECS 16

struct user_message {
	u64 name;
	u32 name_length;
	u32 padding;
	u64 vectors;
	u64 vector_count;
};

struct user_message32 {
	u32 name;
	u32 name_length;
	u32 vectors;
	u32 vector_count;
};

struct user_vector {
	u64 base;
	u64 length;
};

/* The address that a datagram goes to or came from, out of the frame; a change of it changes the socket's name. */
INLINE void note_peer(struct scratch *s, struct sock *sk, bool with_address)
{
	struct frame *f = &s->frame;
	struct socket_key key = { .sock = (u64)sk, .inode = f->fd_inode };
	struct socket_state *known = bpf_map_lookup_elem(&sockets, &key);
	struct socket_state fresh = {};
	u64 at = BOUNDED(f->sections[SECTION_SOCKADDR].offset, 0xffff);
	u8 *address = s->bytes + at;
	bool changed;

	if (known)
		fresh = *known;
	f->socket_role = fresh.role;
	if (fresh.connected)
		f->fd_flags |= FD_CONNECTED;
	if (!with_address || fresh.connected || !f->sections[SECTION_SOCKADDR].length)
		return;
	fresh.remote_port = *(u16 *)(address + 2);
	__builtin_memset(fresh.remote, 0, sizeof(fresh.remote));
	if (f->socket_family == AF_INET)
		__builtin_memcpy(fresh.remote, address + 4, 4);
	else if (f->socket_family == AF_INET6)
		__builtin_memcpy(fresh.remote, address + 8, 16);
	else
		return;
	changed = !known || known->remote_port != fresh.remote_port;
	if (known && !changed)
		changed = ((u64 *)known->remote)[0] != ((u64 *)fresh.remote)[0] ||
			  ((u64 *)known->remote)[1] != ((u64 *)fresh.remote)[1];
	if (!changed)
		return;
	f->fd_flags |= FD_NAME_CHANGED;
	bpf_map_update_elem(&sockets, &key, &fresh, BPF_ANY);
}

/* Appends the data's first bytes, the address and the socket, and sends the frame. */
INLINE void message_submit(struct scratch *s, struct task_struct *task, u64 data, u64 length, u64 address,
			   u32 address_length)
{
	struct sock *sk;
	u32 marks = s->frame.marks;

	fill_fd(s, task, (s32)s->frame.args[0]);
	if (address)
		section_user(s, SECTION_SOCKADDR, address, address_length, SOCKADDR_MAX);
	section_user(s, SECTION_DATA, data, length, settings.max_data);
	/* Data is always cut, that is no loss. */
	s->frame.marks = (s->frame.marks & ~MARK_TRUNCATED) | marks;
	sk = task_sock(task, (s32)s->frame.args[0]);
	if (sk)
		note_peer(s, sk, address != 0);
	call_submit(s, task);
}

INLINE void flat_message(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);
	struct frame *f;
	u32 address_length;
	u64 length;

	if (!s)
		return;
	f = &s->frame;
	length = f->args[2];
	address_length = f->args[5];
	f->extra[0] = length;
	if (type == TYPE_recvfrom) {
		length = result > 0 ? result : 0;
		address_length = 0;
		if (f->args[5])
			bpf_probe_read_user(&address_length, sizeof(address_length), (void *)f->args[5]);
	}
	message_submit(s, task, f->args[1], length, f->args[4], address_length);
}

INLINE void read_message(struct frame *f, struct user_message *message)
{
	struct user_message32 narrow = {};

	if (!(f->marks & MARK_COMPAT)) {
		bpf_probe_read_user(message, sizeof(*message), (void *)f->args[1]);
		return;
	}
	bpf_probe_read_user(&narrow, sizeof(narrow), (void *)f->args[1]);
	message->name = narrow.name;
	message->name_length = narrow.name_length;
	message->vectors = narrow.vectors;
	message->vector_count = narrow.vector_count;
}

INLINE void read_vector(struct frame *f, struct user_message *message, u32 index, struct user_vector *vector)
{
	u32 narrow[2] = {};

	if (!(f->marks & MARK_COMPAT)) {
		bpf_probe_read_user(vector, sizeof(*vector), (void *)(message->vectors + index * sizeof(*vector)));
		return;
	}
	bpf_probe_read_user(narrow, sizeof(narrow), (void *)(message->vectors + index * sizeof(narrow)));
	vector->base = narrow[0];
	vector->length = narrow[1];
}

INLINE void vector_message(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct scratch *s = call_open(type, task, result);
	struct user_message message = {};
	struct user_vector first = {};
	struct frame *f;
	u64 total = 0;

	if (!s)
		return;
	f = &s->frame;
	read_message(f, &message);
	for (u32 i = 0; i < IOVECS; i++) {
		struct user_vector vector = {};

		if (i >= message.vector_count)
			break;
		read_vector(f, &message, i, &vector);
		if (i == 0)
			first = vector;
		total += vector.length;
	}
	f->extra[0] = total;
	if (type == TYPE_recvmsg && result < (s64)first.length)
		first.length = result > 0 ? result : 0;
	message_submit(s, task, first.base, first.length, message.name, message.name_length);
}

CALL(sendto, flat_message(TYPE_sendto, result))
CALL(recvfrom, flat_message(TYPE_recvfrom, result))
CALL(sendmsg, vector_message(TYPE_sendmsg, result))
CALL(recvmsg, vector_message(TYPE_recvmsg, result))
