import { setImmediate } from "node:timers/promises";

/** Makes a function for long work to call often: it lets waiting requests run once the work has taken a slice of time. */
export function makePause(sliceMs = 10): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since >= sliceMs) {
      await setImmediate();
      since = performance.now();
    }
  };
}
