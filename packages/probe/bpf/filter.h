/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The rule set's part in the kernel: an event that no rule could match ends here.
 *
 * A type's filter is up to 64 clauses, each a bit of a mask. What a call's classes allow is looked up in a table, the
 * caller's namespaces and the paths clear or confirm the rest. Two generations lie in every map, told apart by a bit of the
 * key: user space fills the one that is not in force and then switches. See src/filter-encoding.ts for the other side.
 */
#ifndef PROBE_FILTER_H
#define PROBE_FILTER_H

#define PATTERN_BYTES 252
#define SUFFIX_BYTES 56
#define SUFFIX_LENGTHS 8

struct prefix_key {
	u32 bits;
	u8 set; /* generation and type */
	u8 text[255];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix_key);
	__type(value, u64);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct suffix_key);
	__type(value, u64);
} suffixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * MAX_TYPES);
	__type(key, u32);
	__type(value, struct type_filter);
} filters SEC(".maps");

INLINE struct type_filter *filter_of(u32 set)
{
	return bpf_map_lookup_elem(&filters, &set);
}

/* As the container of an event is told: in a pid or a mount namespace that is not the host's. */
INLINE bool is_contained(struct task_struct *task, struct control *control)
{
	struct nsproxy *nsproxy = READ(task, nsproxy);
	struct pid *pid = READ(task, thread_pid);
	struct pid_namespace *ns;

	if (!control->host_pid_namespace || !control->host_mount_namespace || !nsproxy || !pid)
		return true;
	if (READ(READ(nsproxy, mnt_ns), ns.inum) != control->host_mount_namespace)
		return true;
	ns = namespace_at(pid, READ(pid, level) & 31);
	return !ns || READ(ns, ns.inum) != control->host_pid_namespace;
}

/* The clauses that the call's classes and its task leave. DOTDOT in `classes` means that it is not known yet. */
INLINE u64 clauses_left(struct type_filter *filter, u32 classes, struct task_struct *task, struct control *control)
{
	u64 left = filter->by_class[classes & (CLASS_COMBINATIONS - 1)];

	if (classes & CLASS_DOTDOT)
		left |= filter->by_class[classes & (CLASS_COMBINATIONS - 1) & ~CLASS_DOTDOT];
	if (left & filter->needs_contained && !is_contained(task, control))
		left &= ~filter->needs_contained;
	return left;
}

/* The number of a word's only bit: a de Bruijn sequence has a different top in each of its 64 shifts. */
#define DE_BRUIJN 0x03f79d71b4cb0a89ULL

const u8 bit_numbers[64] = {
	0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,	62, 55, 59, 36, 53, 51,
	43, 22, 45, 39, 33, 30, 24, 18, 12, 5,	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
	44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
};

INLINE u32 lowest_bit(u64 bits)
{
	return bit_numbers[((bits & -bits) * DE_BRUIJN) >> 58];
}

OUTLINE u64 suffix_clauses(struct scratch *s, struct type_filter *filter, const u8 *end, u32 length)
{
	struct suffix_key *key = &s->suffix;
	u64 clauses = 0;
	u8 last = 0;
	u64 lengths;

	bpf_probe_read_kernel(&last, 1, end - 1);
	lengths = filter->suffix_lengths[last];
	key->set = s->filter_set;
	for (u32 i = 0; i < SUFFIX_LENGTHS; i++) {
		u32 bytes;
		u64 *found;

		if (!lengths)
			break;
		bytes = BOUNDED(lowest_bit(lengths), 63);
		lengths &= lengths - 1;
		if (bytes > length || bytes > SUFFIX_BYTES)
			break;
		__builtin_memset(key->text, 0, sizeof(key->text));
		bpf_probe_read_kernel(key->text, bytes, end - bytes);
		key->length = bytes;
		found = bpf_map_lookup_elem(&suffixes, key);
		if (found)
			clauses |= *found;
	}
	return clauses;
}

