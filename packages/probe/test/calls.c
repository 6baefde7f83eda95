// SPDX-License-Identifier: Apache-2.0
// Performs the call that its first argument names, in the folder of its second, and prints the result or -errno.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *name;

static int is(const char *other)
{
	return strcmp(name, other) == 0;
}

#define CALL(call, ...)                                                                                                \
	if (is(#call)) {                                                                                               \
		long result = syscall(SYS_##call, __VA_ARGS__);                                                        \
		printf("%ld\n", result < 0 ? -(long)errno : result);                                                   \
		return 0;                                                                                              \
	}

int main(int count, char **arguments)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_storage from;
	socklen_t from_length = sizeof(from);
	struct iovec vectors[2] = { { "hello ", 6 }, { "world", 5 } };
	char buffer[64];
	struct iovec into = { buffer, sizeof(buffer) };
	struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = vectors, .msg_iovlen = 2 };
	struct msghdr incoming = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &into, .msg_iovlen = 1 };
	unsigned long long how[3] = { O_RDWR | O_CREAT, 0600, 0x08 };
	socklen_t length = sizeof(to);

	if (count < 3 || chdir(arguments[2]))
		return 2;
	name = arguments[1];
	int dir = open(".", O_RDONLY | O_DIRECTORY);
	int file = open("file", O_RDWR | O_CREAT, 0644);
	int udp = socket(AF_INET, SOCK_DGRAM, 0);
	int server = socket(AF_INET, SOCK_DGRAM, 0);
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, (void *)&to, sizeof(to)) || bind(tcp, (void *)&to, sizeof(to)))
		return 3;
	getsockname(server, (void *)&to, &length);
	if (is("recvfrom") || is("recvmsg"))
		sendto(udp, "ping", 4, 0, (void *)&to, sizeof(to));

	CALL(open, "file", O_RDWR)
	CALL(openat, dir, "file", O_RDONLY)
	CALL(openat2, dir, "made", how, sizeof(how))
	CALL(creat, "created", 0600)
	CALL(listen, tcp, 7)
	CALL(sendto, udp, "hello world", 11, 0, &to, sizeof(to))
	CALL(sendmsg, udp, &message, 0)
	CALL(recvfrom, server, buffer, sizeof(buffer), 0, &from, &from_length)
	CALL(recvmsg, server, &incoming, 0)
	CALL(socket, AF_INET6, SOCK_DGRAM, 17)
	CALL(dup, file)
	CALL(dup2, tcp, 60)
	CALL(dup3, file, 61, O_CLOEXEC)
	CALL(symlink, "the target", "a-symlink")
	CALL(symlinkat, "the target", dir, "another-symlink")
	CALL(link, "file", "a-link")
	CALL(linkat, dir, "file", AT_FDCWD, "another-link", 0)
	CALL(unlink, "missing")
	CALL(unlinkat, dir, "missing", AT_REMOVEDIR)
	CALL(rmdir, "missing")
	CALL(rename, "missing", "other")
	CALL(renameat, dir, "missing", AT_FDCWD, "other")
	CALL(renameat2, dir, "missing", dir, "other", 1)
	CALL(mkdir, "a-directory", 0700)
	CALL(mkdirat, dir, "another-directory", 0711)
	CALL(chmod, "file", 0755)
	CALL(fchmod, file, 04755)
	CALL(fchmodat, dir, "file", 0600)
	CALL(setuid, getuid())
	CALL(setns, file, 0x20000)
	CALL(unshare, 0)
	CALL(ptrace, 16, 999999, 0x1234, 0x5678)
	CALL(bpf, 999, NULL, 0)
	CALL(init_module, "not a module", 12, "some=argument")
	CALL(finit_module, file, "some=argument", 3)
	CALL(userfaultfd, 01 | O_CLOEXEC)
	return 4;
}
