/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The numbers of EVENT_TYPES in packages/event; a test holds the two together. */
#ifndef PROBE_TYPES_H
#define PROBE_TYPES_H

#define EVENT_TYPE_NAMES(X)                                                                                            \
	X(execve) X(execveat) X(clone) X(procexit) X(open) X(openat) X(openat2) X(creat) X(connect) X(accept)          \
	X(accept4) X(listen) X(sendto) X(sendmsg) X(recvfrom) X(recvmsg) X(socket) X(dup) X(dup2) X(dup3) X(symlink)   \
	X(symlinkat) X(link) X(linkat) X(unlink) X(unlinkat) X(rmdir) X(rename) X(renameat) X(renameat2) X(mkdir)      \
	X(mkdirat) X(chmod) X(fchmod) X(fchmodat) X(setuid) X(setns) X(unshare) X(ptrace) X(bpf) X(init_module)        \
	X(finit_module) X(userfaultfd)

#define EVENT_TYPE_NUMBER(name) TYPE_##name,

enum event_type { EVENT_TYPE_NAMES(EVENT_TYPE_NUMBER) TYPE_COUNT };

#endif
