import { readFileSync } from "node:fs";

const NANOS_PER_TICK = 10_000_000;

/** A process for good: a pid alone is used again. The start is in clock ticks since boot, as /proc tells it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** Reads a process's identity from /proc; null when there is no such process. */
export function readIdentity(pid: number, procRoot = "/proc"): ProcessIdentity | null {
  let text: string;
  try {
    text = readFileSync(`${procRoot}/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The name stands in brackets and may hold brackets and spaces itself: count from the last one. Field 22 is the start.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const startTicks = Number(fields[19]);
  return Number.isFinite(startTicks) ? { pid, startTicks } : null;
}

/** True when the process that started `startTime` nanoseconds after boot is this one. */
export function isSameProcess(identity: ProcessIdentity, pid: number, startTime: number | bigint): boolean {
  return pid === identity.pid && Math.floor(Number(startTime) / NANOS_PER_TICK) === identity.startTicks;
}
