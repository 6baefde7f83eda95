/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * For where the calls' own tracepoints can't be had, and for 32-bit calls, which those don't see: one program on every
 * call's exit, which goes on to the call's program if there is one.
 */

/* 64-bit call numbers, then 32-bit ones. */
#define CALL_NUMBERS 512

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2 * CALL_NUMBERS);
	__type(key, u32);
	__type(value, u32);
} calls SEC(".maps");

SEC("tp_btf/sys_exit")
int dispatch(u64 *context)
{
	u64 number = READ((struct pt_regs *)context[0], orig_ax);

	if (number < CALL_NUMBERS && !is_compat(current_task()))
		bpf_tail_call(context, &calls, number);
	return 0;
}

SEC("tp_btf/sys_exit")
int dispatch_compat(u64 *context)
{
	u64 number;

	if (!is_compat(current_task()))
		return 0;
	number = READ((struct pt_regs *)context[0], orig_ax);
	if (number < CALL_NUMBERS)
		bpf_tail_call(context, &calls, CALL_NUMBERS + number);
	return 0;
}
