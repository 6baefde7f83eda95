import type { TaskInfo } from "@falco-efk/event";
import type { ProcessInfo } from "./process-info.ts";

/** /proc tells starts in ticks of 10 ms, in nanoseconds here. No pid comes back that fast. */
export const TICK = 10_000_000;
const FORK_SLACK = 5_000_000_000n;

/**
 * Whether a task of a process's pid is the process and not a later one with its pid. A process whose start is not known
 * yet takes the task's. `bootTime`: nanoseconds since the epoch, 0 where unknown.
 */
export function isSameProcess(process: ProcessInfo, task: TaskInfo, bootTime: bigint): boolean {
  const start = task.startTime;
  if (process.startTime === start) return true;
  if (Number(start) === 0) return true;
  if (Number(process.startTime) !== 0) return Math.abs(Number(process.startTime) - Number(start)) < TICK;
  // A fork seen from the parent's side: the child's first event tells its start, if it fits.
  const at = bootTime + BigInt(start);
  if (bootTime !== 0n && process.startedAt !== 0n && at > process.startedAt + FORK_SLACK) return false;
  process.startTime = start;
  return true;
}
