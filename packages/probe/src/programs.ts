import { EVENT_TYPES } from "@falco-efk/event";

/** What is attached for one event type: kernel tracepoints by program name, and the calls whose exit it is. */
export interface EventHooks {
  /** Programs of `bpf/` that hang on a tracepoint of their own. */
  readonly tracepoints: readonly string[];
  /** System calls, by the name in `syscalls:sys_exit_<name>`; the programs are `tp_<name>` and `raw_<name>`. */
  readonly calls: readonly string[];
}

const SPECIAL: ReadonlyMap<string, EventHooks> = new Map([
  ["execve", { tracepoints: ["sched_process_exec"], calls: ["execve"] }],
  ["execveat", { tracepoints: ["sched_process_exec"], calls: ["execveat"] }],
  ["clone", { tracepoints: ["sched_process_fork"], calls: [] }],
  ["procexit", { tracepoints: ["sched_process_exit"], calls: [] }],
]);

/** The hooks that event types ask for, each once. */
export function hooksFor(types: Iterable<number>): EventHooks {
  const tracepoints = new Set<string>();
  const calls = new Set<string>();
  for (const id of types) {
    const name = EVENT_TYPES[id]?.name;
    if (name === undefined) continue;
    const hooks = SPECIAL.get(name) ?? { tracepoints: [], calls: [name] };
    for (const tracepoint of hooks.tracepoints) tracepoints.add(tracepoint);
    for (const call of hooks.calls) calls.add(call);
  }
  return { tracepoints: [...tracepoints], calls: [...calls] };
}
