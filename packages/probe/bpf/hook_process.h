/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The life of a process: exec, fork and exit; and the execs that failed. */

#define NR_execveat 322

/*
 * A success is seen here and a failure at the call's exit, since a success leaves new registers behind; the number of
 * the call alone survives.
 */
SEC("tp_btf/sched_process_exec")
int sched_process_exec(u64 *context)
{
	struct task_struct *task = (struct task_struct *)context[0];
	struct linux_binprm *bprm = (struct linux_binprm *)context[2];
	s32 number = (s32)READ(task_registers(current_task()), orig_ax);
	u32 type = number == NR_execveat && !is_compat(current_task()) ? TYPE_execveat : TYPE_execve;
	struct scratch *s;

	s = life_begin(type);
	if (!s)
		return 0;
	s->frame.syscall = number;
	section_kernel_text(s, SECTION_PATH0_RAW, READ(bprm, filename));
	section_image(s, task, READ(bprm, file));
	section_arguments(s, READ(task, mm), true);
	call_submit(s, task);
	return 0;
}

#define NR_clone 56
#define NR_vfork 58
#define NR_clone3 435
#define CLONE_VM 0x100
#define CLONE_VFORK 0x4000

/* The flags of the call that makes a process. */
INLINE u64 fork_flags(struct task_struct *parent)
{
	struct pt_regs *regs = task_registers(parent);
	u64 flags = 0;

	if (is_compat(parent))
		return 0;
	switch (READ(regs, orig_ax)) {
	case NR_clone:
		return READ(regs, di);
	case NR_vfork:
		return CLONE_VM | CLONE_VFORK;
	case NR_clone3:
		bpf_probe_read_user(&flags, sizeof(flags), (void *)READ(regs, di));
	}
	return flags;
}

/*
 * One event for a new process, as the child; none for a thread. It runs in the parent, whose memory the child shares.
 * extra: the flags.
 */
SEC("tp_btf/sched_process_fork")
int sched_process_fork(u64 *context)
{
	struct task_struct *child = (struct task_struct *)context[1];
	struct mm_struct *mm = READ(child, mm);
	struct scratch *s;

	if (READ(child, pid) != READ(child, tgid))
		return 0;
	s = life_begin(TYPE_clone);
	if (!s)
		return 0;
	s->frame.extra[0] = fork_flags(current_task());
	section_image(s, child, mm ? READ(mm, exe_file) : NULL);
	section_arguments(s, mm, false);
	call_submit(s, child);
	return 0;
}

#define MAX_REAPER_DEPTH 32

/* A process of which some thread has not ended. */
INLINE bool is_alive(struct signal_struct *signal)
{
	return READ(signal, live.counter) > 0;
}

/*
 * Who takes a process's children when its last thread ends: the nearest ancestor that prctl made a reaper, else its pid
 * namespace's init. 0 where it has no children or is the init itself.
 */
INLINE u32 reaper_of(struct task_struct *task)
{
	struct pid *pid = READ(task, thread_pid);
	struct signal_struct *signal = READ(task, signal);
	struct task_struct *init = NULL, *at = task;
	struct pid_namespace *ns;
	u32 level;

	if (!pid || (void *)READ(task, children.next) == EMBEDDED(task, children))
		return 0;
	level = READ(pid, level) & 31;
	ns = namespace_at(pid, level);
	if (ns)
		init = READ(ns, child_reaper);
	if (!init || READ(init, tgid) == READ(task, tgid))
		return 0;
	if (!BPF_CORE_READ_BITFIELD_PROBED(signal, has_child_subreaper))
		return READ(init, tgid);
	for (u32 i = 0; i < MAX_REAPER_DEPTH; i++) {
		at = READ(at, real_parent);
		pid = at ? READ(at, thread_pid) : NULL;
		if (!pid || READ(pid, level) != level || READ(at, tgid) == READ(init, tgid))
			break;
		signal = READ(at, signal);
		if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper) && is_alive(signal))
			return READ(at, tgid);
	}
	return READ(init, tgid);
}

