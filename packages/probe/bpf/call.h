/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Entering and leaving a hook on a system call's exit. */
#ifndef PROBE_CALL_H
#define PROBE_CALL_H

INLINE void count_seen(u32 type)
{
	struct type_counters *count = bpf_map_lookup_elem(&counters, &type);

	if (count)
		count->seen += 1;
}

INLINE struct control *controls_now(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&controls, &zero);
}

/* Admits an event of a process's life, which no filter holds back. */
INLINE struct scratch *life_begin(u32 type)
{
	struct control *control = controls_now();

	if (!control || control->stopped)
		return NULL;
	count_seen(type);
	return scratch_open(type);
}

/* The engine's own processes are told by pid and start, never by name. */
INLINE bool is_ignored(struct control *control, struct task_struct *task)
{
	u32 pid = READ(task, tgid);
	u32 count = control->ignored_count;

	for (u32 i = 0; i < MAX_IGNORED; i++) {
		if (i >= count)
			break;
		if (control->ignored[i].pid == pid &&
		    control->ignored[i].start_ticks == READ(READ(task, group_leader), start_boottime) / 10000000)
			return true;
	}
	return false;
}

INLINE bool is_compat(struct task_struct *task)
{
	return READ(task, thread_info.status) & TS_COMPAT;
}

#define NR32_SETUID16 23
#define NR32_SOCKETCALL 102
#define NR32_SETUID 213

/* 32-bit programs may make socket calls through one call, whose second argument points to the real one's. */
INLINE void read_socketcall(struct frame *f, u64 from)
{
	u32 list[CALL_ARGS] = {};

	/* The shortest list has two members; more than it has may not be readable. */
	if (bpf_probe_read_user(list, sizeof(list), (void *)from) && bpf_probe_read_user(list, 12, (void *)from) &&
	    bpf_probe_read_user(list, 8, (void *)from))
		f->marks |= MARK_READ_FAULT;
	for (u32 i = 0; i < CALL_ARGS; i++)
		f->args[i] = list[i];
}

/* Reads the call's number and arguments; at a call's exit they are still in the saved registers. */
INLINE void read_call(struct frame *f, struct task_struct *task, s64 result)
{
	struct pt_regs *regs = task_registers(task);

	f->result = result;
	f->syscall = (s32)READ(regs, orig_ax);
	if (is_compat(task)) {
		f->marks |= MARK_COMPAT;
		if (f->syscall == NR32_SOCKETCALL) {
			read_socketcall(f, (u32)READ(regs, cx));
			return;
		}
		f->args[0] = (u32)READ(regs, bx);
		f->args[1] = (u32)READ(regs, cx);
		f->args[2] = (u32)READ(regs, dx);
		f->args[3] = (u32)READ(regs, si);
		f->args[4] = (u32)READ(regs, di);
		f->args[5] = (u32)READ(regs, bp);
		return;
	}
	f->args[0] = READ(regs, di);
	f->args[1] = READ(regs, si);
	f->args[2] = READ(regs, dx);
	f->args[3] = READ(regs, r10);
	f->args[4] = READ(regs, r8);
	f->args[5] = READ(regs, r9);
}

INLINE u32 outcome(s64 result)
{
	return result < 0 ? CLASS_FAILED : CLASS_SUCCEEDED;
}

/*
 * Admits a call's event: NULL where it is not wanted. `classes` is what the call is beside its outcome. Where
 * `has_paths`, the caller shows them to the filter and then asks for s->passed. No frame is begun.
 */
INLINE struct scratch *call_admit(u32 type, struct task_struct *task, s64 result, u32 classes, bool has_paths)
{
	struct control *control = controls_now();
	struct type_filter *filter;
	struct scratch *s;
	u64 left = ~0ULL;
	u32 set;

	if (!control || control->stopped || is_ignored(control, task))
		return NULL;
	count_seen(type);
	set = type | (control->generation ? FILTER_GENERATION : 0);
	filter = filter_of(set);
	if (!filter)
		return NULL;
	if (filter->active) {
		left = clauses_left(filter, classes | outcome(result) | (has_paths ? CLASS_DOTDOT : 0), task, control);
		if (!left)
			return NULL;
	}
	s = scratch_take(type);
	if (!s)
		return NULL;
	s->filter_set = set;
	s->clauses = left;
	s->passed = !filter->active || !has_paths;
	if (left & filter->any_path & ~filter->needs_dotdot)
		s->passed = 1;
	return s;
}

/* As call_admit, and begins the frame. The caller ends with call_submit or scratch_close. */
INLINE struct scratch *call_begin(u32 type, struct task_struct *task, s64 result, bool has_paths)
{
	struct scratch *s = call_admit(type, task, result, 0, has_paths);

	if (!s)
		return NULL;
	frame_begin(s, type);
	read_call(&s->frame, task, result);
	return s;
}

INLINE struct scratch *call_open(u32 type, struct task_struct *task, s64 result)
{
	return call_begin(type, task, result, false);
}

INLINE void call_submit(struct scratch *s, struct task_struct *task)
{
	fill_task(s, task);
	count_passed(s->frame.type);
	frame_submit(s);
	scratch_close(s);
}

/* What the tracepoints syscalls:sys_exit_* give. */
struct sys_exit_context {
	u64 common;
	s64 number;
	s64 result;
};

/*
 * Two programs for one handler: `tp_<name>` on the call's own tracepoint, `raw_<name>` called by the program on
 * sys_exit. Only one of the two is loaded.
 */
#define ON_SYSCALL_EXIT(name, handler)                                                                                 \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                                     \
	int tp_##name(struct sys_exit_context *context)                                                                \
	{                                                                                                              \
		handler(context->result);                                                                              \
		return 0;                                                                                              \
	}                                                                                                              \
	SEC("tp_btf/sys_exit")                                                                                         \
	int raw_##name(u64 *context)                                                                                   \
	{                                                                                                              \
		handler((s64)context[1]);                                                                              \
		return 0;                                                                                              \
	}

/* A program whose body is `statement`, which has the call's `result`. */
#define CALL(name, statement)                                                                                          \
	INLINE void on_exit_of_##name(s64 result)                                                                      \
	{                                                                                                              \
		statement;                                                                                             \
	}                                                                                                              \
	ON_SYSCALL_EXIT(name, on_exit_of_##name)

#endif
