import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { startStore } from "@falco-efk/store";
import fc from "fast-check";
import { Catalog } from "../src/indices/catalog.ts";
import type { StoredIndex } from "../src/indices/stored-index.ts";
import { runCase } from "./conformance-run.ts";
import { bulkBody, call, openStore, temporaryDirectory } from "./open-store.ts";
import { CONFORMANCE_CASES } from "./tables/conformance-cases.ts";
import { CONFORMANCE_DOCUMENTS, CONFORMANCE_INDEX } from "./tables/conformance-documents.ts";

function documents(from: number, count: number): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => ({ id: `id-${from + i}`, source: JSON.stringify(event(from + i)) }));
}

/** Events whose segments lie between each other in time, with values that repeat, some that do not, and some absent. */
function event(n: number): object {
  return {
    "@timestamp": new Date(Date.UTC(2026, 10, 22) + ((n * 7919) % 4001) * 1000).toISOString(),
    n,
    rule: `r${n % 7}`,
    output: `Sensitive file number ${n} opened by user${n % 5}`,
    tags: n % 3 === 0 ? [] : [`t${n % 4}`, `t${n % 6}`],
    ...(n % 10 === 0 ? { rare: n * 1.5 } : {}),
  };
}

const QUESTIONS = [
  { query: { term: { rule: "r3" } }, sort: ["n"], size: 100 },
  { query: { match_phrase: { output: "sensitive file number 17" } } },
  { query: { match_phrase: { output: "file sensitive" } } },
  { query: { query_string: { query: "user3 AND tags:t1" } }, sort: [{ "@timestamp": "desc" }, "n"], size: 50 },
  { query: { exists: { field: "rare" } }, sort: ["rare"], size: 100 },
  { query: { range: { "@timestamp": { gte: "2026-11-22T00:10:00Z", lt: "2026-11-22T00:30:00Z" } } }, sort: ["n"] },
  {
    size: 0,
    aggs: {
      tags: { terms: { field: "tags.keyword", size: 20 } },
      rules: { terms: { field: "rule.keyword" }, aggs: { most: { max: { field: "n" } } } },
      time: {
        date_histogram: { field: "@timestamp", fixed_interval: "10m" },
        aggs: { a: { terms: { field: "rule.keyword" } } },
      },
      outputs: { cardinality: { field: "output.keyword" } },
      few: { terms: { field: "output.keyword", size: 3, order: { _key: "asc" } } },
    },
  },
];

async function answers(url: string): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const question of QUESTIONS) {
    const { body } = await call(`${url}/logstash-a/_search`, "POST", { ...question, track_total_hits: true });
    all.push([body.hits, body.aggregations]);
  }
  return all;
}

