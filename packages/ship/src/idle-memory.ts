import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY_MS = 5000;
/** Microseconds of CPU in one interval: below, the process is idle. */
const IDLE = 25_000;
/** Microseconds of CPU since the last collection: above, there is something to collect. */
const WORKED = 300_000;

/**
 * Gives memory back to the system when the process has become idle: V8 collects only when it allocates, so a shipper without
 * lines would keep what its start, or its busiest moment, needed. Holds no process open.
 */
export function freeMemoryWhenIdle(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: {
    readonly type: "major";
    readonly flavor: "last-resort";
  }) => void;
  let before = process.cpuUsage();
  let spent = WORKED;
  setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    spent += user + system;
    if (user + system >= IDLE || spent < WORKED) return;
    collect({ type: "major", flavor: "last-resort" });
    before = process.cpuUsage();
    spent = 0;
  }, EVERY_MS).unref();
}
