/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Who did it: the task's part of a frame. */
#ifndef PROBE_TASK_H
#define PROBE_TASK_H

/* A pid as the namespace `level` sees it. */
INLINE u32 pid_at(struct pid *pid, u32 level)
{
	struct upid upid = {};
	u32 own = READ(pid, level);

	if (level > own)
		level = own;
	bpf_probe_read_kernel(&upid.nr, sizeof(upid.nr),
			      EMBEDDED(pid, numbers) + level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, nr));
	return upid.nr;
}

INLINE struct pid_namespace *namespace_at(struct pid *pid, u32 level)
{
	struct pid_namespace *found = NULL;

	bpf_probe_read_kernel(&found, sizeof(found),
			      EMBEDDED(pid, numbers) + level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	return found;
}

INLINE u32 task_tty(struct signal_struct *signal)
{
	struct tty_struct *tty = READ(signal, tty);
	struct tty_driver *driver;
	u32 minor;

	if (!tty)
		return 0;
	driver = READ(tty, driver);
	if (!driver)
		return 0;
	minor = READ(driver, minor_start) + READ(tty, index);
	return (minor & 0xff) | READ(driver, major) << 8 | (minor & ~0xffU) << 12;
}

INLINE struct cgroup *subsystem_cgroup(struct css_set *set, u32 id)
{
	struct cgroup_subsys_state *state = NULL;

	bpf_probe_read_kernel(&state, sizeof(state), EMBEDDED(set, subsys) + (id & 15) * sizeof(void *));
	return state ? READ(state, cgroup) : NULL;
}

INLINE struct cgroup *task_cgroup(struct css_set *set)
{
	switch (settings.cgroup_hierarchy) {
	case CGROUP_MEMORY:
		return subsystem_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
	case CGROUP_PIDS:
		return subsystem_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id));
	case CGROUP_DEVICES:
		return subsystem_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, devices_cgrp_id));
	case CGROUP_CPU:
		return subsystem_cgroup(set, bpf_core_enum_value(enum cgroup_subsys_id, cpu_cgrp_id));
	}
	return READ(set, dfl_cgrp);
}

/* Uses the real-path buffer. */
OUTLINE void section_cgroup(struct scratch *s, struct task_struct *task)
{
	struct css_set *set = READ(task, cgroups);
	struct cgroup *group = set ? task_cgroup(set) : NULL;

	if (!group)
		return;
	walk_cgroup(s->real.bytes, &s->real.start, READ(group, kn));
	section_real(s, SECTION_CGROUP);
}

/* Fills the header's task part and the control group's section. */
OUTLINE void fill_task(struct scratch *s, struct task_struct *task)
{
	struct frame *f = &s->frame;
	struct task_struct *leader = READ(task, group_leader);
	struct signal_struct *signal = READ(task, signal);
	const struct cred *cred = READ(task, cred);
	struct nsproxy *nsproxy = READ(task, nsproxy);
	struct pid *pid = READ(task, thread_pid);
	u32 level = 0;

	f->tid = READ(task, pid);
	f->pid = READ(task, tgid);
	f->ppid = READ(READ(task, real_parent), tgid);
	f->uid = READ(cred, uid.val);
	f->gid = READ(cred, gid.val);
	f->euid = READ(cred, euid.val);
	f->egid = READ(cred, egid.val);
	f->cap_inheritable = READ(cred, cap_inheritable.val);
	f->cap_permitted = READ(cred, cap_permitted.val);
	f->cap_effective = READ(cred, cap_effective.val);
	f->loginuid = bpf_core_field_exists(task->loginuid) ? READ(task, loginuid.val) : ~0U;
	f->tty = task_tty(signal);
	f->start_time = READ(leader, start_boottime);
	f->mount_namespace = nsproxy ? READ(READ(nsproxy, mnt_ns), ns.inum) : 0;
	f->pid_namespace = 0;
	f->pid_namespace_start = 0;
	bpf_probe_read_kernel(f->comm, sizeof(f->comm), EMBEDDED(task, comm));
	f->sid = f->vsid = f->pgid = f->vpgid = f->vtid = f->vpid = 0;
	if (pid) {
		struct pid *group = READ(signal, pids[PIDTYPE_PGID]);
		struct pid *session = READ(signal, pids[PIDTYPE_SID]);
		struct pid *own = READ(leader, thread_pid);
		struct pid_namespace *ns;

		level = READ(pid, level) & 31;
		f->vtid = level ? pid_at(pid, level) : f->tid;
		f->vpid = level && own ? pid_at(own, level) : f->pid;
		if (group) {
			f->pgid = pid_at(group, 0);
			f->vpgid = level ? pid_at(group, level) : f->pgid;
		}
		if (session) {
			f->sid = pid_at(session, 0);
			f->vsid = level ? pid_at(session, level) : f->sid;
		}
		ns = namespace_at(pid, level);
		if (ns) {
			struct task_struct *init = READ(ns, child_reaper);

			f->pid_namespace = READ(ns, ns.inum);
			if (init)
				f->pid_namespace_start = READ(init, start_boottime);
		}
	}
	section_cgroup(s, task);
}

/* The file behind a descriptor, or NULL. */
INLINE struct file *task_file(struct task_struct *task, s64 fd)
{
	struct files_struct *files = READ(task, files);
	struct fdtable *table;
	struct file *file = NULL;

	if (fd < 0 || !files)
		return NULL;
	table = READ(files, fdt);
	if ((u64)fd >= READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), READ(table, fd) + fd);
	return file;
}

#endif
