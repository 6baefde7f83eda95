import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { executeWrites, parseBulk } from "../src/indices/bulk.ts";
import { Catalog } from "../src/indices/catalog.ts";
import { retain } from "../src/indices/retention.ts";
import { temporaryDirectory } from "./open-store.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2026-11-22T12:00:00Z");

/** A catalog with an index for each of the last `days` days, and one that retention has nothing to do with. */
async function daily(t: TestContext, days: number): Promise<Catalog> {
  const catalog = new Catalog({
    directory: temporaryDirectory(t),
    cacheBytes: 1 << 20,
    unsealedDocuments: 3,
    now: () => NOW,
    log: () => undefined,
  });
  t.after(() => catalog.close());
  const add = (index: string, time: string): Promise<unknown> => {
    const line = `{"create":{"_index":"${index}"}}\n{"@timestamp":"${time}","fill":"${"x".repeat(1000)}"}\n`;
    return executeWrites(catalog, parseBulk(Buffer.from(line.repeat(4)), undefined));
  };
  for (let back = 0; back < days; back++) {
    const time = new Date(NOW - back * DAY).toISOString();
    await add(`logstash-${time.slice(0, 10)}`, time);
  }
  await add("kept", "2020-01-01T00:00:00Z");
  await catalog.settled();
  return catalog;
}

test("an index goes when its newest event is older than the age, whenever it was written", async (t) => {
  const catalog = await daily(t, 5);
  const gone = retain(catalog, { maxAgeMs: 2.5 * DAY, maxBytes: Infinity, pattern: "logstash-*" });
  assert.deepEqual(gone, ["logstash-2026-11-18", "logstash-2026-11-19"]);
  assert.deepEqual([...catalog.indices.keys()].sort(), [
    "kept",
    "logstash-2026-11-20",
    "logstash-2026-11-21",
    "logstash-2026-11-22",
  ]);
});

test("the oldest indices go until the rest fits, but never the newest", async (t) => {
  const catalog = await daily(t, 4);
  const sizes = [...catalog.indices.values()].filter(({ name }) => name !== "kept").map(({ bytes }) => bytes);
  const two = Math.max(...sizes) * 2;
  const options = { maxAgeMs: Infinity, pattern: "logstash-*" };
  assert.deepEqual(retain(catalog, { ...options, maxBytes: two }), ["logstash-2026-11-19", "logstash-2026-11-20"]);
  assert.deepEqual(retain(catalog, { ...options, maxBytes: 1 }), ["logstash-2026-11-21"]);
  assert.deepEqual([...catalog.indices.keys()].sort(), ["kept", "logstash-2026-11-22"]);
});
