import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import test from "node:test";
import { startStore } from "@falco-efk/store";
import { call, openStore, temporaryDirectory } from "./open-store.ts";

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

/** The status of a request whose Host header is not its address, which `fetch` cannot send. */
async function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const sent = request(url, { headers }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("with a password only the user and keys that are alive get in", async (t) => {
  let now = Date.parse("2026-11-22T10:00:00Z");
  const store = await openStore(t, { password: "säcret:1", now: () => now });
  const right = basic("elastic", "säcret:1");
  const refused = await call(`${store.url}/_search`);
  assert.deepEqual([refused.status, refused.body.error.type], [401, "security_exception"]);
  assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic realm=/);
  for (const wrong of [basic("elastic", "other"), basic("root", "säcret:1"), { authorization: "Basic !" }]) {
    assert.equal((await call(store.url, "GET", undefined, wrong)).status, 401);
  }
  assert.equal((await call(store.url, "GET", undefined, right)).status, 200);

  const made = await call(`${store.url}/_security/api_key`, "POST", { name: "ship", expiration: "1h" }, right);
  const key = { authorization: `ApiKey ${made.body.encoded}` };
  const who = await call(`${store.url}/_security/_authenticate`, "GET", undefined, key);
  assert.deepEqual([who.status, who.body.username], [200, "ship"]);
  const listed = await call(`${store.url}/_security/api_key`, "GET", undefined, right);
  assert.equal(listed.text.includes(made.body.api_key), false, "a secret is never given twice");
  now += 3_600_001;
  assert.equal((await call(store.url, "GET", undefined, key)).status, 401);
});

test("API keys survive a restart and end when they are taken away", async (t) => {
  const directory = temporaryDirectory(t);
  const right = basic("elastic", "p");
  const first = await startStore({ directory, port: 0, password: "p" });
  const { body } = await call(`${first.url}/_security/api_key`, "POST", { name: "console" }, right);
  await first.close();
  const second = await openStore(t, { directory, password: "p" });
  const key = { authorization: `ApiKey ${body.encoded}` };
  assert.equal((await call(second.url, "GET", undefined, key)).status, 200);
  const gone = await call(`${second.url}/_security/api_key`, "DELETE", { ids: [body.id] }, right);
  assert.deepEqual(gone.body.invalidated_api_keys, [body.id]);
  assert.equal((await call(second.url, "GET", undefined, key)).status, 401);
});

test("an open address is refused without a password", async (t) => {
  await assert.rejects(
    startStore({ directory: temporaryDirectory(t), host: "0.0.0.0", port: 0 }),
    /listening on 0\.0\.0\.0 needs a password/,
  );
});

test("without a password, requests that a page of another site makes are refused", async (t) => {
  const { url } = await openStore(t);
  const { host } = new URL(url);
  for (const foreign of ["evil.example", "evil.example:9200", "localhost.evil.example", "127.0.0.1.evil.example"]) {
    assert.equal(await statusWith(url, { host: foreign }), 403, `Host: ${foreign}`);
    assert.equal(await statusWith(url, { host, origin: `http://${foreign}` }), 403, `Origin: http://${foreign}`);
  }
  assert.equal(await statusWith(url, { host, origin: "null" }), 403);
  for (const own of [host, "localhost:9200", "[::1]:5601"]) {
    assert.equal(await statusWith(url, { host: own, origin: `http://${own}` }), 200, own);
  }
});
