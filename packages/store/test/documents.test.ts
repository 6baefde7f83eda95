import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { bulkBody, call, openStore } from "./open-store.ts";

const DOCUMENTS = ["a", "b", "c"].map((id, n) => ({ id, source: JSON.stringify({ n, rule: `rule ${id}` }) }));

test("_msearch answers each search by itself, a wrong one with its error", async (t) => {
  const { url } = await openStore(t);
  await call(`${url}/_bulk`, "POST", bulkBody("one", DOCUMENTS));
  const lines = [
    {},
    { query: { term: { n: 1 } } },
    { index: "absent" },
    {},
    { index: "one" },
    { query: { nonsense: {} } },
  ];
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const { status, body: answer } = await call(`${url}/one/_msearch`, "POST", body);
  assert.equal(status, 200);
  const [first, second, third] = answer.responses;
  assert.deepEqual([first.status, first.hits.hits[0]._id, first.hits.total.value], [200, "b", 1]);
  assert.deepEqual([second.status, second.error.type], [404, "index_not_found_exception"]);
  assert.deepEqual([third.status, third.error.type], [400, "parsing_exception"]);
});

test("_mget gives documents in the order asked, and says which are not there", async (t) => {
  const { url } = await openStore(t);
  await call(`${url}/_bulk`, "POST", bulkBody("one", DOCUMENTS));
  const { body } = await call(`${url}/one/_mget?_source=n`, "POST", { ids: ["c", "x", "a"] });
  assert.deepEqual(
    body.docs.map((doc: { _id: string; found: boolean; _source?: object }) => [doc._id, doc.found, doc._source]),
    [
      ["c", true, { n: 2 }],
      ["x", false, undefined],
      ["a", true, { n: 0 }],
    ],
  );
  const across = await call(`${url}/_mget`, "POST", {
    docs: [
      { _index: "absent", _id: "a" },
      { _index: "one", _id: "b" },
    ],
  });
  assert.equal(across.body.docs[0].error.type, "index_not_found_exception");
  assert.equal(across.body.docs[1]._source.rule, "rule b");
});

test("_update patches deeply, does nothing when nothing changes, and inserts when told to", async (t) => {
  const { url } = await openStore(t);
  await call(`${url}/one/_doc/a`, "PUT", { n: 1, tags: { x: 1, y: 2 } });
  const patched = await call(`${url}/one/_update/a`, "POST", { doc: { tags: { y: 3 } } });
  assert.deepEqual([patched.body.result, patched.body._version], ["updated", 2]);
  assert.deepEqual((await call(`${url}/one/_doc/a`)).body._source, { n: 1, tags: { x: 1, y: 3 } });
  const same = await call(`${url}/one/_update/a`, "POST", { doc: { n: 1 } });
  assert.deepEqual([same.body.result, same.body._version], ["noop", 2]);
  assert.equal(
    (await call(`${url}/one/_update/z`, "POST", { doc: { n: 1 } })).body.error.type,
    "document_missing_exception",
  );
  const inserted = await call(`${url}/one/_update/z`, "POST", { doc: { n: 9 }, doc_as_upsert: true });
  assert.deepEqual([inserted.status, inserted.body.result], [201, "created"]);
  const found = await call(`${url}/one/_count`, "POST", { query: { term: { "tags.y": 3 } } });
  assert.equal(found.body.count, 1);
  const script = await call(`${url}/one/_update/a`, "POST", { script: "ctx._source.n++" });
  assert.match(script.body.error.reason, /not supported by the embedded store/);
});

test("a gzip body is unpacked; a broken, an unknown and a too large one are the sender's errors", async (t) => {
  const { url } = await openStore(t, { maxBodyBytes: 100_000 });
  const send = async (body: Buffer | string, encoding: string): Promise<[number, string]> => {
    const headers = { "content-type": "application/x-ndjson", "content-encoding": encoding };
    const response = await fetch(`${url}/_bulk`, { method: "POST", headers, body: new Uint8Array(Buffer.from(body)) });
    const answer = (await response.json()) as { errors?: boolean; error?: { type: string } };
    return [response.status, answer.error?.type ?? String(answer.errors)];
  };
  assert.deepEqual(await send(gzipSync(bulkBody("one", DOCUMENTS)), "gzip"), [200, "false"]);
  assert.equal((await call(`${url}/one/_count`)).body.count, 3);
  assert.deepEqual(await send("no gzip at all\n", "gzip"), [400, "parse_exception"]);
  assert.deepEqual(await send("{}\n", "br"), [415, "illegal_argument_exception"]);
  assert.deepEqual(await send(gzipSync(Buffer.alloc(200_000)), "gzip"), [413, "content_too_long_exception"]);
});

test("an alias is searched, written through when it has one index, moved in one step, and refused as an index", async (t) => {
  const { url } = await openStore(t);
  await call(`${url}/_bulk`, "POST", bulkBody("one", DOCUMENTS));
  await call(`${url}/two`, "PUT");
  assert.equal((await call(`${url}/one/_alias/now`, "PUT")).status, 200);
  assert.equal((await call(`${url}/now/_doc/d`, "PUT", { n: 4 })).body._index, "one");
  assert.equal((await call(`${url}/now/_count`)).body.count, 4);
  const move = { actions: [{ remove: { index: "one", alias: "now" } }, { add: { index: "two", alias: "now" } }] };
  assert.deepEqual((await call(`${url}/_aliases`, "POST", move)).body, { acknowledged: true });
  assert.equal((await call(`${url}/now/_count`)).body.count, 0);
  assert.deepEqual(Object.keys((await call(`${url}/_alias/now`)).body), ["two"]);
  assert.equal((await call(`${url}/now`, "DELETE")).body.error.type, "illegal_argument_exception");
  assert.equal((await call(`${url}/now`, "PUT")).body.error.type, "invalid_index_name_exception");
  assert.equal((await call(`${url}/two/_alias/now`, "DELETE")).status, 200);
  assert.equal((await call(`${url}/_alias/now`)).status, 404);
});
