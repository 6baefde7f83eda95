import assert from "node:assert/strict";
import test from "node:test";
import { Client } from "@elastic/elasticsearch";
import { openStore } from "./open-store.ts";

test("the official client indexes, finds, counts and deletes", async (t) => {
  const store = await openStore(t);
  const client = new Client({ node: store.url });
  t.after(() => client.close());
  assert.equal((await client.info()).tagline, "You Know, for Search");
  assert.equal(await client.ping(), true);
  await client.indices.putIndexTemplate({
    name: "falco",
    index_patterns: ["logstash-*"],
    template: {
      mappings: {
        properties: { "@timestamp": { type: "date_nanos" }, output_fields: { type: "object", subobjects: false } },
      },
    },
  });
  const documents = [1, 2, 3].map((n) => ({
    "@timestamp": `2026-11-22T10:00:0${n}.123456789Z`,
    rule: n === 3 ? "Write below etc" : "Terminal shell in container",
    priority: "Warning",
    output_fields: { "fd.sip": "10.0.0.1", "fd.sip.name": "host", "proc.name": n === 1 ? "bash" : "cat" },
  }));
  const bulk = await client.bulk({
    operations: documents.flatMap((document, i) => [
      { create: { _index: "logstash-2026.11.22", _id: `d${i}` } },
      document,
    ]),
  });
  assert.equal(bulk.errors, false);
  const found = await client.search({
    index: "logstash*",
    query: { bool: { must: { query_string: { query: "terminal AND output_fields.proc.name:bash" } } } },
    aggs: { rules: { terms: { field: "rule.keyword" } } },
  });
  assert.deepEqual(
    found.hits.hits.map((hit) => [hit._id, hit._source]),
    [["d0", documents[0]]],
  );
  assert.deepEqual(found.aggregations?.rules, {
    doc_count_error_upper_bound: 0,
    sum_other_doc_count: 0,
    buckets: [{ key: "Terminal shell in container", doc_count: 1 }],
  });
  assert.equal((await client.count({ index: "logstash-*" })).count, 3);
  const deleted = await client.deleteByQuery({ index: "logstash-*", query: { match: { rule: "etc" } } });
  assert.equal(deleted.deleted, 1);
  assert.equal((await client.count({ index: "logstash-*" })).count, 2);
  assert.equal(
    (await client.indices.exists({ index: "logstash-2026.11.22" })) && (await client.cluster.health()).status,
    "green",
  );
  await client.indices.delete({ index: "logstash-2026.11.22" });
  await assert.rejects(client.search({ index: "logstash-2026.11.22" }), /index_not_found_exception/);
});
