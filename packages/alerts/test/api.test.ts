import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { alertMetrics } from "../src/alert-metrics.ts";
import { serveApi } from "../src/api/api-server.ts";
import { buildWorld } from "./support/world.ts";

async function withApi() {
  const world = await buildWorld("  - { name: many, when: count above 10 in the last 5 minutes, recipients: [hook] }");
  const server = await serveApi({
    alerter: world.alerter,
    host: "127.0.0.1",
    port: 0,
    kibanaUrl: null,
    metrics: alertMetrics(() => world.alerter),
  });
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { "kbn-xsrf": "1" },
  ) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  };
  return {
    world,
    server,
    call,
    async [Symbol.asyncDispose]() {
      await server.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

test("rules are listed with their state, added, tried and removed", async () => {
  await using api = await withApi();
  const made = await api.call("POST", "/rules", {
    name: "mine",
    when: "count above 3 in the last 1 minute",
    priority: "warning",
    recipients: ["hook"],
  });
  assert.equal(made.status, 201);
  assert.deepEqual(made.body.condition, { type: "threshold", above: 3, windowSeconds: 60 });
  assert.equal(made.body.state.status, "unknown");
  api.world.happen(20);
  await api.world.step(1000);
  const { body } = await api.call("GET", "/rules");
  assert.deepEqual(
    body.rules.map((rule: { name: string; origin: string; state: { status: string; value: number } }) => [
      rule.name,
      rule.origin,
      rule.state.status,
      rule.state.value,
    ]),
    [
      ["many", "file", "firing", 20],
      ["mine", "api", "firing", 20],
    ],
  );
  const sample = await api.call("POST", "/rules/mine/test");
  assert.deepEqual(
    sample.body.deliveries.map(({ recipient, ok }: { recipient: string; ok: boolean }) => [recipient, ok]),
    [["hook", true]],
  );
  assert.equal((await api.call("DELETE", "/rules/mine")).status, 204);
  assert.equal((await api.call("DELETE", "/rules/mine")).status, 404);
  const file = await api.call("DELETE", "/rules/many");
  assert.equal(file.status, 409);
  assert.equal(file.body.message, "the rule many stands in alerts.yml (remove it there)");
});

test("the history tells what was sent, newest first, without any address", async () => {
  await using api = await withApi();
  api.world.happen(20);
  await api.world.step(1000);
  await api.call("POST", "/rules/many/test");
  const { body } = await api.call("GET", "/history?limit=5&rule=many");
  assert.deepEqual(
    body.entries.map(({ kind }: { kind: string }) => kind),
    ["sample", "firing"],
  );
  assert.equal(body.entries[1].value, 20);
  assert.equal(body.entries[1].deliveries[0].state, "sent");
  assert.ok(!JSON.stringify(body).includes(api.world.hook.url));
  const recipients = await api.call("GET", "/recipients");
  assert.deepEqual(recipients.body, { recipients: [{ name: "hook", type: "webhook" }] });
});

test("what doesn't parse is refused with a sentence", async () => {
  await using api = await withApi();
  for (const [body, message] of [
    [{ name: "a", when: "often", recipients: ["hook"] }, /"often" isn't understood/],
    [{ name: "a", when: "no events for 5m" }, /recipients is missing/],
    [{ name: "a", when: "no events for 5m", recipients: ["x"] }, /x isn't there \(there are hook\)/],
    [{ name: "a/b", when: "no events for 5m", recipients: ["hook"] }, /is no name/],
    [{ name: "a", when: "no events for 5m", recipients: ["hook"], colour: 1 }, /unknown key/],
    [{ name: "many", when: "no events for 5m", recipients: ["hook"] }, /is there already/],
  ] as const) {
    const answer = await api.call("POST", "/rules", body);
    assert.ok(answer.status === 400 || answer.status === 409, String(answer.status));
    assert.match(answer.body.message, message);
  }
  assert.equal((await api.call("GET", "/history?limit=0")).status, 400);
  assert.equal((await api.call("GET", "/nothing")).status, 404);
});

test("a web page of somebody else's can't change anything", async () => {
  await using api = await withApi();
  const plain = await api.call("DELETE", "/rules/many", undefined, {});
  assert.equal(plain.status, 400);
  assert.match(plain.body.message, /kbn-xsrf/);
  const { hostname, port } = new URL(api.server.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest({ hostname, port, path: "/rules", headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  assert.equal(status, 403);
});

test("health and metrics say whether rules can be evaluated", async () => {
  await using api = await withApi();
  assert.equal((await api.call("GET", "/healthz")).status, 200);
  api.world.events.failure = "refused";
  await api.world.step(1000);
  const health = await api.call("GET", "/healthz");
  assert.equal(health.status, 503);
  assert.equal(health.body.reason, "many: refused");
  assert.match((await api.call("GET", "/metrics")).body, /falco_alert_rule_failing\{rule="many"\} 1/);
});
