import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EVENT_TYPES } from "@falco-efk/event";
import { LAYOUT } from "../src/frame-layout.ts";
import { loadNative } from "../src/native.ts";

test("TypeScript and the compiled headers agree on every number of the layout", () => {
  assert.deepEqual({ ...loadNative().layout }, { ...LAYOUT });
});

test("the kernel programs number the event types as EVENT_TYPES does", () => {
  const header = readFileSync(join(import.meta.dirname, "../bpf/types.h"), "utf8");
  const names = [...header.matchAll(/X\((\w+)\)/g)].map((match) => match[1]).filter((name) => name !== undefined);
  assert.deepEqual(
    names.slice(-EVENT_TYPES.length),
    EVENT_TYPES.map((type) => type.name),
  );
});

test("what is added to a frame as an array of 64-bit numbers is aligned", () => {
  for (const member of ["frame.time", "frame.result", "frame.args", "frame.extra", "frame.start_time"] as const) {
    assert.equal(LAYOUT[member] % 8, 0, member);
  }
  assert.equal(LAYOUT["frame.bytes"] % 8, 0);
});
