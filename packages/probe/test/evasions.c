// SPDX-License-Identifier: Apache-2.0
// Opens the file named by its second argument in the way named by its first, and prints the result.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int through_uring(const char *path)
{
	struct io_uring_params params = { 0 };
	int ring = syscall(SYS_io_uring_setup, 2, &params);
	char *sq, *cq;
	struct io_uring_sqe *entry;
	struct io_uring_cqe *done;

	if (ring < 0)
		return -1000;
	sq = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		  IORING_OFF_CQ_RING);
	entry = mmap(NULL, params.sq_entries * sizeof(*entry), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_OPENAT;
	entry->fd = AT_FDCWD;
	entry->addr = (unsigned long)path;
	entry->open_flags = O_RDONLY | O_CLOEXEC;
	*(unsigned *)(sq + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return -1001;
	done = (void *)(cq + params.cq_off.cqes);
	return done->res;
}

/* A 32-bit openat; the name must lie below 4 GiB. */
static int through_int80(const char *path)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int result;

	strcpy(low, path);
	asm volatile("int $0x80" : "=a"(result) : "a"(295), "b"(AT_FDCWD), "c"(low), "d"(O_RDONLY), "S"(0) : "memory");
	return result;
}

int main(int count, char **arguments)
{
	if (count < 3)
		return 2;
	printf("%d\n", strcmp(arguments[1], "uring") ? through_int80(arguments[2]) : through_uring(arguments[2]));
	return 0;
}
