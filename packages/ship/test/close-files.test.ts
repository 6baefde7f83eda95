import assert from "node:assert/strict";
import {
  appendFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { DeadLetters } from "../src/index.ts";
import { readRegistry } from "../src/registry/registry.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { configFor, startShipper, storedRecords } from "./support/running-shipper.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

/** Files below a folder that this process has open, deleted ones too. */
function openBelow(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) && target.includes("events") ? [target] : [];
    } catch {
      return [];
    }
  });
}

const lines = (from: number, count: number): string =>
  Array.from({ length: count }, (_, number) => falcoLine(from + number)).join("");

test("with close_eof a file is closed at its end and opened again when it grows", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, lines(0, 10));
  const shipper = await startShipper(configFor(folder.path, sink, { close_eof: true }));
  for (let count = 10; count <= 30; count += 10) {
    await until(
      () => sink.documents.size === count && openBelow(folder.path).length === 0,
      10_000,
      () => `${sink.documents.size} of ${count}, open ${openBelow(folder.path)}`,
    );
    appendFileSync(path, lines(count, 10));
  }
  await until(
    () => sink.documents.size === 40,
    10_000,
    () => `${sink.documents.size}`,
  );
  await shipper.stop();
  await sink.close();
  assert.equal(sink.duplicates, 0);
});

test("with close_renamed the file that rotation renamed is closed, and the live one stays open", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, lines(0, 5));
  const shipper = await startShipper(configFor(folder.path, sink, { close_renamed: true }));
  await until(
    () => sink.documents.size === 5,
    10_000,
    () => "nothing arrived",
  );
  renameSync(path, `${path}.1`);
  appendFileSync(`${path}.1`, lines(5, 5));
  writeFileSync(path, lines(10, 5));
  await until(
    () => sink.documents.size === 15 && openBelow(folder.path).join() === path,
    10_000,
    () => `${sink.documents.size}, open ${openBelow(folder.path)}`,
  );
  await shipper.stop();
  await sink.close();
});

test("with close_timeout a deleted file gives its disk space back though nothing can be delivered", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = () => ({ kind: "status", status: 503 });
  const path = join(folder.path, "events.json");
  writeFileSync(path, lines(0, 20));
  const config = { ...configFor(folder.path, sink, { close_timeout: "400ms" }), queue: { max_bytes: 1000 } };
  const log: string[] = [];
  const shipper = await startShipper(config, log);
  await until(
    () => shipper.stats().inFlight.records > 0,
    10_000,
    () => "nothing read",
  );
  appendFileSync(path, lines(20, 20));
  rmSync(path);
  await until(
    () => openBelow(folder.path).length === 0 && log.join("").includes("what follows the offset can't be read"),
    10_000,
    () => `open ${openBelow(folder.path)}`,
  );
  sink.fault = () => null;
  await until(
    () => sink.documents.size >= 20,
    10_000,
    () => `${sink.documents.size}`,
  );
  await shipper.stop();
  await sink.close();
  assert.equal(sink.documents.size, 20, "what was read is delivered");
});

test("with harvester_limit so many files are open at once, and all get their turn", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  for (let file = 0; file < 6; file++) writeFileSync(join(folder.path, `events-${file}.log`), lines(file * 10, 10));
  const input = { paths: [join(folder.path, "events-*.log")], harvester_limit: 2, close_eof: true };
  let most = 0;
  const shipper = await startShipper(configFor(folder.path, sink, input));
  await until(
    () => {
      most = Math.max(most, shipper.stats().files.length);
      return sink.documents.size === 60;
    },
    10_000,
    () => `${sink.documents.size} of 60`,
  );
  await shipper.stop();
  await sink.close();
  assert.ok(most <= 2, `${most} open at once`);
});

test("an old file isn't begun with ignore_older, and a known one is forgotten after clean_inactive", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const paths = ["old", "new"].map((name) => join(folder.path, `events-${name}.log`));
  for (const [at, path] of paths.entries()) writeFileSync(path, lines(at * 5, 5));
  const hourAgo = Date.now() / 1000 - 3600;
  utimesSync(paths[0] ?? "", hourAgo, hourAgo);
  const input = { paths: [join(folder.path, "events-*.log")], ignore_older: "30m", close_eof: true };
  const shipper = await startShipper(configFor(folder.path, sink, input));
  await until(
    () => sink.documents.size === 5,
    10_000,
    () => `${sink.documents.size}`,
  );
  await shipper.stop();
  assert.ok(
    storedRecords(sink).every(({ output_fields }) => Number((output_fields as { "evt.num": number })["evt.num"]) >= 5),
  );
  const registry = join(folder.path, "registry");
  assert.equal((await readRegistry(registry)).generations.size, 1);
  utimesSync(paths[1] ?? "", hourAgo, hourAgo);
  const cleaning = { ...input, ignore_older: "20ms", clean_inactive: "100ms" };
  const due = Date.now() + 150;
  await until(
    () => Date.now() > due,
    1000,
    () => "the clock stands still",
  );
  const again = await startShipper(configFor(folder.path, sink, cleaning));
  await again.scan();
  await again.stop();
  await sink.close();
  assert.equal((await readRegistry(registry)).generations.size, 0);
  assert.equal(sink.duplicates, 0);
});

test("compressed files are read to their end, zstd as well as gzip and files of several members; a half line at the end is a dead letter", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const file = (name: string, bytes: Buffer): void => writeFileSync(join(folder.path, name), bytes);
  file("events-1.gz", Buffer.concat([gzipSync(lines(0, 10)), gzipSync(lines(10, 10))]));
  file("events-2.zst", zstdCompressSync(Buffer.from(`${lines(20, 10)}{"half":`)));
  const cut = gzipSync(lines(30, 200));
  file("events-3.gz", cut.subarray(0, cut.length >> 1));
  const input = { paths: [join(folder.path, "events-*")] };
  const shipper = await startShipper(configFor(folder.path, sink, input));
  await until(
    () => sink.documents.size > 30 && shipper.stats().deadLettered === 1,
    10_000,
    () => JSON.stringify(shipper.stats()),
  );
  file("events-3.gz", cut);
  await until(
    () => sink.documents.size === 230,
    10_000,
    () => `${sink.documents.size} of 230`,
  );
  await shipper.stop();
  await sink.close();
  assert.equal(sink.duplicates, 0);
  const [letter] = await new DeadLetters(join(folder.path, "registry", "dead-letters.ndjson")).list();
  assert.deepEqual([letter?.reason, letter?.record], ["the file ended in the middle of a line", '{"half":']);
});

test("a line of 100 MB is a dead letter with its beginning, NUL bytes too, and what follows is shipped", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const path = join(folder.path, "events.json");
  writeFileSync(path, '{"long":"');
  // A hole of NUL bytes costs no disk, and is what a truncated file leaves to a writer without O_APPEND.
  truncateSync(path, 100_000_000);
  appendFileSync(path, `"}\n${falcoLine(1)}`);
  const before = process.memoryUsage().rss;
  const shipper = await startShipper(configFor(folder.path, sink));
  await until(
    () => sink.documents.size === 1 && shipper.stats().deadLettered === 1,
    20_000,
    () => JSON.stringify(shipper.stats()),
  );
  await shipper.stop();
  await sink.close();
  const grown = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grown < 90, `${grown} MB more`);
  const [letter] = await new DeadLetters(join(folder.path, "registry", "dead-letters.ndjson")).list();
  assert.equal(letter?.length, 100_000_002);
  assert.ok((letter?.record.length ?? 0) <= 65_536);
});