/* One event for a process, when its last thread ends. extra: the exit code as wait(2) has it; who takes the children. */
SEC("tp_btf/sched_process_exit")
int sched_process_exit(u64 *context)
{
	struct task_struct *task = (struct task_struct *)context[0];
	struct signal_struct *signal = READ(task, signal);
	struct scratch *s;

	if (is_alive(signal))
		return 0;
	s = life_begin(TYPE_procexit);
	if (!s)
		return 0;
	s->frame.extra[0] = (u32)READ(task, exit_code);
	s->frame.extra[1] = reaper_of(task);
	fill_task(s, task);
	s->frame.tid = s->frame.pid;
	s->frame.vtid = s->frame.vpid;
	count_passed(TYPE_procexit);
	frame_submit(s);
	scratch_close(s);
	return 0;
}

#define ARGV_STRINGS 128
#define ARGV_STRINGS_BOUNDED 24

struct argv_walk {
	struct scratch *s;
	u64 from;
	u64 end;
	u32 limit;
	u32 width;
};

/* Copies one string of an argv in user memory; the strings stay NUL-separated as in the process's own memory. */
static long argv_step(u32 index, struct argv_walk *walk)
{
	struct scratch *s = walk->s;
	u64 pointer = 0;
	u64 end = BOUNDED(walk->end, 0xffff);
	long length;

	if (bpf_probe_read_user(&pointer, walk->width == 4 ? 4 : 8, (void *)(walk->from + index * walk->width))) {
		s->frame.marks |= MARK_READ_FAULT;
		return WALK_STOP;
	}
	if (!pointer)
		return WALK_STOP;
	length = bpf_probe_read_user_str(s->bytes + end, PATH_MAX, (void *)pointer);
	if (length <= 0) {
		s->frame.marks |= MARK_READ_FAULT;
		return WALK_STOP;
	}
	if (end + length > walk->limit) {
		s->frame.marks |= MARK_TRUNCATED;
		return WALK_STOP;
	}
	walk->end = end + length;
	return WALK_ON;
}

OUTLINE void section_argv(struct scratch *s, u32 section, u64 from, u32 limit)
{
	u64 start = frame_end(s);
	struct argv_walk walk = {
		.s = s,
		.from = from,
		.end = start,
		.limit = start + limit > FRAME_MAX ? FRAME_MAX : start + limit,
		.width = s->frame.marks & MARK_COMPAT ? 4 : 8,
	};

	if (!from)
		return;
#ifdef PROBE_LOOP
	bpf_loop(ARGV_STRINGS, argv_step, &walk, 0);
#else
	for (u32 i = 0; i < ARGV_STRINGS_BOUNDED; i++)
		if (argv_step(i, &walk) == WALK_STOP)
			break;
#endif
	section_take(s, section, walk.end - start);
}

INLINE void on_exec_failed(u32 type, s64 result)
{
	struct task_struct *task = current_task();
	struct mm_struct *mm;
	struct scratch *s;
	u32 first = type == TYPE_execveat;

	if (result >= 0)
		return;
	s = call_open(type, task, result);
	if (!s)
		return;
	read_name(s, task, first ? (s32)s->frame.args[0] : AT_FDCWD, s->frame.args[first]);
	section_name(s, SECTION_PATH0_RAW);
	mm = READ(task, mm);
	section_image(s, task, mm ? READ(mm, exe_file) : NULL);
	section_argv(s, SECTION_ARGS, s->frame.args[first + 1], settings.max_args);
	section_argv(s, SECTION_ENV, s->frame.args[first + 2], settings.max_env);
	call_submit(s, task);
}

CALL(execve, on_exec_failed(TYPE_execve, result))
CALL(execveat, on_exec_failed(TYPE_execveat, result))
