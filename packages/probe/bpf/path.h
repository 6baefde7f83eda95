/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Paths as the kernel has them, up to the root of the mount namespace: neither a symlink nor a chroot shortens them. */
#ifndef PROBE_PATH_H
#define PROBE_PATH_H

#define WALK_COMPONENTS 2048
#define WALK_COMPONENTS_BOUNDED 48
#define CGROUP_COMPONENTS_BOUNDED 12

#define WALK_ON 0
#define WALK_STOP 1

/* The position lies in map memory: the verifier forgets what it held, so one round stands for all. */
struct walk {
	struct dentry *dentry;
	struct vfsmount *mount;
	u8 *bytes;
	u32 *position;
	u32 *marks;
};

/* Puts '/' and one name in front of what is written. False when there is no room. */
INLINE bool prepend_name(u8 *bytes, u32 *position, const void *name, u32 length)
{
	u32 at = *position;

	length &= 0xff;
	if (at < KEY_HEAD + length + 1)
		return false;
	at -= length + 1;
	*position = at;
	at = BOUNDED(at, 0x1fff);
	if (at > KEY_HEAD + PATH_MAX)
		return false;
	bytes[at] = '/';
	bpf_probe_read_kernel(bytes + at + 1, length, name);
	return true;
}

static long walk_step(u32 index, struct walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct dentry *parent = READ(dentry, d_parent);

	if (dentry == READ(walk->mount, mnt_root)) {
		struct mount *mount = HOLDER(walk->mount, struct mount, mnt);
		struct mount *above = READ(mount, mnt_parent);

		if (above == mount) {
			*walk->marks &= ~MARK_WALKING;
			return WALK_STOP;
		}
		walk->dentry = READ(mount, mnt_mountpoint);
		walk->mount = EMBEDDED(above, mnt);
		return WALK_ON;
	}
	if (dentry == parent) {
		*walk->marks &= ~MARK_WALKING;
		return WALK_STOP;
	}
	if (!prepend_name(walk->bytes, walk->position, READ(dentry, d_name.name), READ(dentry, d_name.len)))
		return WALK_STOP;
	walk->dentry = parent;
	return WALK_ON;
}

/* A path that ended up empty is the root. */
INLINE void walk_end(u8 *bytes, u32 *position)
{
	if (*position != KEY_HEAD + PATH_MAX)
		return;
	*position = KEY_HEAD + PATH_MAX - 1;
	bytes[KEY_HEAD + PATH_MAX - 1] = '/';
}

/*
 * Writes the path so that it ends at KEY_HEAD + PATH_MAX, and leaves its start in `position`. Sets MARK_TRUNCATED where
 * the front of the path is missing. `position` and `marks` must lie in map memory.
 */
OUTLINE void walk_path(u8 *bytes, u32 *position, struct dentry *dentry, struct vfsmount *mount, u32 *marks)
{
	struct walk walk = {
		.dentry = dentry,
		.mount = mount,
		.bytes = bytes,
		.position = position,
		.marks = marks,
	};

	*position = KEY_HEAD + PATH_MAX;
	*marks |= MARK_WALKING;
#ifdef PROBE_LOOP
	bpf_loop(WALK_COMPONENTS, walk_step, &walk, 0);
#else
	for (u32 i = 0; i < WALK_COMPONENTS_BOUNDED; i++)
		if (walk_step(i, &walk) == WALK_STOP)
			break;
#endif
	if (*marks & MARK_WALKING)
		*marks = (*marks & ~MARK_WALKING) | MARK_TRUNCATED;
	walk_end(bytes, position);
}

struct cgroup_walk {
	struct kernfs_node *node;
	u8 *bytes;
	u32 *position;
};

INLINE struct kernfs_node *node_parent(struct kernfs_node *node)
{
	if (bpf_core_field_exists(node->__parent))
		return READ(node, __parent);
#ifdef PROBE_DIRECT
	return BPF_CORE_READ((struct kernfs_node___v614 *)node, parent);
#else
	return READ((struct kernfs_node___v614 *)node, parent);
#endif
}

static long cgroup_step(u32 index, struct cgroup_walk *walk)
{
	struct kernfs_node *parent = node_parent(walk->node);
	u8 *bytes = walk->bytes;
	long length;

	if (!parent)
		return WALK_STOP;
	/* The name's length is stored nowhere: read it below the buffer's end first, then again where it belongs. */
	length = bpf_probe_read_kernel_str(bytes + KEY_HEAD + PATH_MAX, 257, READ(walk->node, name));
	if (length <= 1)
		return WALK_STOP;
	length = BOUNDED(length - 1, 0xff);
	if (!prepend_name(bytes, walk->position, bytes + KEY_HEAD + PATH_MAX, length))
		return WALK_STOP;
	walk->node = parent;
	return WALK_ON;
}

/* As walk_path, for a control group within its hierarchy. */
OUTLINE void walk_cgroup(u8 *bytes, u32 *position, struct kernfs_node *node)
{
	struct cgroup_walk walk = {
		.node = node,
		.bytes = bytes,
		.position = position,
	};

	*position = KEY_HEAD + PATH_MAX;
#ifdef PROBE_LOOP
	bpf_loop(WALK_COMPONENTS, cgroup_step, &walk, 0);
#else
	for (u32 i = 0; i < CGROUP_COMPONENTS_BOUNDED; i++)
		if (cgroup_step(i, &walk) == WALK_STOP)
			break;
#endif
	walk_end(bytes, position);
}

#endif
