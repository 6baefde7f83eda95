import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, createTroubleLog } from "../src/index.ts";

test("a text line has the time, the program, the level, the message and the details", () => {
  const lines: string[] = [];
  createLogger("demo", { write: (line) => lines.push(line) }).warn(
    { file: "a b", count: 2, err: new Error("bad") },
    "slow",
  );
  assert.match(lines[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z demo warning: slow file=a b count=2 error=bad\n$/);
});

test("a trouble that lasts is logged once an interval, with the count of what was held back", () => {
  const lines: string[] = [];
  let now = 0;
  const trouble = createTroubleLog(createLogger("demo", { write: (line) => lines.push(line) }), {
    intervalMs: 100,
    now: () => now,
  });
  for (let i = 0; i < 5; i++) trouble("sink-down", "the sink does not answer");
  now = 100;
  trouble("sink-down", "the sink does not answer");
  trouble("disk-full", "no room");
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? "", /repeated=4/);
});
