import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_TYPES } from "@falco-efk/event";
import { openProbe, ProbeError } from "../src/index.ts";

test("this thread goes on while the kernel checks the programs, so that another probe is read meanwhile", async () => {
  let last = performance.now();
  let longest = 0;
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const ticking = setInterval(look, 1);
  const start = performance.now();
  try {
    const probe = await openProbe({ types: EVENT_TYPES.map(({ id }) => id) });
    await probe.close();
  } finally {
    clearInterval(ticking);
  }
  look();
  const whole = performance.now() - start;
  assert.ok(longest < whole / 2, `${longest.toFixed(0)} ms of ${whole.toFixed(0)} ms without a look`);
});

test("a build that the kernel refuses says why", async () => {
  const refused = openProbe({ types: [0], ringBytes: 2 ** 40 });
  await assert.rejects(refused, (error) => error instanceof ProbeError && error.code === "load-failed");
});
