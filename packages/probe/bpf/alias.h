/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Another path of an opened file: a bind mount and a hard link show one file in two places, and a rule may know only the
 * one. There is room for one such path: the first that the filter confirms, or the first at all where none is asked for.
 */
#ifndef PROBE_ALIAS_H
#define PROBE_ALIAS_H

#define MOUNTS_ABOVE 8
#ifdef PROBE_LOOP
#define OTHER_LINKS 4
#else
#define OTHER_LINKS 2
#endif

/*
 * Where else the file system of a mount is shown: by the topmost mount above it that is of the same file system, or, for
 * a mount of a mere part, by the file system's own root (NULL in `place`). False where the mount itself is the usual place.
 */
INLINE bool other_place(struct vfsmount *mount, struct vfsmount **place)
{
	struct mount *own = HOLDER(mount, struct mount, mnt);
	struct super_block *sb = READ(mount, mnt_sb);
	struct mount *at = own;

	*place = NULL;
	for (u32 i = 0; i < MOUNTS_ABOVE; i++) {
		struct mount *above = READ(at, mnt_parent);

		if (!above || above == at)
			break;
		at = above;
		if (READ(at, mnt.mnt_sb) == sb)
			*place = EMBEDDED(at, mnt);
	}
	if (*place)
		return true;
	at = READ(own, mnt_parent);
	/* A namespace's root may be a part of a file system, such as a subvolume. */
	if (!sb || !at || at == own || READ(own, mnt_mountpoint) == READ(at, mnt.mnt_root))
		return false;
	return READ(mount, mnt_root) != READ(sb, s_root);
}

/* Walks one path into the alias buffer and shows it to the filter. */
OUTLINE void try_alias(struct scratch *s, struct dentry *dentry, struct vfsmount *mount)
{
	u32 start;

	s->alias.marks = 0;
	walk_path(s->alias.bytes, &s->alias.start, dentry, mount, &s->alias.marks);
	if (s->passed)
		return;
	if (s->alias.marks & MARK_TRUNCATED) {
		s->passed = s->clauses != 0;
		return;
	}
	start = s->alias.start;
	s->alias.bytes[KEY_HEAD + PATH_MAX] = 0;
	s->passed = (s->clauses & path_clauses(s, PATH_ALIAS, start, KEY_HEAD + PATH_MAX - start)) != 0;
}

/* False where the file has no other path that is known. */
OUTLINE bool walk_alias(struct scratch *s, struct file *file)
{
	struct dentry *dentry = READ(file, f_path.dentry);
	struct vfsmount *mount = READ(file, f_path.mnt);
	struct inode *inode = READ(file, f_inode);
	struct vfsmount *place;
	struct hlist_node *link;
	bool found = false;

	if (other_place(mount, &place)) {
		try_alias(s, dentry, place);
		found = true;
	}
	if ((READ(inode, i_mode) & S_IFMT) != S_IFREG || READ(inode, i_nlink) < 2)
		return found;
	link = READ(inode, i_dentry.first);
	for (u32 i = 0; i <= OTHER_LINKS; i++) {
		struct dentry *other;

		if (!link || (found && s->passed))
			break;
		other = HOLDER(link, struct dentry, d_u.d_alias);
		if (other != dentry) {
			try_alias(s, other, mount);
			found = true;
		}
		link = READ(link, next);
	}
	return found;
}

INLINE void section_alias(struct scratch *s)
{
	u32 start = s->alias.start;

	section_kernel(s, SECTION_PATH0_ALIAS, s->alias.bytes + BOUNDED(start, 0x1fff), KEY_HEAD + PATH_MAX - start);
}

#endif
