/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What user space sets: `settings` before the load, `control` at any time. Shared with the addon's layout. */
#ifndef PROBE_SETTINGS_H
#define PROBE_SETTINGS_H

#include <linux/types.h>

#define MAX_IGNORED 16
#define MAX_CPUS 512

/* Which hierarchy the cgroup path is read from. */
enum cgroup_hierarchy {
	CGROUP_UNIFIED,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_DEVICES,
	CGROUP_CPU,
};

struct settings {
	__u32 cgroup_hierarchy;
	__u32 max_args; /* bytes */
	__u32 max_env;
	__u32 max_data;
};

struct ignored_process {
	__u32 pid;
	__u32 reserved;
	__u64 start_ticks; /* of 10 ms since boot, as /proc/<pid>/stat has it */
};

struct control {
	__u32 generation; /* of the filter: 0 or 1 */
	__u32 ignored_count;
	__u32 stopped; /* nothing is made any more */
	__u32 host_pid_namespace; /* of the host's init; 0 where they are not known */
	__u32 host_mount_namespace;
	__u32 reserved;
	struct ignored_process ignored[MAX_IGNORED];
};

struct type_counters {
	__u64 seen;
	__u64 passed;
};

/* What a call asks for and how it went; the table of a type's filter is indexed by these together. */
enum call_class {
	CLASS_READ = 1 << 0,
	CLASS_WRITE = 1 << 1,
	CLASS_CREATE = 1 << 2,
	CLASS_TRUNCATE = 1 << 3,
	CLASS_SUCCEEDED = 1 << 4,
	CLASS_FAILED = 1 << 5,
	CLASS_DOTDOT = 1 << 6,
};
#define CLASS_COMBINATIONS 128

/* One event type's filter. A clause is a bit. */
struct type_filter {
	__u64 by_class[CLASS_COMBINATIONS]; /* the clauses whose classes are all there */
	__u64 any_path;			    /* the clauses that ask for no path */
	__u64 needs_dotdot;
	__u64 needs_contained;
	__u64 suffix_lengths[256]; /* by a suffix's last byte: bit n for a suffix of n bytes */
	__u32 active;		   /* 0: everything passes */
	__u16 has_prefixes;
	__u16 has_suffixes;
};

/*
 * How user space learns of frames. Waking a thread costs more than making a frame, so that while there are events the
 * drain looks into the ring from time to time instead; it asks to be woken when it sleeps for longer.
 */
struct wake {
	__u32 armed;   /* the next frame is to wake the drain */
	__u32 woken;   /* it has been, and has not looked since */
	__u64 crowded; /* bytes in the ring from which on it is woken in any case */
};

/* Which set a key is of: type + this for the second generation. */
#define FILTER_GENERATION 64

enum drop_cause {
	DROP_RING_FULL,
	DROP_SCRATCH_BUSY,
	DROP_COUNT,
};

#endif
