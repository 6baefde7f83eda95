/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The processes that run already, read in the kernel so that they agree with later events to the nanosecond. */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct scratch);
} scan_scratch SEC(".maps");

/* Arguments and environment are another process's memory: user space reads them from /proc. */
SEC("iter/task")
int scan_processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct mm_struct *mm;
	struct scratch *s;
	u32 zero = 0;
	u64 size;

	if (!task || READ(task, pid) != READ(task, tgid))
		return 0;
	s = bpf_map_lookup_elem(&scan_scratch, &zero);
	if (!s)
		return 0;
	s->frame.marks = 0;
	frame_begin(s, FRAME_TYPE_SNAPSHOT);
	mm = READ(task, mm);
	section_image(s, task, mm ? READ(mm, exe_file) : NULL);
	fill_task(s, task);
	size = frame_finish(s);
	bpf_seq_write(context->meta->seq, &s->frame, size);
	return 0;
}
