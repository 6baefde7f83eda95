import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../src/sinks/elasticsearch/client.ts";
import { freePort } from "./support/redis-server.ts";

test("a request that fails costs next to nothing, however large its body", async () => {
  const hosts = [`http://127.0.0.1:${await freePort()}`];
  const client = createClient({ hosts, compression_level: 0, timeoutMs: 5000 }, "elasticsearch");
  const bulkBody = Buffer.alloc(4 << 20, 0x20) as unknown as string;
  const before = process.cpuUsage();
  await assert.rejects(client.transport.request({ method: "POST", path: "/_bulk", bulkBody }), /ECONNREFUSED/);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms of CPU`);
  await client.close();
});
