/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The two ends of a socket, and what the kernel's socket doesn't say: who called whom, and what changed. */
#ifndef PROBE_SOCKET_H
#define PROBE_SOCKET_H

struct socket_key {
	u64 sock;
	u64 inode;
};

struct socket_state {
	u8 role;
	u8 connected;
	u16 remote_port;
	u8 remote[16];
	u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct socket_key);
	__type(value, struct socket_state);
} sockets SEC(".maps");

INLINE void section_unix_name(struct scratch *s, u32 section, struct sock *sk)
{
	struct unix_address *address = READ((struct unix_sock *)sk, addr);
	int length;

	if (!address)
		return;
	length = READ(address, len);
	if (length <= 2 || length > 110)
		return;
	section_kernel(s, section, EMBEDDED(address, name) + 2, length - 2);
}

INLINE void fill_socket(struct scratch *s, struct socket *socket)
{
	struct frame *f = &s->frame;
	struct sock *sk;
	u16 family;

	if (!socket)
		return;
	sk = READ(socket, sk);
	if (!sk)
		return;
	family = READ(sk, __sk_common.skc_family);
	f->socket_family = family;
	f->socket_type = READ(sk, sk_type);
	f->socket_protocol = READ(sk, sk_protocol);
	f->socket_state = READ(sk, __sk_common.skc_state);
	if (family == AF_INET || family == AF_INET6) {
		f->socket_local_port = READ(sk, __sk_common.skc_num);
		f->socket_remote_port = __builtin_bswap16(READ(sk, __sk_common.skc_dport));
	}
	if (family == AF_INET) {
		bpf_probe_read_kernel(f->socket_local, 4, EMBEDDED(sk, __sk_common.skc_rcv_saddr));
		bpf_probe_read_kernel(f->socket_remote, 4, EMBEDDED(sk, __sk_common.skc_daddr));
	} else if (family == AF_INET6) {
		bpf_probe_read_kernel(f->socket_local, 16, EMBEDDED(sk, __sk_common.skc_v6_rcv_saddr));
		bpf_probe_read_kernel(f->socket_remote, 16, EMBEDDED(sk, __sk_common.skc_v6_daddr));
	} else if (family == AF_UNIX) {
		struct sock *peer = READ((struct unix_sock *)sk, peer);

		section_unix_name(s, SECTION_UNIX_LOCAL, sk);
		if (peer)
			section_unix_name(s, SECTION_UNIX_REMOTE, peer);
	}
}

/* The socket behind a descriptor, or NULL. */
INLINE struct sock *task_sock(struct task_struct *task, s64 fd)
{
	struct file *file = task_file(task, fd);
	struct inode *inode = file ? READ(file, f_inode) : NULL;
	struct socket *socket;

	if (!inode || (READ(inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	socket = (struct socket *)READ(file, private_data);
	return socket ? READ(socket, sk) : NULL;
}

/* Remembers the role; 0 keeps what is known. Fills the frame's role and connectedness. */
INLINE void note_socket(struct frame *f, struct sock *sk, u8 role, u8 connected)
{
	struct socket_key key = { .sock = (u64)sk, .inode = f->fd_inode };
	struct socket_state *state = bpf_map_lookup_elem(&sockets, &key);
	struct socket_state fresh = {};

	if (state)
		fresh = *state;
	if (role)
		fresh.role = role;
	if (connected)
		fresh.connected = 1;
	if (role || connected)
		bpf_map_update_elem(&sockets, &key, &fresh, BPF_ANY);
	f->socket_role = fresh.role;
	if (fresh.connected)
		f->fd_flags |= FD_CONNECTED;
}

#endif
