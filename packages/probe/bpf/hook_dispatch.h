/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * For 32-bit calls, which the calls' own tracepoints don't see, and for where those can't be had: one program on every
 * call's exit, which goes on to the call's program if there is one. Where it must be there anyway it serves both kinds of
 * calls: each further hook on the way would cost every call.
 */

/* 64-bit call numbers, then 32-bit ones. */
#define CALL_NUMBERS 512
/* No entry of the table. */
#define NO_CALL (2 * CALL_NUMBERS)
/* No call has this number. */
#define NR32_ACCEPT 511

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2 * CALL_NUMBERS);
	__type(key, u32);
	__type(value, u32);
} calls SEC(".maps");

/* What socketcall's first argument stands for, as the 32-bit call of its own; accept has none, see src/calls.ts. */
INLINE u64 socketcall_number(u64 call)
{
	switch (call) {
	case 1:
		return 359; /* socket */
	case 3:
		return 362; /* connect */
	case 4:
		return 363; /* listen */
	case 5:
		return NR32_ACCEPT;
	case 11:
		return 369; /* sendto */
	case 12:
		return 371; /* recvfrom */
	case 16:
		return 370; /* sendmsg */
	case 17:
		return 372; /* recvmsg */
	case 18:
		return 364; /* accept4 */
	}
	return CALL_NUMBERS;
}

/* Where a 32-bit call's program lies in the table. */
INLINE u64 compat_number(struct pt_regs *regs)
{
	u64 number = READ(regs, orig_ax);

	if (number == NR32_SOCKETCALL)
		number = socketcall_number((u32)READ(regs, bx));
	else if (number == NR32_SETUID16)
		number = NR32_SETUID;
	return number < CALL_NUMBERS ? CALL_NUMBERS + number : NO_CALL;
}

SEC("tp_btf/sys_exit")
int dispatch(u64 *context)
{
	struct pt_regs *regs = (struct pt_regs *)context[0];
	u64 number;

	if (is_compat(current_task())) {
		number = compat_number(regs);
	} else {
		number = READ(regs, orig_ax);
		if (number >= CALL_NUMBERS)
			return 0;
	}
	bpf_tail_call(context, &calls, number);
	return 0;
}

/* Beside the calls' own tracepoints. */
SEC("tp_btf/sys_exit")
int dispatch_compat(u64 *context)
{
	if (is_compat(current_task()))
		bpf_tail_call(context, &calls, compat_number((struct pt_regs *)context[0]));
	return 0;
}
