import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fdatasync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { type RunningStore, startStore } from "@falco-efk/store";
import { bulkBody, call, openStore, temporaryDirectory } from "./open-store.ts";

type Item = { create: { _id: string; status: number; error?: { type: string } } };

function documents(from: number, count: number): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `id-${from + i}`,
    source: JSON.stringify({
      "@timestamp": "2026-11-22T10:00:00Z",
      n: from + i,
      fill: randomBytes(150).toString("hex"),
    }),
  }));
}

test("a full disk is answered with 429 for each item, loses nothing acknowledged, and ends when there is room", {
  skip: process.getuid?.() === 0 ? false : "mounting a small disk needs root",
}, async (t) => {
  const directory = temporaryDirectory(t);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", directory]);
  let store: RunningStore | null = null;
  try {
    const ballast = join(directory, "ballast");
    writeFileSync(ballast, Buffer.alloc(2 << 20));
    store = await startStore({ directory, port: 0, unsealedDocuments: 500 });
    const { url } = store;
    const acknowledged: string[] = [];
    let refused: Item[] = [];
    let from = 0;
    const send = async (): Promise<void> => {
      const { status, body } = await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 200)));
      if (status === 429) {
        assert.equal(body.error.type, "cluster_block_exception");
        refused = [{ create: { _id: "all", status: 429, error: body.error } }];
        return;
      }
      assert.equal(status, 200);
      acknowledged.push(...body.items.filter((i: Item) => i.create.status === 201).map((i: Item) => i.create._id));
      refused = body.items.filter((i: Item) => i.create.status !== 201);
      from += refused.length === 0 ? 200 : 0;
    };
    while (refused.length === 0) {
      await send();
      assert.ok(from < 20_000, "the disk never became full");
    }
    assert.ok(acknowledged.length > 0);
    assert.deepEqual([...new Set(refused.map((item) => item.create.status))], [429]);
    assert.equal(refused[0]?.create.error?.type, "cluster_block_exception");
    assert.equal((await call(`${url}/logstash-a/_count`)).body.count, acknowledged.length);

    rmSync(ballast);
    const deadline = Date.now() + 20_000;
    for (refused = []; from < 20_000 && Date.now() < deadline; ) {
      await send();
      if (refused.length === 0) {
        break;
      }
    }
    assert.deepEqual(refused, [], "it goes on when there is room");
    await store.close();

    store = await startStore({ directory, port: 0 });
    const again = store;
    const ids = new Set<string>();
    for (let at = 0; at < acknowledged.length; at += 1000) {
      const { body } = await call(`${again.url}/logstash-a/_mget?_source=false`, "POST", {
        ids: acknowledged.slice(at, at + 1000),
      });
      for (const doc of body.docs) {
        if (doc.found) {
          ids.add(doc._id);
        }
      }
    }
    assert.equal(ids.size, acknowledged.length);
  } finally {
    await store?.close();
    execFileSync("umount", ["-l", directory]);
  }
});

test("a disk that becomes full while segments are merged leaves them as they are", {
  skip: process.getuid?.() === 0 ? false : "mounting a small disk needs root",
}, async (t) => {
  const directory = temporaryDirectory(t);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", directory]);
  let store: RunningStore | null = null;
  try {
    const lines: string[] = [];
    const log = (_level: string, line: string): void => {
      lines.push(line);
    };
    store = await startStore({ directory, port: 0, unsealedDocuments: 500, log });
    const { url } = store;
    // Room for eleven segments, but not for the one that they would become.
    writeFileSync(join(directory, "ballast"), Buffer.alloc(3 << 20));
    let acknowledged = 0;
    const deadline = Date.now() + 60_000;
    while (!lines.some((line) => /merging segments of logstash-a failed: .*ENOSPC/.test(line))) {
      assert.ok(Date.now() < deadline, `no merge failed: ${lines.join("; ")}`);
      if (acknowledged < 6500) {
        const { body } = await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(acknowledged, 100)));
        assert.equal(body.errors, false);
        acknowledged += 100;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal((await call(`${url}/logstash-a/_count`)).body.count, acknowledged);
    await store.close();
    rmSync(join(directory, "ballast"));
    store = await startStore({ directory, port: 0, unsealedDocuments: 500, log });
    assert.equal((await call(`${store.url}/logstash-a/_count`)).body.count, acknowledged);
    const last = { query: { term: { n: acknowledged - 1 } } };
    assert.equal((await call(`${store.url}/logstash-a/_search`, "POST", last)).body.hits.total.value, 1);
  } finally {
    await store?.close();
    execFileSync("umount", ["-l", directory]);
  }
});

test("after a failed fdatasync nothing is acknowledged until the next start, and searches go on", async (t) => {
  const directory = temporaryDirectory(t);
  const really = promisify(fdatasync);
  let failures = 0;
  const lines: string[] = [];
  const store = await startStore({
    directory,
    port: 0,
    log: (_level, line) => lines.push(line),
    sync: (fd) => {
      if (failures === 1) {
        failures += 1;
        return Promise.reject(new Error("EIO: i/o error, fdatasync"));
      }
      return really(fd);
    },
  });
  const send = (from: number) => call(`${store.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 10)));
  assert.equal((await send(0)).body.errors, false);
  failures = 1;
  const failed = await send(10);
  assert.deepEqual([failed.status, failed.body.error.type], [503, "cluster_block_exception"]);
  assert.match(failed.body.error.reason, /could not be synced: EIO.*start the store again/);
  // The disk works again, but what the failed sync left of the log is unknown.
  assert.equal((await send(20)).status, 503);
  const one = await call(`${store.url}/logstash-b/_doc/x`, "PUT", { n: 1 });
  assert.equal(one.status, 503);
  assert.equal((await call(`${store.url}/logstash-a/_search?q=n:3`)).body.hits.total.value, 1);
  assert.equal(lines.filter((line) => /writes are refused/.test(line)).length, 1);
  await store.close();
  const again = await openStore(t, { directory });
  const { body } = await call(`${again.url}/_bulk`, "POST", bulkBody("logstash-a", documents(0, 30)));
  const statuses = body.items.map((item: Item) => item.create.status);
  assert.deepEqual(statuses.slice(0, 10), Array(10).fill(409));
  assert.deepEqual(statuses.slice(20), Array(10).fill(201));
});

test("a document is found by the first search after its answer, in under a second from its sending", async (t) => {
  const { url } = await openStore(t, { unsealedDocuments: 300 });
  const took: number[] = [];
  for (let n = 0; n < 60; n++) {
    const started = performance.now();
    await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(n * 20, 20)));
    const { body } = await call(`${url}/logstash-*/_search?size=0`, "POST", { query: { term: { n: n * 20 + 19 } } });
    assert.equal(body.hits.total.value, 1);
    took.push(performance.now() - started);
  }
  took.sort((a, b) => a - b);
  t.diagnostic(`from sending to a hit: median ${took[30]?.toFixed(1)} ms, longest ${took[59]?.toFixed(1)} ms`);
  assert.ok((took[30] as number) < 1000);
});
