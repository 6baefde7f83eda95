/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Appends sections to the frame in the scratch space; frame.size is the end of what is written. */
#ifndef PROBE_WRITER_H
#define PROBE_WRITER_H

#define READ_MAX 32767

INLINE void count_passed(u32 type)
{
	struct type_counters *count = bpf_map_lookup_elem(&counters, &type);

	if (count)
		count->passed += 1;
}

/* Empties the frame, but for its marks. */
INLINE void frame_begin(struct scratch *s, u16 type)
{
	s->frame.size = sizeof(struct frame);
	s->frame.type = type;
	s->frame.cpu = bpf_get_smp_processor_id();
	s->frame.time = bpf_ktime_get_boot_ns();
	s->frame.result = 0;
	s->frame.syscall = -1;
	s->frame.fd = 0;
	__builtin_memset(s->frame.args, 0, sizeof(s->frame.args));
	__builtin_memset(s->frame.extra, 0, sizeof(s->frame.extra));
	__builtin_memset(&s->frame.fd_inode, 0, sizeof(struct frame) - __builtin_offsetof(struct frame, fd_inode));
}

/* The processor's scratch space with no frame begun, or NULL where a program was interrupted by another one. */
INLINE struct scratch *scratch_take(u16 type)
{
	u32 cpu = bpf_get_smp_processor_id();
	struct scratch *s = bpf_map_lookup_elem(&scratches, &cpu);

	if (!s)
		return NULL;
	if (s->busy) {
		count_passed(type);
		count_drop(DROP_SCRATCH_BUSY);
		return NULL;
	}
	s->busy = 1;
	s->frame.marks = 0;
	return s;
}

/* The processor's scratch space with an empty frame. */
INLINE struct scratch *scratch_open(u16 type)
{
	struct scratch *s = scratch_take(type);

	if (s)
		frame_begin(s, type);
	return s;
}

INLINE void scratch_close(struct scratch *s)
{
	s->busy = 0;
}

/* Where the next section goes; never more than FRAME_MAX, so that READ_MAX bytes and more fit behind it. */
INLINE u64 frame_end(struct scratch *s)
{
	u64 end = BOUNDED(s->frame.size, 0x1ffff);

	return end > FRAME_MAX ? FRAME_MAX : end;
}

/* Takes up what was written at the frame's end as a section. What doesn't fit is left out and marked. */
INLINE void section_take(struct scratch *s, u32 section, u64 length)
{
	u64 end = frame_end(s);

	if (end + length > FRAME_MAX) {
		s->frame.marks |= MARK_TRUNCATED;
		length = FRAME_MAX - end;
	}
	if (section >= SECTION_COUNT)
		return;
	s->frame.sections[section].offset = end;
	s->frame.sections[section].length = length;
	s->frame.size = end + length;
}

/* Appends bytes of kernel memory. */
OUTLINE void section_kernel(struct scratch *s, u32 section, const void *from, u64 length)
{
	u64 end = frame_end(s);

	if (length > READ_MAX)
		length = READ_MAX;
	length = BOUNDED(length, READ_MAX);
	if (bpf_probe_read_kernel(s->bytes + end, length, from))
		return;
	section_take(s, section, length);
}

OUTLINE void section_kernel_text(struct scratch *s, u32 section, const void *from)
{
	long length = bpf_probe_read_kernel_str(s->bytes + frame_end(s), PATH_MAX, from);

	if (length > 0)
		section_take(s, section, BOUNDED(length - 1, READ_MAX));
}

/* Appends bytes of the caller's memory. */
OUTLINE void section_user(struct scratch *s, u32 section, u64 from, u64 length, u64 limit)
{
	u64 end = frame_end(s);

	if (length > limit) {
		length = limit;
		s->frame.marks |= MARK_TRUNCATED;
	}
	if (length > READ_MAX)
		length = READ_MAX;
	length = BOUNDED(length, READ_MAX);
	if (bpf_probe_read_user(s->bytes + end, length, (void *)from)) {
		s->frame.marks |= MARK_READ_FAULT;
		return;
	}
	section_take(s, section, length);
}

OUTLINE void section_user_text(struct scratch *s, u32 section, u64 from)
{
	long length = bpf_probe_read_user_str(s->bytes + frame_end(s), PATH_MAX, (void *)from);

	if (length < 0) {
		if (from)
			s->frame.marks |= MARK_READ_FAULT;
		return;
	}
	if (length >= PATH_MAX)
		s->frame.marks |= MARK_TRUNCATED;
	if (length > 0)
		section_take(s, section, BOUNDED(length - 1, READ_MAX));
}

/* Appends the path in the real-path buffer. */
INLINE void section_real(struct scratch *s, u32 section)
{
	u32 start = s->real.start;

	section_kernel(s, section, s->real.bytes + BOUNDED(start, 0x1fff), KEY_HEAD + PATH_MAX - start);
}

/* Appends a kernel path, using the real-path buffer on the way. */
OUTLINE void section_path(struct scratch *s, u32 section, struct dentry *dentry, struct vfsmount *mount)
{
	if (!dentry || !mount)
		return;
	walk_path(s->real.bytes, &s->real.start, dentry, mount, &s->frame.marks);
	section_real(s, section);
}

INLINE void section_same(struct scratch *s, u32 section, u32 as)
{
	s->frame.sections[section] = s->frame.sections[as];
}

/* Rounds the frame up and gives its size. What it is filled up with must not be what an earlier frame left there. */
INLINE u64 frame_finish(struct scratch *s)
{
	u64 end = frame_end(s);
	u64 size = BOUNDED((end + 7) & ~7ULL, 0x1ffff);

	*(u64 *)(s->bytes + end) = 0;
	if (size > FRAME_MAX)
		size = FRAME_MAX;
	s->frame.size = size;
	return size;
}

/* Whether this frame wakes the drain: the flags for bpf_ringbuf_output. */
INLINE u64 wake_flags(void)
{
	u32 zero = 0;
	struct wake *wake = bpf_map_lookup_elem(&wakes, &zero);

	if (!wake || wake->woken)
		return BPF_RB_NO_WAKEUP;
	if (!wake->armed && bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) < wake->crowded)
		return BPF_RB_NO_WAKEUP;
	wake->woken = 1;
	return BPF_RB_FORCE_WAKEUP;
}

/* Hands the frame to user space. */
INLINE void frame_submit(struct scratch *s)
{
	if (bpf_ringbuf_output(&ring, &s->frame, frame_finish(s), wake_flags()))
		count_drop(DROP_RING_FULL);
}

#endif