/* Which buffer a path lies in. */
#define PATH_REAL 0
#define PATH_NAME 1
#define PATH_ALIAS 2

/*
 * The clauses one of whose patterns matches the path of `length` bytes at `start` of a buffer, which a NUL must follow.
 * Writes the key's head over the five bytes in front of it.
 */
CHECKED_ONCE u64 path_clauses(struct scratch *s, u32 which, u32 start, u32 length)
{
	struct type_filter *filter;
	u64 clauses = 0;
	u64 at = BOUNDED(start, 0x3fff);
	u8 *bytes;

	if (!s)
		return 0;
	filter = filter_of(s->filter_set);
	if (!filter)
		return 0;
	bytes = which == PATH_NAME ? s->name.bytes : which == PATH_ALIAS ? s->alias.bytes : s->real.bytes;
	if (which != PATH_NAME && at > KEY_HEAD + PATH_MAX)
		return 0;
	if (at < KEY_HEAD || at > NAME_START || !length)
		return 0;
	if (filter->has_prefixes) {
		struct prefix_key *key = (void *)(bytes + at - 5);
		u32 used = length + 1 > PATTERN_BYTES ? PATTERN_BYTES : length + 1;
		u64 *found;

		key->bits = (used + 1) * 8;
		key->set = s->filter_set;
		found = bpf_map_lookup_elem(&prefixes, key);
		if (found)
			clauses = *found;
	}
	if (filter->has_suffixes && length < 2 * PATH_MAX)
		clauses |= suffix_clauses(s, filter, bytes + at + length, length);
	return clauses;
}

/*
 * Confirms clauses by the name that read_name read, as it stands with its base in front. A name that needs tidying first
 * is left to user space, but for the two common ones: a last '/', with which and without which it is tried, and `.`.
 */
OUTLINE void filter_name(struct scratch *s, struct type_filter *filter)
{
	struct name_buffer *name = &s->name;
	u32 start = NAME_START;
	u32 length = name->length;
	bool dot = length == 1 && name->bytes[NAME_START] == '.';
	u64 last = BOUNDED(NAME_START + length - 1 - dot, 0x3fff);
	bool slash = dot || ends_in_slash(name);
	u64 found;

	if (s->passed)
		return;
	if (!name->up)
		s->clauses &= ~filter->needs_dotdot;
	if ((name->odd && !dot) || !length || s->frame.marks & MARK_TRUNCATED) {
		s->passed = s->clauses != 0;
		return;
	}
	if (dot) {
		name->bytes[NAME_START] = 0;
		length = 0;
	}
	if (name->base_length == 1) {
		start = NAME_START - 1;
		length += 1;
	} else if (name->base_length) {
		start = name->base_start;
		length += name->base_length + 1;
	}
	found = filter->any_path;
	for (u32 i = 0; i < 2; i++) {
		found |= path_clauses(s, PATH_NAME, start, length);
		if (!slash || length <= 1 || i)
			break;
		name->bytes[last] = 0;
		length--;
	}
	if (slash)
		name->bytes[last] = '/';
	if (dot)
		name->bytes[NAME_START] = '.';
	if (name->base_length == 1)
		name->bytes[NAME_START - 2] = '/';
	s->passed = (s->clauses & found) != 0;
}

/* Confirms clauses by the kernel's path, as it lies in the real-path buffer. */
INLINE void filter_real(struct scratch *s, struct type_filter *filter)
{
	u32 start = s->real.start;

	if (s->passed)
		return;
	if (s->frame.marks & MARK_TRUNCATED) {
		s->passed = s->clauses != 0;
		return;
	}
	s->real.bytes[KEY_HEAD + PATH_MAX] = 0;
	s->passed = (s->clauses & path_clauses(s, PATH_REAL, start, KEY_HEAD + PATH_MAX - start)) != 0;
}

#endif
