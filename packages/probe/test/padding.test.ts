import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { EVENT_TYPES } from "@falco-efk/event";
import { LAYOUT } from "../src/frame-layout.ts";
import { openProbe, VARIANTS } from "../src/index.ts";
import { run } from "./live.ts";

/** The bytes of a frame that nothing is said in: behind its sections, and behind the NUL of the thread's name. */
function silentBytes(frame: Buffer): Buffer[] {
  let end: number = LAYOUT["frame.bytes"];
  for (let section = 0; section < LAYOUT.SECTION_COUNT; section++) {
    const at = LAYOUT["frame.sections"] + section * 4;
    const length = frame.readUInt16LE(at + 2);
    if (length > 0) end = Math.max(end, frame.readUInt16LE(at) + length);
  }
  const comm = frame.subarray(LAYOUT["frame.comm"], LAYOUT["frame.comm"] + 16);
  return [frame.subarray(end), comm.subarray(comm.indexOf(0))];
}

for (const variant of VARIANTS) {
  test(`a frame holds nothing of an earlier one: build ${variant}`, async () => {
    const probe = await openProbe({ types: EVENT_TYPES.map(({ id }) => id), variant });
    const stop = new AbortController();
    let [frames, padded] = [0, 0];
    probe.tap((bytes) => {
      const batch = Buffer.from(bytes);
      for (let at = 0; at < batch.length; ) {
        const frame = batch.subarray(at, at + batch.readUInt32LE(at + LAYOUT["frame.size"]));
        const silent = silentBytes(frame);
        for (const part of silent) assert.deepEqual(part, Buffer.alloc(part.length), `in frame ${frames}`);
        frames++;
        if ((silent[0]?.length ?? 0) > 0) padded++;
        at += frame.length;
      }
    });
    const running = probe.run(() => undefined, { signal: stop.signal });
    try {
      // Long names, arguments and environments first, so that what short frames end in has been written to before.
      for (let length = 1; length < 40; length++) {
        assert.ok(!existsSync(`/nowhere/${"x".repeat(200 - length)}`));
        await run("/bin/true", ["y".repeat(length)], { env: { LONG: "z".repeat(300 - length) } });
      }
    } finally {
      stop.abort();
      await running;
      await probe.close();
    }
    assert.ok(frames > 100 && padded > 50, `${padded} of ${frames} frames were filled up`);
  });
}
