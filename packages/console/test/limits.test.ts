import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Agent, request } from "undici";
import { standIn, start } from "./support/start.ts";

const SEARCH = "/api/console/elastic/logstash*/_search";

interface Silent {
  readonly url: string;
  /** Requests that wait for an answer; one that was given up leaves. */
  readonly waiting: Set<ServerResponse>;
  readonly server: Server;
}

/** An Elasticsearch that takes searches and answers none. */
async function silentElastic(): Promise<Silent> {
  const waiting = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    waiting.add(response);
    response.once("close", () => waiting.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, waiting, server };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) assert.fail("it didn't come to be in 10 s");
    await delay(10);
  }
}

test("eight searches run at once, the next ones wait, and more than that are refused", async () => {
  const elastic = await silentElastic();
  const app = await start({ elasticsearchUrl: elastic.url });
  try {
    const answers = Array.from({ length: 73 }, () => app.call("POST", SEARCH, {}).then(({ status }) => status));
    const refused = await Promise.race(answers);
    assert.equal(refused, 429);
    await until(() => elastic.waiting.size === 8);
    const all = Promise.all(answers);
    // Whoever gets a slot is answered, until nobody waits any more.
    while ((await Promise.race([all, delay(5, null)])) === null)
      for (const response of elastic.waiting) response.end("{}");
    const statuses = await all;
    assert.equal(statuses.filter((status) => status === 200).length, 72);
  } finally {
    await app.close();
    elastic.server.close();
    elastic.server.closeAllConnections();
  }
});

test("a search whose page has left is given up, at Elasticsearch too", async () => {
  const elastic = await silentElastic();
  const app = await start({ elasticsearchUrl: elastic.url });
  try {
    const page = new AbortController();
    const asked = fetch(`${app.console.url}${SEARCH}`, {
      method: "POST",
      headers: { "kbn-xsrf": "test", "content-type": "application/json" },
      body: "{}",
      signal: page.signal,
    });
    await until(() => elastic.waiting.size === 1);
    page.abort();
    await assert.rejects(asked);
    await until(() => elastic.waiting.size === 0);
  } finally {
    await app.close();
    elastic.server.close();
    elastic.server.closeAllConnections();
  }
});

test("a search that takes too long is a clear 504", async () => {
  const elastic = await silentElastic();
  const app = await start({ elasticsearchUrl: elastic.url, elasticsearch: { timeoutMs: 300 } });
  try {
    const response = await app.call("POST", SEARCH, {});
    assert.equal(response.status, 504);
    assert.match(await response.text(), /took too long/);
  } finally {
    await app.close();
    elastic.server.close();
    elastic.server.closeAllConnections();
  }
});

test("a body that is too large or too deep is refused before Elasticsearch sees it", async () => {
  const elastic = await standIn("{}");
  const app = await start({ elasticsearchUrl: elastic.url });
  try {
    let deep: unknown = { match_all: {} };
    for (let level = 0; level < 40; level += 1) deep = { bool: { must: deep } };
    const nested = await app.call("POST", SEARCH, { query: deep });
    assert.equal(nested.status, 400);
    assert.match(await nested.text(), /nested deeper/);
    const large = await app.call("POST", SEARCH, { query: { term: { a: "x".repeat(27_000_000) } } });
    assert.equal(large.status, 413);
    assert.equal(elastic.asked.length, 0);
  } finally {
    await app.close();
    await elastic.close();
  }
});

test("what changes dead letters or thresholds needs kbn-xsrf and the log-in, and reaches no other path", async () => {
  const service = await standIn("{}");
  const urls = {
    alertsUrl: service.url,
    shipUrl: "http://127.0.0.1:9/stats",
    deadLettersUrl: service.url,
    shipToken: "known",
  };
  const [open, closed] = await Promise.all([start(urls), start({ ...urls, password: "correct horse" })]);
  try {
    for (const path of [
      "/api/console/dead-letters/drop",
      "/api/console/dead-letters/replay",
      "/api/console/alerts/rules",
    ]) {
      assert.equal((await fetch(`${open.console.url}${path}`, { method: "POST" })).status, 400, path);
      assert.equal((await closed.call("POST", path, { all: true })).status, 401, path);
    }
    for (const path of ["dead-letters/..%2fstats", "dead-letters/%2e%2e/stats", "alerts/a/..%2f..%2fb"]) {
      const status = await rawStatus(open.console.port, `/api/console/${path}`);
      assert.notEqual(status, 200, path);
    }
    assert.equal(service.asked.length, 0);
    await open.call("POST", "/api/console/dead-letters/drop", { ids: ["a"] });
    assert.deepEqual(
      service.asked.map(({ method, path, body, authorization }) => [method, path, body, authorization]),
      [["POST", "/dead-letters/drop", '{"ids":["a"]}', "Bearer known"]],
    );
    await open.call("GET", "/api/console/alerts/rules");
    assert.equal(service.asked.at(-1)?.authorization, undefined, "the shipper's token is for the shipper alone");
  } finally {
    await Promise.all([open.close(), closed.close()]);
    await service.close();
  }
});

/** `fetch` tidies paths up; this sends them as they are. */
function rawStatus(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString("latin1"))?.[1]));
    });
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  });
}

test("over TLS the session's cookie is for TLS alone, and a session that nobody uses ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "falco-console-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", [...make, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
  const tls = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  let now = 1_000_000;
  const app = await start({ password: "correct horse", tls, now: () => now });
  const dispatcher = new Agent({ connect: { ca: tls.cert } });
  try {
    const login = await request(`${app.console.url}/api/console/login`, {
      method: "POST",
      dispatcher,
      headers: { "kbn-xsrf": "test", "content-type": "application/json" },
      body: '{"password":"correct horse"}',
    });
    await login.body.dump();
    const cookie = String(login.headers["set-cookie"]);
    assert.match(cookie, /; HttpOnly; SameSite=Strict; Secure$/);
    const status = async (): Promise<number> => {
      const headers = { cookie: cookie.split(";")[0] ?? "" };
      const answer = await request(`${app.console.url}/api/status`, { dispatcher, headers });
      await answer.body.dump();
      return answer.statusCode;
    };
    now += 11 * 3600_000;
    assert.equal(await status(), 200);
    now += 11 * 3600_000;
    assert.equal(await status(), 200, "a use prolongs it");
    now += 12 * 3600_000 + 1;
    assert.equal(await status(), 401);
  } finally {
    await dispatcher.close();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
