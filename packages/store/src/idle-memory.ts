import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY_MS = 2000;
/** Microseconds of CPU in one interval: below, the process is idle; above, it has made garbage. */
const IDLE = 40_000;
const BUSY = 200_000;
const QUIET_INTERVALS = 4;

/**
 * Gives memory back to the system when the process has become idle: V8 by itself collects only when it allocates, so
 * a store without requests would keep what its busiest moment needed. `rest` is called first, to let go of what is kept for
 * the next request. Gives the function that stops it.
 */
export function freeMemoryWhenIdle(rest: () => void): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let before = process.cpuUsage();
  let spent = 0;
  let quiet = 0;
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    spent += user + system;
    quiet = user + system < IDLE ? quiet + 1 : 0;
    if (quiet >= QUIET_INTERVALS && spent > BUSY) {
      rest();
      collect();
      // Its own time is not work that a next round has to clean up after.
      before = process.cpuUsage();
      spent = 0;
    }
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
