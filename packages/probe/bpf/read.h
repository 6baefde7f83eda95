/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How kernel memory is read. Three builds of one source:
 *   PROBE_DIRECT  6.2 and later: plain loads, each pointer's type told to the verifier first (a cast costs nothing)
 *   PROBE_LOOP    5.17 and later: loads through a helper, walks with bpf_loop
 *   neither       5.8 and later: loads through a helper, walks bounded at load time
 * PROBE_DIRECT implies PROBE_LOOP.
 */
#ifndef PROBE_READ_H
#define PROBE_READ_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#ifdef PROBE_DIRECT
#define PROBE_LOOP
extern void *bpf_rdonly_cast(const void *object, __u32 btf_id) __ksym;
#define TYPED(p) ((typeof(p))bpf_rdonly_cast((const void *)(p), bpf_core_type_id_kernel(typeof(*(p)))))
#define READ(p, member) (TYPED(p)->member)
#else
#define READ(p, member)                                                                                                \
	({                                                                                                             \
		typeof(p) __pointer = (p);                                                                             \
		BPF_CORE_READ(__pointer, member);                                                                      \
	})
#endif

/*
 * A function that the verifier checks once a program, not at each call: newer kernels do so for those that are not
 * static, whose pointers then must be checked within.
 */
#ifdef PROBE_LOOP
#define CHECKED_ONCE __attribute__((noinline))
#else
#define CHECKED_ONCE OUTLINE
#endif

/* The address of an embedded structure, without reading. */
#define EMBEDDED(p, member) ((void *)__builtin_preserve_access_index(&(p)->member))

/* The structure that holds `p` as its `member`. */
#define HOLDER(p, type, member) ((type *)((void *)(p) - bpf_core_field_offset(type, member)))

/* Keeps the compiler from undoing a bound that the verifier needs to see. */
#define BOUNDED(value, mask)                                                                                           \
	({                                                                                                             \
		u64 __v = (value);                                                                                     \
		asm volatile("%0 &= %1" : "+r"(__v) : "i"(mask));                                                      \
		__v;                                                                                                   \
	})

INLINE struct task_struct *current_task(void)
{
#ifdef PROBE_DIRECT
	return (struct task_struct *)bpf_get_current_task_btf();
#else
	return (struct task_struct *)bpf_get_current_task();
#endif
}

INLINE struct pt_regs *task_registers(struct task_struct *task)
{
#ifdef PROBE_DIRECT
	return (struct pt_regs *)bpf_task_pt_regs(task);
#else
	return (struct pt_regs *)((u64)READ(task, stack) + THREAD_SIZE - PT_REGS_SIZE);
#endif
}

#endif
