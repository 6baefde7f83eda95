import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "@falco-efk/kit";
import { checkConfig, createShipper } from "../src/index.ts";
import type { DeadLetterList } from "../src/operations/dead-letter-routes.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

const TOKEN = "0123456789abcdef";
const LONG = `{"message":"${"é".repeat(3000)}"}\n`;

/** A request whose headers are all ours: `fetch` sets Host and Origin itself. */
function ask(url: string, method: string, headers: Record<string, string>, body = ""): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("dead letters are listed, shown, replayed and dropped over HTTP, for this machine alone", async (t) => {
  const folder = temporaryFolder();
  const sink = await startBulkSink();
  const file = join(folder.path, "a.json");
  sink.fault = () => ({ kind: "partial", status: 400, refuse: () => true });
  const config = checkConfig({
    inputs: [{ type: "filestream", paths: [file], scan_interval: "100ms" }],
    output: { elasticsearch: { hosts: [sink.url] } },
    registry: { path: join(folder.path, "registry") },
    http: { port: 0, token: TOKEN },
  });
  const shipper = await createShipper(config, { log: createLogger("test", { level: "silent" }) });
  t.after(async () => {
    await shipper.stop();
    await sink.close();
    folder[Symbol.dispose]();
  });
  const base = `${shipper.url}/dead-letters`;
  const list = async (query = ""): Promise<DeadLetterList> =>
    (await (await fetch(base + query)).json()) as DeadLetterList;
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${base}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  for (const line of [falcoLine(1), falcoLine(2), LONG]) appendFileSync(file, line);
  await until(
    async () => (await list()).total === 3,
    10_000,
    () => "not three dead letters",
  );

  const { letters } = await list("?limit=1");
  assert.equal(letters.length, 1, "the limit holds");
  const [newest] = letters;
  assert.ok(newest !== undefined);
  assert.equal(newest.path, file);
  assert.equal(newest.offset, falcoLine(1).length + falcoLine(2).length);
  assert.match(newest.reason, /rejected by the test/);
  assert.equal(newest.cut, true);
  assert.ok(Buffer.byteLength(newest.record) <= 2048 && newest.record.endsWith("é"), "cut between characters");
  const whole = (await (await fetch(`${base}/${newest.id}`)).json()) as { record: string };
  assert.equal(`${whole.record}\n`, LONG);
  assert.equal((await list("?limit=9&from=2")).letters[0]?.offset, 0);

  const json = { "content-type": "application/json" };
  const all = '{"all":true}';
  assert.equal(await ask(`${base}/drop`, "POST", { ...json, origin: "https://evil.example" }, all), 403);
  assert.equal(await ask(`${base}/drop`, "POST", { "content-type": "text/plain" }, all), 415);
  assert.equal(await ask(base, "GET", { host: "evil.example" }), 403, "a rebound DNS name");
  const known = { host: "falco-ship:5066", authorization: `Bearer ${TOKEN}` };
  assert.equal(await ask(base, "GET", known), 200, "who knows the token may use any name");
  assert.equal(await ask(base, "GET", { ...known, authorization: `Bearer ${TOKEN}x` }), 401);
  assert.equal(await ask(`${base}/drop`, "POST", { ...known, "content-type": "text/plain" }, all), 415);
  assert.equal(await ask(base, "DELETE", json), 405);
  assert.equal((await fetch(`${base}?limit=x`)).status, 400);
  assert.equal((await post("drop", {})).status, 400, "nothing is dropped without being named");
  assert.equal((await post("drop", { ids: ["none"] })).status, 404);
  assert.equal((await list()).total, 3);

  assert.deepEqual(await (await post("drop", { ids: [newest.id] })).json(), { dropped: 1 });
  const refused = (await (await post("replay", { all: true })).json()) as { rejected: number; reasons: string[] };
  assert.equal(refused.rejected, 2);
  assert.match(refused.reasons[0] ?? "", /rejected by the test/);
  sink.fault = () => null;
  assert.deepEqual(await (await post("replay", { all: true })).json(), { delivered: 2, rejected: 0, reasons: [] });
  assert.equal((await list()).total, 0);
  assert.equal(sink.documents.size, 2);
});
