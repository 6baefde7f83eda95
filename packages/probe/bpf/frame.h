/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The layout of a frame: what the kernel programs write, the addon moves and TypeScript reads.
 *
 * A frame is this struct followed by its sections. All numbers are little-endian, as the machine has them. A section is
 * bytes without a terminator; its offset counts from the start of the frame, and a length of zero means it is absent.
 * `make layout` writes src/frame-layout.ts from this file, and a test compares the two through the addon.
 */
#ifndef PROBE_FRAME_H
#define PROBE_FRAME_H

#include <linux/types.h>

/* Goes up whenever a frame of the old layout would be misread; captures store it. */
#define FRAME_VERSION 1

/* A section's offset and length are 16 bits wide. */
#define FRAME_MAX 65528

#define COMM_LENGTH 16
#define CALL_ARGS 6

enum frame_section {
	SECTION_CGROUP,
	SECTION_PATH0_RAW,
	SECTION_PATH0_BASE,
	SECTION_PATH0_REAL,
	SECTION_PATH1_RAW,
	SECTION_PATH1_BASE,
	SECTION_PATH0_ALIAS, /* another path of an opened file, see alias.h */
	SECTION_FD_PATH, /* the descriptor's path; for an anonymous inode its name */
	SECTION_EXE_PATH,
	SECTION_CWD,
	SECTION_ARGS, /* NUL-separated, argv[0] first */
	SECTION_ENV,
	SECTION_SOCKADDR, /* the caller's address, as it was passed */
	SECTION_DATA,
	SECTION_TEXT,
	SECTION_UNIX_LOCAL, /* sun_path without the family */
	SECTION_UNIX_REMOTE,
	SECTION_IMAGE, /* struct frame_image */
	SECTION_COUNT,
};

/* Bits of frame.marks. */
enum frame_mark {
	MARK_TRUNCATED = 1 << 0,
	MARK_IO_URING = 1 << 1,
	MARK_COMPAT = 1 << 2,
	MARK_READ_FAULT = 1 << 3, /* some of the caller's memory could not be read */
	MARK_FD = 1 << 4,	  /* fd holds a descriptor number */
	MARK_WALKING = 1 << 31,	  /* never in a finished frame */
};

/* Bits of frame.fd_flags. */
enum frame_fd_flag {
	FD_CREATED = 1 << 0,
	FD_CONNECTED = 1 << 1,
	FD_NAME_CHANGED = 1 << 2,
	FD_UPPER_LAYER = 1 << 3, /* of an overlay */
	FD_LOWER_LAYER = 1 << 4,
};

enum frame_role {
	ROLE_UNKNOWN,
	ROLE_CLIENT,
	ROLE_SERVER,
};

struct frame_span {
	__u16 offset;
	__u16 length;
};

struct frame {
	__u32 size; /* of the whole frame, a multiple of eight */
	__u16 type; /* index into EVENT_TYPES, or one of the FRAME_TYPE_ numbers */
	__u16 cpu;
	__u64 time; /* nanoseconds since boot, suspension included */
	__s64 result;
	__u32 marks;
	__s32 syscall;
	__u32 tid;
	__u32 pid;
	__u32 ppid;
	__u32 vtid;
	__u32 vpid;
	__u32 uid;
	__u32 gid;
	__u32 euid;
	__u32 egid;
	__u32 loginuid;
	__u32 sid;
	__u32 vsid;
	__u32 pgid;
	__u32 vpgid;
	__u32 tty;
	__u32 pid_namespace;
	__u32 mount_namespace;
	__s32 fd;
	__u64 start_time;
	__u64 pid_namespace_start;
	__u64 cap_inheritable;
	__u64 cap_permitted;
	__u64 cap_effective;
	char comm[COMM_LENGTH];
	__u64 args[CALL_ARGS];
	__u64 extra[3]; /* what a call returns through pointers; see the hook */
	__u64 fd_inode;
	__u32 fd_device; /* as the kernel has it: major << 20 | minor */
	__u32 fd_magic;	 /* of the file system */
	__u16 fd_mode;
	__u8 fd_flags;
	__u8 socket_role;
	__u16 socket_family;
	__u8 socket_protocol;
	__u8 socket_state;
	__u16 socket_local_port;
	__u16 socket_remote_port;
	__u16 socket_type;
	__u16 reserved;
	__u8 socket_local[16];
	__u8 socket_remote[16];
	struct frame_span sections[SECTION_COUNT];
};

/* Bits of frame_image.flags: Falco's numbers for the exec's `flags` parameter. */
enum image_flag {
	IMAGE_WRITABLE = 1 << 0,
	IMAGE_UPPER_LAYER = 1 << 1,
	IMAGE_FROM_MEMFD = 1 << 2,
	IMAGE_LOWER_LAYER = 1 << 3,
};

/* What an exec or a fork tells about the process, beside the sections. */
struct frame_image {
	__u64 inode;
	__u64 ctime; /* nanoseconds since the epoch */
	__u64 mtime;
	__u64 fd_limit;
	__u64 major_faults;
	__u64 minor_faults;
	__u32 vm_size; /* kilobytes */
	__u32 vm_rss;
	__u32 vm_swap;
	__u32 flags;
};

/* Frame types outside EVENT_TYPES. */
#define FRAME_TYPE_SNAPSHOT 0xff00

#endif
