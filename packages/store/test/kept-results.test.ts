import assert from "node:assert/strict";
import test from "node:test";
import { bulkBody, call, openStore } from "./open-store.ts";

const START = Date.UTC(2026, 10, 22);

function documents(from: number, count: number): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const at = new Date(START + n * 10_000).toISOString();
    return {
      id: `id-${n}`,
      source: JSON.stringify({ "@timestamp": at, n, rule: `r${n % 7}`, host: `h${n % 3}`, load: n / 8 }),
    };
  });
}

function questions(minutes: number): object[] {
  const end = new Date(START + minutes * 60_000).toISOString();
  const range = { range: { "@timestamp": { gte: new Date(START).toISOString(), lt: end } } };
  const time = {
    date_histogram: { field: "@timestamp", fixed_interval: "10m", extended_bounds: { min: START, max: end } },
  };
  const rules = { terms: { field: "rule.keyword" }, aggs: { load: { stats: { field: "load" } } } };
  return [
    { aggs: { rules } },
    { aggs: { rules: { terms: { field: "rule.keyword", size: 3 } } } },
    { aggs: { time: { ...time, aggs: { rules, hosts: { cardinality: { field: "host.keyword" } } } } } },
    { aggs: { f: { filters: { filters: { a: { term: { rule: "r1" } }, b: { match_all: {} } } }, aggs: { rules } } } },
    { aggs: { n: { cardinality: { field: "n" } }, sum: { sum: { field: "n" } } } },
    {
      aggs: {
        days: { terms: { field: "host.keyword", order: { load: "desc" } }, aggs: { load: { avg: { field: "load" } } } },
      },
    },
  ].flatMap((body) => [
    { size: 0, track_total_hits: true, query: { bool: { filter: [range] } }, ...body },
    {
      size: 0,
      track_total_hits: true,
      query: { bool: { filter: [range], must: [{ term: { host: "h1" } }] } },
      ...body,
    },
    { size: 0, track_total_hits: true, query: range, post_filter: { term: { rule: "r2" } }, ...body },
    {
      size: 0,
      track_total_hits: true,
      query: { bool: { filter: range, should: [{ term: { rule: "r3" } }] } },
      ...body,
    },
  ]);
}

test("answers out of kept parts are those worked out anew: spans that move, deletions, new documents and fields", async (t) => {
  const { url } = await openStore(t, { unsealedDocuments: 100 });
  const compare = async (minutes: number): Promise<void> => {
    for (const question of questions(minutes)) {
      const anew = await call(`${url}/logstash-a/_search?request_cache=false`, "POST", question);
      assert.equal(anew.status, 200);
      for (const _twice of [1, 2]) {
        const kept = await call(`${url}/logstash-a/_search`, "POST", question);
        assert.deepEqual([kept.body.hits, kept.body.aggregations], [anew.body.hits, anew.body.aggregations]);
      }
    }
  };
  for (let from = 0; from < 900; from += 50) {
    await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 50)));
  }
  for (const minutes of [60, 100, 140, 160]) {
    await compare(minutes);
  }
  await call(`${url}/logstash-a/_delete_by_query`, "POST", { query: { term: { rule: "r2" } } });
  await compare(100);
  await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(900, 150)));
  await call(`${url}/logstash-a/_doc/new`, "PUT", { "@timestamp": new Date(START).toISOString(), more: "field" });
  await compare(160);
});

test("a question with the time of the search in it is answered anew", async (t) => {
  let now = START + 3_600_000;
  const { url } = await openStore(t, { unsealedDocuments: 100, now: () => now });
  for (let from = 0; from < 600; from += 50) {
    await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents(from, 50)));
  }
  const recent = async (): Promise<number> => {
    const query = { range: { "@timestamp": { gte: "now-10m", lt: "now" } } };
    return (await call(`${url}/logstash-a/_search?size=0`, "POST", { query })).body.hits.total.value;
  };
  assert.equal(await recent(), 60);
  now += 1000 * 60 * 35;
  assert.equal(await recent(), 60);
  now += 1000 * 60 * 60;
  assert.equal(await recent(), 0);
});
