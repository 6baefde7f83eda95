import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { DiskBuffer } from "../src/queue/disk-buffer.ts";
import { packBatch, unpackBatch } from "../src/queue/packed-batch.ts";
import { batchOf } from "./support/batches.ts";
import { type BulkSink, startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { startRedisServer } from "./support/redis-server.ts";
import { RotatingWriter } from "./support/rotating-writer.ts";
import { configFor, startShipper } from "./support/running-shipper.ts";
import { killNow, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

function numbersOf(sink: BulkSink): number[] {
  return [...sink.documents.values()]
    .map(({ source }) => Number(/"evt\.num":(\d+)/.exec(source)?.[1]))
    .sort((left, right) => left - right);
}

const all = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

function waiting(folder: string): string[] {
  try {
    return readdirSync(join(folder, "registry", "queue"));
  } catch {
    return [];
  }
}

test("a batch comes out of its packed form as it was", () => {
  const batch = batchOf(`${falcoLine(1)}plain text\n${falcoLine(2)}`);
  assert.deepEqual(unpackBatch(packBatch(batch)), batch);
});

test("a disk buffer gives every batch in order, those of an earlier run too, and keeps no file of what is delivered", async () => {
  const steps = fc.array(fc.constantFrom("append", "take", "done", "restart"), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(steps, async (names) => {
      using folder = temporaryFolder();
      const open = async (): Promise<DiskBuffer> => {
        const opened = new DiskBuffer({
          directory: folder.path,
          segmentBytes: 1500,
          trouble: (reason) => assert.fail(String(reason)),
        });
        await opened.open();
        return opened;
      };
      let buffer = await open();
      let appended = 0;
      let out: { number: number; done: () => void }[] = [];
      const delivered = new Set<number>();
      const take = async (): Promise<boolean> => {
        const taken = await buffer.take();
        if (taken === null) return false;
        out.push({ number: Number(/"evt\.num":(\d+)/.exec(taken.batch.data.toString())?.[1]), done: taken.done });
        return true;
      };
      const settle = (): void => {
        const first = out.shift();
        if (first === undefined) return;
        first.done();
        delivered.add(first.number);
      };
      for (const name of names) {
        if (name === "append") await buffer.append(batchOf(falcoLine(appended++)));
        else if (name === "take") await take();
        else if (name === "done") settle();
        else {
          await buffer.close();
          out = [];
          buffer = await open();
        }
      }
      while (await take());
      const numbers = out.map(({ number }) => number);
      assert.deepEqual(
        numbers,
        [...numbers].sort((left, right) => left - right),
      );
      while (out.length > 0) settle();
      assert.equal(delivered.size, appended);
      assert.ok(buffer.empty);
      await buffer.close();
      await until(
        () => readdirSync(folder.path).length === 0,
        2000,
        () => `${readdirSync(folder.path)}`,
      );
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test("with a queue on disk the file may go while nothing is delivered, and every line arrives once after a kill", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = () => ({ kind: "status", status: 503 });
  const writer = new RotatingWriter(join(folder.path, "events.json"));
  const config = writeConfig(folder.path, { ...configFor(folder.path, sink), queue: { type: "disk" } });
  let ship = startShip(["-c", config]);
  try {
    writer.write(3000);
    await until(
      () => waiting(folder.path).length > 0 && sink.requests > 0,
      20_000,
      () => "nothing on disk",
    );
    writer.write(10);
    const registry = async (): Promise<number> => {
      const { readRegistry } = await import("../src/registry/registry.ts");
      return [...(await readRegistry(join(folder.path, "registry"))).generations.values()][0]?.offset ?? 0;
    };
    const { size } = statSync(writer.path);
    await until(
      async () => (await registry()) === size,
      20_000,
      () => "not acknowledged from the disk",
    );
    await killNow(ship);
    rmSync(writer.path);
    ship = startShip(["-c", config]);
    sink.fault = () => null;
    await until(
      () => sink.documents.size === 3010 && waiting(folder.path).length === 0,
      20_000,
      () => `${sink.documents.size} of 3010, ${waiting(folder.path)}`,
    );
  } finally {
    await killNow(ship);
    writer.close();
    await sink.close();
  }
  assert.deepEqual(numbersOf(sink), all(3010));
});

test("a full disk under the queue pauses reading, is told, and ends by itself", async (context) => {
  if (process.getuid?.() !== 0) {
    context.skip("needs root to mount a small file system");
    return;
  }
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = () => ({ kind: "status", status: 503 });
  const small = join(folder.path, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", small]);
  const writer = new RotatingWriter(join(folder.path, "events.json"));
  const log: string[] = [];
  const config = { ...configFor(folder.path, sink), queue: { type: "disk", disk: { path: small }, max_bytes: 50_000 } };
  const shipper = await startShipper(config, log);
  try {
    await until(
      () => {
        writer.write(40);
        return /no space left/.test(shipper.stats().trouble ?? "");
      },
      20_000,
      () => `the disk never got full: ${shipper.stats().trouble}`,
    );
    const { inFlight } = shipper.stats();
    writer.write(500);
    assert.ok(inFlight.bytes < 3_000_000, "memory doesn't fill instead");
    sink.fault = () => null;
    await until(
      () => sink.documents.size === writer.written && shipper.stats().trouble === null,
      20_000,
      () => `${sink.documents.size} of ${writer.written}: ${shipper.stats().trouble}`,
    );
    assert.match(log.join(""), /reading pauses until it can be written/);
  } finally {
    await shipper.stop();
    execFileSync("umount", [small]);
    writer.close();
    await sink.close();
  }
  assert.deepEqual(numbersOf(sink), all(writer.written));
});

test("while Redis is away or full batches wait on disk, and every line arrives once though its file is gone and the harvester was killed", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const redis = await startRedisServer();
  const writer = new RotatingWriter(join(folder.path, "events.json"));
  const config = writeConfig(folder.path, {
    ...configFor(folder.path, sink),
    queue: { type: "redis", redis: { url: redis.url } },
    logging: { level: "error" },
  });
  const start = (role: string) => startShip(["-c", config, "run", "--role", role]);
  let harvester = start("harvest");
  const worker = start("work");
  const arrived = (): Promise<void> =>
    until(
      () => sink.documents.size === writer.written,
      30_000,
      () => `${sink.documents.size} of ${writer.written}`,
    );
  const spilled = (): Promise<void> =>
    until(
      () => {
        writer.write(20);
        return waiting(folder.path).length > 0;
      },
      20_000,
      () => "nothing on disk",
    );
  try {
    writer.write(100);
    await arrived();
    await redis.kill();
    await spilled();
    await killNow(harvester);
    await redis.start();
    harvester = start("harvest");
    await arrived();
    await redis.limitMemory("1mb");
    await spilled();
    writer.rotate("rename");
    writer.write(100);
    await redis.limitMemory("0");
    await arrived();
  } finally {
    await killNow(harvester);
    await killNow(worker);
    await redis.kill();
    writer.close();
    await sink.close();
  }
  assert.deepEqual(numbersOf(sink), all(writer.written));
});

test("reading pauses while as many jobs wait as may, and goes on when a worker comes", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const redis = await startRedisServer();
  const writer = new RotatingWriter(join(folder.path, "events.json"));
  const config = writeConfig(folder.path, {
    ...configFor(folder.path, sink),
    queue: { type: "redis", redis: { url: redis.url, max_jobs: 5 }, max_bytes: "1GiB" },
    logging: { level: "error" },
  });
  const start = (role: string) => startShip(["-c", config, "run", "--role", role]);
  const harvester = start("harvest");
  const { Queue } = await import("bullmq");
  const { connectRedis } = await import("../src/queue/redis-connection.ts");
  const connection = connectRedis({ url: redis.url, name: "falco-ship", max_jobs: 1, spill: true });
  connection.on("error", () => undefined);
  const queue = new Queue("falco-ship", { connection, skipMetasUpdate: true });
  const depth = (): Promise<number> => queue.getWaitingCount();
  let worker: ReturnType<typeof start> | null = null;
  try {
    await until(
      async () => {
        writer.write(5);
        return (await depth()) >= 5;
      },
      20_000,
      () => "no jobs",
    );
    let before = -1;
    // The depth is looked at twice a second; from then on it stands still.
    const end = Date.now() + 15_000;
    for (let still = 0; still < 40 && Date.now() < end; ) {
      writer.write(1);
      const now = await depth();
      still = now === before ? still + 1 : 0;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(before < 100, `${before} jobs wait`);
    assert.equal(await depth(), before);
    worker = start("work");
    await until(
      () => sink.documents.size === writer.written,
      30_000,
      () => `${sink.documents.size} of ${writer.written}`,
    );
  } finally {
    await killNow(harvester);
    if (worker !== null) await killNow(worker);
    connection.disconnect();
    await redis.kill();
    writer.close();
    await sink.close();
  }
  assert.deepEqual(numbersOf(sink), all(writer.written));
});
