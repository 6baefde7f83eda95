import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startBulkSink } from "./support/bulk-sink.ts";
import { startRedisServer } from "./support/redis-server.ts";
import { RotatingWriter } from "./support/rotating-writer.ts";
import { killNow, runShip, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

test("through Redis every line arrives once, with harvester, worker and Redis killed and wiped on the way", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const redis = await startRedisServer();
  const writer = new RotatingWriter(join(folder.path, "events.json"));
  let largest = 0;
  sink.fault = (_request, records) => {
    largest = Math.max(largest, records);
    return null;
  };
  const config = writeConfig(folder.path, {
    inputs: [{ type: "filestream", paths: [writer.path], scan_interval: "100ms" }],
    output: { elasticsearch: { hosts: [sink.url], bulk_max_size: 40, backoff: { init: "20ms", max: "200ms" } } },
    queue: { type: "redis", redis: { url: redis.url } },
    registry: { path: join(folder.path, "registry") },
    http: { enabled: false },
    logging: { level: "error" },
  });
  const start = (role: string) => startShip(["-c", config, "run", "--role", role]);
  let harvester = start("harvest");
  let worker = start("work");
  try {
    writer.write(100);
    await until(
      () => sink.documents.size === 100,
      20_000,
      () => `${sink.documents.size} of 100`,
    );
    for (let round = 0; round < 3; round++) {
      for (let step = 0; step < 10; step++) {
        writer.write(50);
        await delay(30);
      }
      if (round === 0) {
        await killNow(harvester);
        writer.write(50);
        harvester = start("harvest");
      } else if (round === 1) {
        await redis.kill();
        writer.write(50);
        writer.rotate("rename");
        await delay(500);
        await redis.start();
      } else {
        await killNow(worker);
        writer.write(50);
        worker = start("work");
      }
      writer.write(50);
    }
    const all = (): boolean => sink.documents.size >= writer.written;
    await until(all, 40_000, () => `${sink.documents.size} of ${writer.written}`);
    const status = await runShip(["-c", config, "queue", "status"]);
    assert.match(status.stdout, /^falco-ship: running; waiting 0/, status.stderr);
  } finally {
    await killNow(harvester);
    await killNow(worker);
    await redis.kill();
    writer.close();
    await sink.close();
  }
  const numbers = new Set([...sink.documents.values()].map(({ source }) => /"evt\.num":(\d+)/.exec(source)?.[1]));
  assert.equal(sink.documents.size, writer.written);
  assert.equal(numbers.size, writer.written);
  assert.equal(largest, 40, "a worker sends no more than bulk_max_size at once");
});
