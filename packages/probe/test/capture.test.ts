import assert from "node:assert/strict";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ProcessSnapshot } from "@falco-efk/event";
import { CaptureError, type CaptureWriter, FrameView, openCapture, writeCapture } from "../src/index.ts";
import { keep, observe, type Seen, typeIds } from "./live.ts";

const folder = mkdtempSync(join(tmpdir(), "probe-capture-"));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, "recorded");
let live: Seen[] = [];
let snapshots: ProcessSnapshot[] = [];

before(async () => {
  let capture: CaptureWriter | undefined;
  ({ events: live } = await observe(
    { types: typeIds("openat", "execve") },
    (probe) => {
      snapshots = probe.scanProcesses();
      capture = writeCapture(path, { state: { snapshots }, context: probe.frameContext });
      probe.tap(capture.write);
      for (let i = 0; i < 3000; i++) closeSync(openSync("/etc/hostname", "r"));
    },
    () => true,
  ));
  capture?.close();
});

async function replay(file: string): Promise<{ events: Seen[]; cut: boolean }> {
  const capture = await openCapture(file);
  const events: Seen[] = [];
  try {
    await capture.run((record) => events.push(keep(record)), { signal: new AbortController().signal });
  } finally {
    await capture.close();
  }
  return { events, cut: capture.cut };
}

test("a replay gives the events that were seen live, to the last value", async () => {
  const { events, cut } = await replay(path);
  assert.equal(cut, false);
  assert.ok(events.length >= 3000);
  assert.deepEqual(events, live);
});

test("the state comes back as it was given, 64-bit numbers included", async () => {
  const capture = await openCapture(path);
  await capture.close();
  assert.deepEqual(capture.state, { snapshots });
  assert.ok(snapshots.length > 0);
});

test("a capture that was cut replays up to the cut", async () => {
  const cutFile = join(folder, "cut");
  copyFileSync(path, cutFile);
  truncateSync(cutFile, readFileSync(path).length - 7);
  const { events, cut } = await replay(cutFile);
  assert.equal(cut, true);
  assert.deepEqual(events, live.slice(0, events.length));
  assert.ok(events.length < live.length);
});

test("a damaged block is an error that says where", async () => {
  const damaged = join(folder, "damaged");
  const bytes = readFileSync(path);
  const start = bytes.indexOf("FBLK", 0, "latin1");
  bytes.writeUInt8(bytes.readUInt8(start + 30) ^ 1, start + 30);
  writeFileSync(damaged, bytes);
  await assert.rejects(openCapture(damaged), new CaptureError("damaged", `${damaged}: damaged at byte ${start}`));
});

test("what stands before a damaged block is replayed first, however far the reading is ahead", async () => {
  const bytes = readFileSync(path);
  const starts: number[] = [];
  for (let at = bytes.indexOf("FBLK"); at >= 0; at = bytes.indexOf("FBLK", at + 1)) starts.push(at);
  const [, , frames = 0, end = bytes.length] = starts;
  const block = bytes.subarray(frames, end);
  const broken = Buffer.from(block);
  broken.writeUInt8(broken.readUInt8(30) ^ 1, 30);
  const file = join(folder, "damaged-later");
  writeFileSync(file, Buffer.concat([bytes.subarray(0, frames), block, block, block, broken, block]));
  const whole = join(folder, "undamaged");
  writeFileSync(whole, bytes.subarray(0, end));
  const each = (await replay(whole)).events.length;
  const capture = await openCapture(file);
  let seen = 0;
  await assert.rejects(
    capture.run(() => seen++, { signal: new AbortController().signal }),
    new CaptureError("damaged", `${file}: damaged at byte ${frames + 3 * block.length}`),
  );
  await capture.close();
  assert.ok(each > 0);
  assert.equal(seen, 3 * each);
});

test("another file is not taken for a capture", async () => {
  await assert.rejects(openCapture("/etc/hostname"), { code: "not-a-capture" });
});

test("an existing file is not overwritten", () => {
  assert.throws(() => writeCapture(path, { state: null, context: { clockOffset: 0n, cgroupController: "" } }), {
    code: "EEXIST",
  });
});

test("a block of a few frames replays as a long one does", async () => {
  const small = join(folder, "small");
  let frame: Uint8Array = new Uint8Array();
  const { events } = await observe(
    { types: typeIds("openat") },
    (probe) => {
      const capture = writeCapture(small, { state: {}, context: probe.frameContext });
      probe.tap((frames) => {
        if (frame.length > 0) return;
        frame = frames.slice(0, new DataView(frames.buffer, frames.byteOffset).getUint32(0, true));
        capture.write(frame);
        capture.close();
      });
      closeSync(openSync("/etc/hostname", "r"));
    },
    () => true,
  );
  assert.deepEqual((await replay(small)).events, events.slice(0, 1));
});

test("a block's memory is given back once it has been read", async () => {
  const capture = await openCapture(path);
  const blocks = new Set<ArrayBufferLike>();
  await capture.run(
    (record) => {
      assert.ok(record instanceof FrameView);
      // Small ones lie in memory that they share with others.
      if (record.bytes.buffer.byteLength > Buffer.poolSize) blocks.add(record.bytes.buffer);
    },
    { signal: new AbortController().signal },
  );
  await capture.close();
  assert.ok(blocks.size > 0);
  for (const block of blocks) assert.ok(block instanceof ArrayBuffer && block.detached);
});
