/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a descriptor is. */
#ifndef PROBE_FILE_H
#define PROBE_FILE_H

/* `upper` or `lower`, the layer of an overlay that the file comes from; nothing elsewhere. */
INLINE u32 layer_of(struct inode *inode, u32 upper, u32 lower)
{
	struct super_block *sb = READ(inode, i_sb);
	struct ovl_inode *overlay;

	if (READ(sb, s_magic) != OVERLAYFS_SUPER_MAGIC || !bpf_core_type_exists(struct ovl_inode))
		return 0;
	overlay = HOLDER(inode, struct ovl_inode, vfs_inode);
	return BPF_CORE_READ(overlay, __upperdentry) ? upper : lower;
}

INLINE void fill_inode(struct frame *f, struct inode *inode)
{
	struct super_block *sb = READ(inode, i_sb);

	f->fd_inode = READ(inode, i_ino);
	f->fd_mode = READ(inode, i_mode);
	f->fd_device = READ(sb, s_dev);
	f->fd_magic = READ(sb, s_magic);
}

/* Everything about a file but its path, which only some kinds have. */
INLINE void fill_file(struct scratch *s, struct file *file)
{
	struct frame *f = &s->frame;
	struct inode *inode = READ(file, f_inode);

	if (!inode)
		return;
	fill_inode(f, inode);
	f->fd_flags |= layer_of(inode, FD_UPPER_LAYER, FD_LOWER_LAYER);
	if (READ(file, f_mode) & FMODE_CREATED)
		f->fd_flags |= FD_CREATED;
	if ((f->fd_mode & S_IFMT) == S_IFSOCK)
		fill_socket(s, (struct socket *)READ(file, private_data));
}

/* Walks the path of a file that has one (a socket or a pipe has none) into the real-path buffer. */
INLINE bool walk_file(struct scratch *s, struct file *file)
{
	struct inode *inode = READ(file, f_inode);
	u32 kind = inode ? READ(inode, i_mode) & S_IFMT : 0;

	if (kind == 0 || kind == S_IFSOCK || kind == S_IFIFO)
		return false;
	walk_path(s->real.bytes, &s->real.start, READ(file, f_path.dentry), READ(file, f_path.mnt), &s->frame.marks);
	return true;
}

/* Fills the descriptor's part of the frame; an anonymous inode's name stands for its path. */
OUTLINE void fill_fd(struct scratch *s, struct task_struct *task, s64 fd)
{
	struct file *file = task_file(task, fd);
	struct dentry *dentry;

	s->frame.fd = fd;
	s->frame.marks |= MARK_FD;
	if (!file)
		return;
	fill_file(s, file);
	dentry = READ(file, f_path.dentry);
	if (!(s->frame.fd_mode & S_IFMT))
		section_kernel_text(s, SECTION_FD_PATH, READ(dentry, d_name.name));
	else if (walk_file(s, file))
		section_real(s, SECTION_FD_PATH);
}

#endif
