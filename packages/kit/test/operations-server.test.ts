import assert from "node:assert/strict";
import { test } from "node:test";
import { serveOperations } from "../src/index.ts";
import { createMetrics } from "../src/metrics.ts";

test("health, metrics and JSON pages are served, and a port in use is one clear error", async (t) => {
  const metrics = createMetrics("demo");
  metrics.counter("lines_total", "Lines read").inc(3);
  let reason: string | null = null;
  const server = await serveOperations({
    host: "127.0.0.1",
    port: 0,
    registry: metrics.registry,
    json: { "/stats": () => ({ lines: 3 }) },
    health: () => reason,
  });
  t.after(() => server.close());
  assert.match(await (await fetch(`${server.url}/metrics`)).text(), /^demo_lines_total 3$/m);
  assert.deepEqual(await (await fetch(`${server.url}/stats`)).json(), { lines: 3 });
  assert.deepEqual(await (await fetch(`${server.url}/healthz`)).json(), { status: "ok" });
  reason = "the sink is down";
  const failing = await fetch(`${server.url}/healthz`);
  assert.equal(failing.status, 503);
  assert.equal((await fetch(`${server.url}/none`)).status, 404);
  assert.equal((await fetch(`${server.url}/stats`, { method: "POST" })).status, 405);
  const port = Number(new URL(server.url).port);
  await assert.rejects(
    serveOperations({ host: "127.0.0.1", port }),
    /can't listen on 127\.0\.0\.1:\d+: the address is already in use/,
  );
});
