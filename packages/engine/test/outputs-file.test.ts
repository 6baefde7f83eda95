import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FileOutputSection } from "../src/config/config.ts";
import { createFileDeliverer } from "../src/outputs/file.ts";
import type { Output } from "../src/outputs/output.ts";
import { createQueuedOutput } from "../src/outputs/queued-output.ts";
import { atEnd, configOf, linesOf, send, temporaryFolder, until } from "./support.ts";

async function open(
  context: TestContext,
  filename: string,
  section: Partial<FileOutputSection> = {},
  options: { now?: () => number; capacity?: number; troubles?: string[] } = {},
): Promise<Output> {
  const defaults = configOf().file_output;
  const deliverer = await createFileDeliverer({ ...defaults, keep_alive: true, filename, ...section }, options.now);
  const output = createQueuedOutput("file", deliverer, {
    capacity: options.capacity ?? 1000,
    trouble: (_cause, message) => options.troubles?.push(message),
  });
  atEnd(context, () => output.close(1000));
  return output;
}

test("lines are appended whole and the file is readable by its owner alone", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  const output = await open(t, file);
  send(output, "one", "two");
  await output.drained(0);
  send(output, "three");
  await output.drained(0);
  assert.deepEqual(linesOf(file), ["one", "two", "three"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(output.counters(), { accepted: 3, delivered: 3, dropped: 0, queued: 0 });
});

test("a reopen after the file was moved away begins a new one", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  const output = await open(t, file);
  send(output, "before");
  await output.drained(0);
  renameSync(file, `${file}.moved`);
  send(output, "still the old file");
  await output.drained(0);
  output.reopen();
  await until(() => existsSync(file));
  send(output, "after");
  await output.drained(0);
  assert.deepEqual(linesOf(`${file}.moved`), ["before", "still the old file"]);
  assert.deepEqual(linesOf(file), ["after"]);
});

test("without keep_alive a file that was moved away is made again for the next batch", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  const output = await open(t, file, { keep_alive: false });
  send(output, "before");
  await output.drained(0);
  renameSync(file, `${file}.moved`);
  send(output, "after");
  await output.drained(0);
  assert.deepEqual(linesOf(file), ["after"]);
});

test("a file is rotated by size and only so many are kept", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  const output = await open(t, file, { rotate: { max_size_mb: 1, interval_s: 0, keep: 2 } });
  const line = "x".repeat(400_000);
  for (let index = 0; index < 10; index++) {
    send(output, `${index} ${line}`);
    await output.drained(0);
  }
  const first = (name: string): string[] => linesOf(name).map((text) => text.slice(0, 1));
  assert.deepEqual(first(file), ["8", "9"]);
  assert.deepEqual(first(`${file}.1`), ["6", "7"]);
  assert.deepEqual(first(`${file}.2`), ["4", "5"]);
  assert.equal(existsSync(`${file}.3`), false);
});

test("a file is rotated by age", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  let time = Date.now();
  const output = await open(t, file, { rotate: { max_size_mb: 0, interval_s: 60, keep: 5 } }, { now: () => time });
  send(output, "old");
  await output.drained(0);
  time += 61_000;
  send(output, "new");
  await output.drained(0);
  assert.deepEqual(linesOf(`${file}.1`), ["old"]);
  assert.deepEqual(linesOf(file), ["new"]);
});

test("a full disk never leaves half a line, and the lines come once there is room", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("making a small file system needs root");
  const folder = join(temporaryFolder(t), "small");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  atEnd(t, () => execFileSync("umount", ["-l", folder]));
  const ballast = join(folder, "ballast");
  writeFileSync(ballast, "x".repeat(40_000));
  const file = join(folder, "events.json");
  const troubles: string[] = [];
  const output = await open(t, file, {}, { troubles });
  const expected = Array.from({ length: 60 }, (_, index) => `${index} ${"y".repeat(700)}`);
  send(output, ...expected);
  await until(() => troubles.length > 0);
  assert.match(troubles[0] ?? "", /no space left on the device; lines are kept and tried again/);
  const some = linesOf(file);
  assert.ok(some.length > 0 && some.length < expected.length, `${some.length} lines`);
  execFileSync("rm", [ballast]);
  await output.drained(0);
  assert.deepEqual(linesOf(file), expected);
  assert.equal(output.counters().dropped, 0);
});

test("a queue that is full drops what comes and counts it", async (t) => {
  const file = join(temporaryFolder(t), "events.json");
  const troubles: string[] = [];
  const output = await open(t, file, {}, { capacity: 3, troubles });
  send(output, "1", "2", "3", "4", "5");
  await output.drained(0);
  assert.deepEqual(linesOf(file), ["1", "2", "3"]);
  assert.deepEqual(output.counters(), { accepted: 5, delivered: 3, dropped: 2, queued: 0 });
  assert.match(troubles[0] ?? "", /queue is full/);
});

test("a file that can't be opened is an error of the user's, with its name and key", async (t) => {
  const file = join(temporaryFolder(t), "missing", "events.json");
  await assert.rejects(open(t, file), (error: Error & { details?: { file?: string; key?: string } }) => {
    assert.match(error.message, /no such file or directory/);
    assert.equal(error.details?.file, file);
    assert.equal(error.details?.key, "file_output.filename");
    return true;
  });
});
