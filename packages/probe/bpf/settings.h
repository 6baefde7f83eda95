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
	struct ignored_process ignored[MAX_IGNORED];
};

struct type_counters {
	__u64 seen;
	__u64 passed;
};

enum drop_cause {
	DROP_RING_FULL,
	DROP_SCRATCH_BUSY,
	DROP_READ_FAULT,
	DROP_COUNT,
};

#endif
