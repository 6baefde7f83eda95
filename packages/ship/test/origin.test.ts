import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { filesIn } from "../src/harvester/candidates.ts";
import { forgetRemoved } from "../src/harvester/forget-removed.ts";
import { headPrint } from "../src/harvester/head-print.ts";
import { createGeneration } from "../src/registry/generation.ts";
import { Registry } from "../src/registry/registry.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { freePort } from "./support/redis-server.ts";
import { killNow, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

const STORE = fileURLToPath(new URL("../../store/src/cli.ts", import.meta.url));

function config(folder: string, url: string): string {
  return writeConfig(folder, {
    inputs: [{ type: "filestream", paths: [join(folder, "a.json")] }],
    output: { elasticsearch: { hosts: [url], worker: 1, bulk_max_size: 50, backoff: { init: "20ms", max: "50ms" } } },
    registry: { path: join(folder, "registry") },
    http: { enabled: false },
    origin: true,
  });
}

test("with one worker documents arrive in the file's order, and each tells its offset and file", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = (request) => (request % 3 === 0 ? { kind: "status", status: 429 } : null);
  const file = join(folder.path, "a.json");
  const offsets: number[] = [];
  let size = 0;
  for (let number = 0; number < 1000; number++) {
    const line = number % 10 === 0 ? '{"log":{"own":1}}\n' : falcoLine(number);
    if (number % 10 !== 0) offsets.push(size);
    appendFileSync(file, line);
    size += line.length;
  }
  const ship = startShip(["-c", config(folder.path, sink.url)]);
  try {
    await until(
      () => sink.documents.size === 1000,
      15_000,
      () => `${sink.documents.size} documents`,
    );
  } finally {
    await killNow(ship);
    await sink.close();
  }
  const events = [...sink.documents.values()].map(
    ({ source }) => JSON.parse(source) as { log: Record<string, unknown> },
  );
  const told = events.filter(({ log }) => log.own === undefined).map(({ log }) => log.offset);
  assert.deepEqual(told, offsets);
  assert.deepEqual(events[0]?.log, { own: 1 });
  assert.equal((events[1]?.log.file as { path: string } | undefined)?.path, file);
});

test("the embedded store takes every record once, though the shipper is killed between", async (context) => {
  if (!existsSync(STORE)) {
    context.skip("the store's sources are not here");
    return;
  }
  using folder = temporaryFolder();
  const port = await freePort();
  const options = [
    "--conditions=@falco-efk/source",
    STORE,
    "--data",
    join(folder.path, "store"),
    "--port",
    String(port),
  ];
  const store = spawn(process.execPath, options, { stdio: "ignore" });
  for (let number = 0; number < 300; number++) appendFileSync(join(folder.path, "a.json"), falcoLine(number));
  const url = `http://127.0.0.1:${port}`;
  const count = async (): Promise<number> => {
    await fetch(`${url}/_refresh`, { method: "POST" }).catch(() => null);
    const answer = await fetch(`${url}/logstash-*/_count`).catch(() => null);
    return answer?.ok === true ? ((await answer.json()) as { count: number }).count : -1;
  };
  const file = config(folder.path, url);
  try {
    for (const total of [300, 400]) {
      const ship = startShip(["-c", file]);
      await until(
        async () => (await count()) === total,
        30_000,
        () => `not ${total} documents`,
      );
      await killNow(ship);
      for (let number = 300; number < 400 && total === 300; number++) {
        appendFileSync(join(folder.path, "a.json"), falcoLine(number));
      }
    }
  } finally {
    store.kill();
    await once(store, "exit");
  }
});

test("what is known of a deleted file is forgotten in time, and of one that stands never", async () => {
  using folder = temporaryFolder();
  const logs = join(folder.path, "logs");
  mkdirSync(logs);
  for (const name of ["gone", "there"]) writeFileSync(join(logs, name), name);
  const registry = new Registry({ directory: join(folder.path, "registry") });
  await registry.open();
  for (const { key, path } of await filesIn(logs)) {
    registry.touch({ ...createGeneration("input", key, path, headPrint(Buffer.alloc(0)), 0), done: true });
  }
  rmSync(join(logs, "gone"));
  const paths = (): string[] => [...registry.generations.values()].map(({ path }) => path);
  await forgetRemoved(registry, { id: "input", cleanRemovedMs: 1000 }, 1000);
  assert.equal(paths().length, 2, "too early");
  await forgetRemoved(registry, { id: "other", cleanRemovedMs: 1000 }, 2000);
  assert.equal(paths().length, 2, "another input's");
  await forgetRemoved(registry, { id: "input", cleanRemovedMs: 1000 }, 2000);
  assert.deepEqual(paths(), [join(logs, "there")]);
  await registry.close();
});
