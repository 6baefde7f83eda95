/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PROBE_MAPS_H
#define PROBE_MAPS_H

#define MAX_TYPES 64

#define PATH_MAX 4096
/* Room for a trie's key in front of a path and for its longest key behind it. */
#define KEY_HEAD 16
#define KEY_TAIL 272

/* A path written from its end: the text is bytes[start .. KEY_HEAD + PATH_MAX). */
struct path_buffer {
	u8 bytes[KEY_HEAD + PATH_MAX + KEY_TAIL];
	u32 start;
	u32 marks; /* an alias's own: a walk that ran short of room tells nothing of the event */
};

/* The caller's name with room in front for the directory it starts from: base, '/', name lie side by side. */
struct name_buffer {
	u8 bytes[KEY_HEAD + PATH_MAX + 8 + PATH_MAX + KEY_TAIL];
	u32 base_start;
	u32 base_length;
	u32 length; /* of the name */
	u32 start;  /* of what is judged; a '/' stands there */
	u32 end;    /* of what is judged, the last '/' left out */
	u32 reserved;
	u64 odd;    /* a component is empty, `.` or `..` */
	u64 up;	    /* `..` stands in it, be it within a component */
};

#define NAME_START (KEY_HEAD + PATH_MAX + 1)

struct suffix_key {
	u32 set;
	u32 length;
	u8 text[56];
};

#define URING_NAME 1024

/* An open that was submitted through io_uring and is not complete. */
struct uring_open {
	s32 dirfd;
	u32 direct; /* its file gets no descriptor */
	u64 flags;
	u64 mode;
	u64 resolve;
	char name[URING_NAME];
};

/* What one processor needs to make a frame. A frame may be written past its limit before it is refused. */
struct scratch {
	u32 busy;
	u32 filter_set; /* the filter's generation and type */
	u64 clauses;	/* those that may still accept the event */
	u32 passed;	/* one has */
	u32 reserved;
	struct suffix_key suffix;
	struct uring_open uring;
	struct path_buffer real;
	struct path_buffer alias;
	struct name_buffer name;
	union {
		struct frame frame;
		u8 bytes[2 * (FRAME_MAX + 8)];
	};
};

/* One element a processor. A per-CPU map would not do: its values end at 32 KiB. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 23);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct wake);
} wakes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct control);
} controls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MAX_TYPES);
	__type(key, u32);
	__type(value, struct type_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DROP_COUNT);
	__type(key, u32);
	__type(value, u64);
} drops SEC(".maps");

const volatile struct settings settings SEC(".rodata.settings") = {
	.cgroup_hierarchy = CGROUP_UNIFIED,
	.max_args = 16384,
	.max_env = 32767,
	.max_data = 80,
};

INLINE void count_drop(u32 cause)
{
	u64 *count = bpf_map_lookup_elem(&drops, &cause);

	if (count)
		*count += 1;
}

#endif