function segmentsOf(directory: string): number[] {
  const index = join(directory, "indices", "logstash-a", "index.json");
  return (JSON.parse(readFileSync(index, "utf8")) as { segments: number[] }).segments;
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await done()); ) {
    assert.ok(Date.now() < deadline, `waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("segments are merged, and every answer stays as it was, with documents deleted and replaced before and after", async (t) => {
  const whole = await openStore(t);
  const directory = temporaryDirectory(t);
  const merging = await openStore(t, { directory, unsealedDocuments: 100 });
  for (const { url } of [whole, merging]) {
    for (let from = 0; from < 1500; from += 50) {
      await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 50)));
      if (from === 600) {
        await call(`${url}/logstash-a/_delete_by_query`, "POST", { query: { term: { rule: "r1" } } });
        await call(`${url}/logstash-a/_doc/id-17`, "PUT", { ...event(17), rule: "replaced" });
      }
    }
  }
  await until("a merged segment", () => segmentsOf(directory).length < 10);
  for (const { url } of [whole, merging]) {
    await call(`${url}/logstash-a/_delete_by_query`, "POST", { query: { term: { rule: "r2" } } });
  }
  const expected = await answers(whole.url);
  assert.deepEqual(await answers(merging.url), expected);
  await merging.close();
  const again = await openStore(t, { directory });
  assert.deepEqual(await answers(again.url), expected);
  assert.equal((await call(`${again.url}/logstash-a/_doc/id-17`)).body._version, 2);
  assert.equal((await call(`${again.url}/logstash-a/_doc/id-18`)).body._source.n, 18);
  const index = join(directory, "indices", "logstash-a");
  const left = readdirSync(index).filter((name) => name.endsWith(".seg"));
  assert.equal(left.length, segmentsOf(directory).length, "old files are gone");
});

test("merged segments answer the conformance table as one segment in memory does", async (t) => {
  const [whole, merged] = [await openStore(t), await openStore(t, { unsealedDocuments: 2 })];
  for (const { url } of [whole, merged]) {
    await call(`${url}/conformance`, "PUT", CONFORMANCE_INDEX);
    for (const { id, source } of CONFORMANCE_DOCUMENTS) {
      await call(`${url}/conformance/_doc/${id}`, "PUT", source);
    }
  }
  for (const one of CONFORMANCE_CASES) {
    const [expected, actual] = [await runCase(whole.url, one), await runCase(merged.url, one)];
    assert.deepEqual(actual, expected, one.name);
  }
});

test("whatever is written, replaced and deleted between merges, each document is there once, with its last version", async () => {
  const write = fc.record({ id: fc.nat(40), kind: fc.constantFrom("put", "put", "put", "delete") });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 60, maxLength: 200 }), async (writes) => {
      const directory = temporaryDirectory({ after: () => undefined } as never);
      const store = await startStore({ directory, port: 0, unsealedDocuments: 4 });
      const expected = new Map<string, number>();
      for (const [n, { id, kind }] of writes.entries()) {
        const url = `${store.url}/logstash-a/_doc/${id}`;
        if (kind === "put") {
          await call(url, "PUT", { n });
          expected.set(String(id), n);
        } else {
          await call(url, "DELETE");
          expected.delete(String(id));
        }
      }
      const { body } = await call(`${store.url}/logstash-*/_search?size=1000`);
      const found = body.hits.hits.map((hit: { _id: string; _source: { n: number } }) => [hit._id, hit._source.n]);
      assert.deepEqual(found.sort(), [...expected].sort());
      await store.close();
    }),
    { numRuns: 6 },
  );
});

test("kill -9 while segments are merged loses and doubles nothing", async (t) => {
  const directory = temporaryDirectory(t);
  const rounds = process.env.FALCO_EFK_LONG === "1" ? 20 : 4;
  let acknowledged = 0;
  let killedInMerge = 0;
  for (let round = 0; round < rounds; round++) {
    const child = spawn(
      process.execPath,
      ["--conditions=@falco-efk/source", join(import.meta.dirname, "small-segments.ts"), directory],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    t.after(() => child.kill("SIGKILL"));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const url = line.toString().trim();
    assert.equal((await call(`${url}/logstash-*/_count`)).body.count, acknowledged, `round ${round}`);
    const exited = once(child, "exit");
    const index = join(directory, "indices", "logstash-a");
    const merging = (): boolean =>
      existsSync(index) && readdirSync(index).filter((name) => name.endsWith(".tmp")).length > 0;
    for (let batch = 0; batch < 30 + round; batch++) {
      const { body } = await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(acknowledged, 100)));
      assert.equal(body.errors, false);
      acknowledged += 100;
    }
    for (let tries = 0; tries < 500 && !merging(); tries++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    killedInMerge += merging() ? 1 : 0;
    child.kill("SIGKILL");
    await exited;
  }
  t.diagnostic(`${killedInMerge} of ${rounds} kills came while a file was being written`);
  const store = await openStore(t, { directory });
  assert.equal((await call(`${store.url}/logstash-a/_count`)).body.count, acknowledged);
  for (let from = 0; from < acknowledged; from += 1000) {
    const ids = documents(from, Math.min(1000, acknowledged - from)).map(({ id }) => id);
    const { body } = await call(`${store.url}/logstash-a/_mget?_source=false`, "POST", { ids });
    assert.ok(body.docs.every((doc: { found: boolean }) => doc.found));
  }
});

test("a merge that finds a damaged file names it, and leaves the segments as they are", async (t) => {
  const directory = temporaryDirectory(t);
  const first = await startStore({ directory, port: 0, unsealedDocuments: 100 });
  for (let from = 0; from < 1000; from += 100) {
    await call(`${first.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 100)));
  }
  await until("ten segments", () => segmentsOf(directory).length === 10);
  await first.close();
  const path = join(directory, "indices", "logstash-a", `${String(segmentsOf(directory)[3]).padStart(6, "0")}.seg`);
  const bytes = readFileSync(path);
  const footer = JSON.parse(bytes.subarray(bytes.length - 16 - bytes.readUInt32LE(bytes.length - 16), -16).toString());
  const [offset] = footer.sections[`${footer.meta.columns.rule.section}/ordinals`];
  bytes[offset + 5] = (bytes[offset + 5] as number) ^ 0xff;
  writeFileSync(path, bytes);
  const lines: string[] = [];
  const store = await openStore(t, { directory, unsealedDocuments: 100, log: (_level, line) => lines.push(line) });
  for (let from = 1000; from < 1300; from += 100) {
    await call(`${store.url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 100)));
  }
  await until("a failed merge", () => lines.some((line) => /merging segments of logstash-a failed/.test(line)));
  assert.match(lines.join("\n"), /\.seg is damaged: .*falco-store repair/);
  assert.equal((await call(`${store.url}/logstash-a/_count`)).body.count, 1300);
});

test("removing an index while its segments are merged ends the merge", async (t) => {
  const directory = temporaryDirectory(t);
  const catalog = new Catalog({
    directory,
    cacheBytes: 1 << 20,
    unsealedDocuments: 100,
    now: Date.now,
    log: (_level, line) => assert.fail(line),
  });
  t.after(() => catalog.close());
  const { executeWrites, parseBulk } = await import("../src/indices/bulk.ts");
  for (let from = 0; from < 1300; from += 100) {
    await executeWrites(catalog, parseBulk(Buffer.from(bulkBody("logstash-a", documents(from, 100))), undefined));
  }
  const index = catalog.indices.get("logstash-a") as StoredIndex;
  const merging = index.merge();
  catalog.remove(index);
  await merging;
  assert.equal(existsSync(index.directory), false);
});
