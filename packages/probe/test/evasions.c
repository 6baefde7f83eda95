// SPDX-License-Identifier: Apache-2.0
// Opens a file, or makes a connection, in the way named by its first argument, and prints the result or -errno.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
	int fd;
	char *sq, *cq;
	struct io_uring_params params;
	struct io_uring_sqe *entry;
};

static long told(long result)
{
	return result < 0 ? -errno : result;
}

static struct io_uring_sqe *ring_open(struct ring *ring)
{
	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 2, &ring->params);
	if (ring->fd < 0)
		exit(3);
	ring->sq = mmap(NULL, ring->params.sq_off.array + ring->params.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED,
			ring->fd, IORING_OFF_SQ_RING);
	ring->cq = mmap(NULL, ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe),
			PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, IORING_OFF_CQ_RING);
	ring->entry = mmap(NULL, ring->params.sq_entries * sizeof(*ring->entry), PROT_READ | PROT_WRITE, MAP_SHARED,
			   ring->fd, IORING_OFF_SQES);
	return memset(ring->entry, 0, sizeof(*ring->entry));
}

/* Submits the one entry and gives the first completion's result. */
static long ring_run(struct ring *ring)
{
	struct io_uring_cqe *done = (void *)(ring->cq + ring->params.cq_off.cqes);

	*(unsigned *)(ring->sq + ring->params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(ring->sq + ring->params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return told(-1);
	return done->res;
}

static long open_by_ring(int opcode, const char *path)
{
	struct open_how { unsigned long long flags, mode, resolve; } how = { O_RDONLY, 0, 0 };
	struct ring ring;
	struct io_uring_sqe *entry = ring_open(&ring);

	entry->opcode = opcode;
	entry->fd = AT_FDCWD;
	entry->addr = (unsigned long)path;
	if (opcode == IORING_OP_OPENAT2) {
		entry->len = sizeof(how);
		entry->off = (unsigned long)&how;
	} else {
		entry->open_flags = O_RDONLY | O_CLOEXEC;
	}
	return ring_run(&ring);
}

/* A copy below 4 GiB, where 32-bit calls can point to. */
static void *low(const void *data, size_t size)
{
	static char *page;
	static size_t used;
	char *copy;

	if (!page)
		page = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	copy = page + used;
	used += (size + 15) & ~15UL;
	return memcpy(copy, data, size);
}

static long int80(int number, long a, long b, long c, long d)
{
	int result;

	asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
	return result;
}

/* Opens its name in another folder of its own mount namespace, where `source` is mounted once more. */
static long open_bound(const char *source, const char *place, const char *name)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(source, place, NULL, MS_BIND, NULL) || chdir(place))
		return told(-1);
	return told(open(name, O_RDONLY));
}

static long open_as(const char *way, const char *path, const char *place)
{
	char *folder = dirname(strdup(path)), *name = basename(strdup(path));
	unsigned long long how[3] = { O_RDONLY, 0, 0 };
	char other[8192];

	if (!strcmp(way, "plain"))
		return told(syscall(SYS_open, path, O_RDONLY));
	if (!strcmp(way, "openat2"))
		return told(syscall(SYS_openat2, AT_FDCWD, path, how, sizeof(how)));
	if (!strcmp(way, "dirfd"))
		return told(openat(open(folder, O_PATH), name, O_RDONLY));
	if (!strcmp(way, "relative"))
		return chdir(folder) ? told(-1) : told(open(name, O_RDONLY));
	if (!strcmp(way, "chroot"))
		return chroot(folder) ? told(-1) : (snprintf(other, sizeof(other), "/%s", name), told(open(other, O_RDONLY)));
	if (!strcmp(way, "descriptor")) {
		snprintf(other, sizeof(other), "/proc/self/fd/%d", open(path, O_PATH));
		return told(open(other, O_RDONLY));
	}
	if (!strcmp(way, "bind-folder"))
		return open_bound(folder, place, name);
	if (!strcmp(way, "bind-root"))
		return open_bound("/", place, path + 1);
	if (!strcmp(way, "uring"))
		return open_by_ring(IORING_OP_OPENAT, path);
	if (!strcmp(way, "uring2"))
		return open_by_ring(IORING_OP_OPENAT2, path);
	if (!strcmp(way, "int80"))
		return int80(5, (long)low(path, strlen(path) + 1), O_RDONLY, 0, 0);
	if (!strcmp(way, "int80-at"))
		return int80(295, AT_FDCWD, (long)low(path, strlen(path) + 1), O_RDONLY, 0);
	exit(4);
}

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return address;
}

/* socketcall's numbers of calls are its own. */
#define SOCKETCALL 102
#define SOCKETCALL_CONNECT 3
#define SOCKETCALL_ACCEPT 5

static long connect_as(const char *way, int port)
{
	struct sockaddr_in to = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct ring ring;
	struct io_uring_sqe *entry;
	unsigned list[3];

	if (!strcmp(way, "connect-socketcall")) {
		list[0] = fd;
		list[1] = (unsigned)(unsigned long)low(&to, sizeof(to));
		list[2] = sizeof(to);
		return int80(SOCKETCALL, SOCKETCALL_CONNECT, (long)low(list, sizeof(list)), 0, 0);
	}
	if (!strcmp(way, "connect-int80"))
		return int80(362, fd, (long)low(&to, sizeof(to)), sizeof(to), 0);
	if (strcmp(way, "connect-uring"))
		exit(4);
	entry = ring_open(&ring);
	entry->opcode = IORING_OP_CONNECT;
	entry->fd = fd;
	entry->addr = (unsigned long)&to;
	entry->off = sizeof(to);
	return ring_run(&ring);
}

static long accept_as(const char *way)
{
	struct sockaddr_in at = loopback(0);
	socklen_t length = sizeof(at);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	struct ring ring;
	struct io_uring_sqe *entry;
	unsigned list[3] = { server, 0, 0 };

	if (bind(server, (void *)&at, sizeof(at)) || listen(server, 1) || getsockname(server, (void *)&at, &length) ||
	    connect(client, (void *)&at, sizeof(at)))
		return told(-1);
	if (!strcmp(way, "accept-socketcall"))
		return int80(SOCKETCALL, SOCKETCALL_ACCEPT, (long)low(list, sizeof(list)), 0, 0);
	entry = ring_open(&ring);
	entry->opcode = IORING_OP_ACCEPT;
	entry->fd = server;
	if (!strcmp(way, "accept-uring-multishot"))
		entry->ioprio = IORING_ACCEPT_MULTISHOT;
	else if (strcmp(way, "accept-uring"))
		exit(4);
	return ring_run(&ring);
}

int main(int count, char **arguments)
{
	const char *way = arguments[1];

	if (count < 2)
		return 2;
	if (!strncmp(way, "accept", 6))
		printf("%ld\n", accept_as(way));
	else if (!strncmp(way, "connect", 7))
		printf("%ld\n", connect_as(way, atoi(arguments[2])));
	else
		printf("%ld\n", open_as(way, arguments[2], count > 3 ? arguments[3] : NULL));
	return 0;
}
