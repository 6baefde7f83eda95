import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Microseconds of CPU since the last collection: above, there is something to collect. */
const WORKED = 300_000;

type Collector = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

let collector: Collector | null = null;

/**
 * Collects all garbage and gives the freed pages back to the system. It holds the thread up for some ten milliseconds:
 * for a process that is idle or short of memory. V8 by itself collects only as it allocates, and keeps what it freed.
 */
export function collectGarbage(): void {
  if (collector === null) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as Collector;
  }
  collector({ type: "major", flavor: "last-resort" });
}

/** When a process counts as idle, and how it frees memory then. */
export interface FreeWhenIdle {
  /** How often it is looked at, milliseconds; 5000 when absent. */
  readonly everyMs?: number;
  /** Share of one CPU below which it is idle; 0.005 when absent. */
  readonly idle?: number;
  /** `collectGarbage` when absent. */
  readonly free?: () => void;
}

/**
 * Frees memory whenever the process has become idle after some work: otherwise it would keep what its start, or its
 * busiest moment, needed. Holds no process open. Answers how to stop it.
 */
export function freeMemoryWhenIdle(options: FreeWhenIdle = {}): () => void {
  const { everyMs = 5000, idle = 0.005, free = collectGarbage } = options;
  let before = process.cpuUsage();
  let spent = WORKED;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    spent += user + system;
    if (user + system >= idle * everyMs * 1000 || spent < WORKED) return;
    free();
    // Its own time is not work to clean up after.
    before = process.cpuUsage();
    spent = 0;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
