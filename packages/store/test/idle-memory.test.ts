import assert from "node:assert/strict";
import test from "node:test";
import { freeMemoryWhenIdle } from "../src/idle-memory.ts";

test("garbage of a busy time is collected once the process is idle", async (t) => {
  const stop = freeMemoryWhenIdle(() => undefined);
  t.after(stop);
  let gone = false;
  const registry = new FinalizationRegistry(() => {
    gone = true;
  });
  makeGarbage(registry);
  const deadline = Date.now() + 30_000;
  while (!gone && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(gone, true);
});

/** In a function of its own, so that nothing of the caller still refers to it. */
function makeGarbage(registry: FinalizationRegistry<null>): void {
  registry.register({ payload: [] }, null);
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < 300_000) {
    // What is measured is that CPU was spent, not on what.
  }
}
