import { EVENT_TYPES } from "@falco-efk/event";

/** What is attached for one event type: kernel tracepoints by program name, and the calls whose exit it is. */
export interface EventHooks {
  /** Programs of `bpf/` that hang on a tracepoint of their own. */
  readonly tracepoints: readonly string[];
  /** System calls, by the name in `syscalls:sys_exit_<name>`; the programs are `tp_<name>` and `raw_<name>`. */
  readonly calls: readonly string[];
}

/** Where a call made through io_uring ends; left out where the kernel has no such tracepoint. */
const URING = ["uring_complete"];

const SPECIAL: ReadonlyMap<string, EventHooks> = new Map([
  ["execve", { tracepoints: ["sched_process_exec"], calls: ["execve"] }],
  ["execveat", { tracepoints: ["sched_process_exec"], calls: ["execveat"] }],
  ["clone", { tracepoints: ["sched_process_fork"], calls: [] }],
  ["procexit", { tracepoints: ["sched_process_exit"], calls: [] }],
  ["openat", { tracepoints: [...URING, "uring_submit"], calls: ["openat"] }],
  ["openat2", { tracepoints: [...URING, "uring_submit"], calls: ["openat2"] }],
  ["connect", { tracepoints: URING, calls: ["connect"] }],
  ["accept", { tracepoints: [...URING, "uring_submit"], calls: ["accept"] }],
]);

/** The hooks that event types ask for, each once; those on io_uring only where the kernel has it. */
export function hooksFor(types: Iterable<number>, ioUring: boolean): EventHooks {
  const tracepoints = new Set<string>();
  const calls = new Set<string>();
  for (const id of types) {
    const name = EVENT_TYPES[id]?.name;
    if (name === undefined) continue;
    const hooks = SPECIAL.get(name) ?? { tracepoints: [], calls: [name] };
    for (const tracepoint of hooks.tracepoints) {
      if (ioUring || !tracepoint.startsWith("uring_")) tracepoints.add(tracepoint);
    }
    for (const call of hooks.calls) calls.add(call);
  }
  return { tracepoints: [...tracepoints], calls: [...calls] };
}
