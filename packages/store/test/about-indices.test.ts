import assert from "node:assert/strict";
import test from "node:test";
import { bulkBody, call, openStore } from "./open-store.ts";

test("_field_caps tells types, what can be done with them, and where they differ between indices", async (t) => {
  const { url } = await openStore(t);
  await call(`${url}/one/_doc/a`, "PUT", { n: 1, text: "some words", deep: { at: "2026-11-22T10:00:00Z" } });
  await call(`${url}/two/_doc/a`, "PUT", { n: "one" });
  const { body } = await call(`${url}/one,two/_field_caps?fields=*`);
  assert.deepEqual(body.indices, ["one", "two"]);
  assert.deepEqual(body.fields["deep.at"].date, {
    type: "date",
    metadata_field: false,
    searchable: true,
    aggregatable: true,
  });
  assert.equal(body.fields.text.text.aggregatable, false);
  assert.equal(body.fields["text.keyword"].keyword.aggregatable, true);
  assert.deepEqual([body.fields.n.long.indices, body.fields.n.text.indices], [["one"], ["two"]]);
  assert.equal(body.fields.deep.object.searchable, false);
  assert.equal((await call(`${url}/one/_field_caps`)).status, 400);
  assert.deepEqual(Object.keys((await call(`${url}/one/_field_caps?fields=dee*`)).body.fields).sort(), [
    "deep",
    "deep.at",
  ]);
});

test("_cat prints aligned tables with heads on request, chosen and sorted columns, and JSON", async (t) => {
  const { url } = await openStore(t);
  const documents = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `${i}`, source: '{"n":1}' }));
  await call(`${url}/_bulk`, "POST", bulkBody("few", documents(2)));
  await call(`${url}/_bulk`, "POST", bulkBody("many-of-them", documents(12)));
  const table = (await call(`${url}/_cat/indices?v&h=index,docs.count&s=docs.count:desc`)).text;
  assert.equal(table, "index        docs.count\nmany-of-them         12\nfew                   2\n");
  const rows = (await call(`${url}/_cat/indices/few?format=json`)).body;
  assert.deepEqual([rows[0].index, rows[0].health, rows[0]["docs.count"]], ["few", "green", "2"]);
  assert.match((await call(`${url}/_cat/count/few?h=count`)).text, /^2\n$/);
  assert.match((await call(`${url}/_cat/health?h=status,shards`)).text, /^green 2\n$/);
  assert.match((await call(`${url}/_cat/nodes?h=ip,master`)).text, /^127\.0\.0\.1 \*\n$/);
  assert.equal((await call(`${url}/_cat/indices/absent`)).status, 404);
  assert.match((await call(`${url}/_cat/shards`)).body.error.reason, /not supported by the embedded store/);
});

test("an index is made of its template and the component templates it names, later ones over earlier ones", async (t) => {
  const { url } = await openStore(t);
  const component = (properties: object) => ({ template: { mappings: { properties } } });
  await call(`${url}/_component_template/base`, "PUT", component({ n: { type: "long" }, m: { type: "long" } }));
  await call(`${url}/_component_template/over`, "PUT", component({ n: { type: "keyword" } }));
  const template = { index_patterns: ["logs-*"], composed_of: ["base", "over"], template: { aliases: { all: {} } } };
  assert.equal((await call(`${url}/_index_template/logs`, "PUT", template)).status, 200);
  await call(`${url}/logs-1/_doc/a`, "PUT", { n: 5, m: 6 });
  const { properties } = (await call(`${url}/logs-1/_mapping`)).body["logs-1"].mappings;
  assert.deepEqual([properties.n.type, properties.m.type], ["keyword", "long"]);
  assert.deepEqual(Object.keys((await call(`${url}/_alias/all`)).body), ["logs-1"]);
  assert.equal((await call(`${url}/_cat/templates?h=name,composed_of`)).text, "logs [base, over]\n");
  assert.equal((await call(`${url}/_cat/aliases?h=alias,index`)).text, "all logs-1\n");

  const missing = { ...template, index_patterns: ["other-*"], composed_of: ["absent"] };
  assert.equal((await call(`${url}/_index_template/other`, "PUT", missing)).status, 400);
  assert.equal((await call(`${url}/_component_template/base`, "DELETE")).status, 400, "it is in use");
  await call(`${url}/_index_template/logs`, "DELETE");
  assert.equal((await call(`${url}/_component_template/base`, "DELETE")).status, 200);
  assert.equal((await call(`${url}/_component_template/base`)).status, 404);
  assert.equal((await call(`${url}/_component_template/bad`, "PUT", component({ n: { type: "nope" } }))).status, 400);
});
