import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { startConsole } from "@falco-efk/console";
import { standIn, start } from "./support/start.ts";

const ANSWER = '{"took":1,"hits":{"hits":[{"_source":{"evt.time":1795391523116854935}}]}}';
const SEARCH = "/api/console/elastic/logstash*/_search";

/** fetch sets Host itself, so this goes a floor below. */
function statusWithHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/status`, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}

test("a request under a foreign host name is refused: it could be a page that rebinds DNS", async () => {
  const app = await start({ allowedHosts: ["console.example"] });
  try {
    const { url, port } = app.console;
    assert.equal(await statusWithHost(url, `localhost:${port}`), 200);
    assert.equal(await statusWithHost(url, `127.0.0.1:${port}`), 200);
    assert.equal(await statusWithHost(url, "console.example"), 200);
    assert.equal(await statusWithHost(url, "attacker.example"), 403);
    assert.equal(await statusWithHost(url, "localhost.attacker.example"), 403);
  } finally {
    await app.close();
  }
});

test("a write without kbn-xsrf is refused, whichever it is", async () => {
  const app = await start();
  try {
    for (const [method, path] of [
      ["POST", "/api/saved_objects/_import"],
      ["DELETE", "/api/saved_objects/search/x"],
      ["POST", SEARCH],
      ["POST", "/api/console/login"],
    ] as const) {
      const response = await fetch(`${app.console.url}${path}`, { method });
      assert.equal(response.status, 400, path);
      assert.match(await response.text(), /kbn-xsrf/);
    }
  } finally {
    await app.close();
  }
});

test("every answer forbids inline script, framing and sniffing", async () => {
  const app = await start();
  try {
    for (const path of ["/app/discover", "/api/status", "/nothing"]) {
      const { headers } = await app.call("GET", path);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
    }
  } finally {
    await app.close();
  }
});

test("only reading reaches Elasticsearch, with its credentials, and the answer's bytes come back untouched", async () => {
  const elastic = await standIn(ANSWER);
  const app = await start({ elasticsearchUrl: elastic.url, elasticsearch: { username: "reader", password: "s3cret" } });
  try {
    const response = await app.call("POST", SEARCH, { size: 1 });
    assert.equal(await response.text(), ANSWER);
    assert.match(elastic.asked[0]?.path ?? "", /^\/logstash\*\/_search\?/);
    assert.equal(elastic.asked[0]?.authorization, `Basic ${Buffer.from("reader:s3cret").toString("base64")}`);
    const before = elastic.asked.length;
    for (const [path, body, status] of [
      ["/api/console/elastic/logstash*/_delete_by_query", {}, 404],
      ["/api/console/elastic/.security/_search", {}, 400],
      ["/api/console/elastic/a,.kibana/_search", {}, 400],
      ["/api/console/elastic/other:logs/_search", {}, 400],
      ["/api/console/elastic/_all/_search", {}, 400],
      [`/api/console/elastic/${encodeURIComponent("a/../b")}/_search`, {}, 400],
      [SEARCH, { script_fields: { a: { script: "1" } } }, 400],
      [SEARCH, { aggs: { a: { terms: { script: { source: "1" } } } } }, 400],
      [SEARCH, { runtime_mappings: { a: { type: "long" } } }, 400],
      [SEARCH, { size: 10_001 }, 400],
    ] as const) {
      assert.equal((await app.call("POST", path, body)).status, status, `${path} ${JSON.stringify(body)}`);
    }
    assert.equal(elastic.asked.length, before);
  } finally {
    await app.close();
    await elastic.close();
  }
});

test("an Elasticsearch that is away is a clear 502", async () => {
  const app = await start();
  try {
    const response = await app.call("POST", SEARCH, {});
    assert.equal(response.status, 502);
    assert.match(await response.text(), /Elasticsearch can't be reached: connection refused/);
  } finally {
    await app.close();
  }
});

test("with a password nothing but the login is open, and wrong passwords are slowed down", async () => {
  let now = 1_000_000;
  const app = await start({ password: "correct horse", now: () => now });
  try {
    assert.equal((await app.call("GET", "/api/status")).status, 401);
    const page = await app.call("GET", "/app/discover?q=a");
    assert.equal(page.status, 303);
    assert.equal(page.headers.get("location"), "/login?next=%2Fapp%2Fdiscover%3Fq%3Da");
    const login = (password: string) => app.call("POST", "/api/console/login", { password });
    const good = await login("correct horse");
    const cookie = good.headers.get("set-cookie") ?? "";
    assert.match(cookie, /HttpOnly; SameSite=Strict/);
    const session = { cookie: cookie.split(";")[0] ?? "" };
    assert.equal((await app.call("GET", "/api/status", undefined, session)).status, 200);
    assert.equal(
      (await app.call("GET", "/api/status", undefined, { authorization: `Basic ${btoa("any:correct horse")}` })).status,
      200,
    );
    for (let attempt = 0; attempt < 10; attempt += 1) assert.equal((await login("wrong")).status, 401);
    assert.equal((await login("correct horse")).status, 429);
    now += 61_000;
    assert.equal((await login("correct horse")).status, 200);
    await app.call("POST", "/api/console/logout", {}, session);
    assert.equal((await app.call("GET", "/api/status", undefined, session)).status, 401);
  } finally {
    await app.close();
  }
});

test("listening beyond loopback without a password is refused", async () => {
  await assert.rejects(
    startConsole({ elasticsearchUrl: "http://127.0.0.1:9", dataDir: "/nowhere", host: "0.0.0.0", port: 0 }),
    { code: "PASSWORD_NEEDED" },
  );
});

test("a port in use and a page that isn't built are one clear error each", async () => {
  const app = await start();
  try {
    await assert.rejects(start({ port: app.console.port }), { code: "LISTEN" });
    await assert.rejects(start({ pageDirectory: "/nowhere/at/all" }), { code: "PAGE_MISSING" });
  } finally {
    await app.close();
  }
});
