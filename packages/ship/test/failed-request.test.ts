import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createShipper } from "@falco-efk/ship";
import { startBulkSink } from "@falco-efk/ship/testing";
import { createClient } from "../src/sinks/elasticsearch/client.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { freePort } from "./support/redis-server.ts";
import { temporaryFolder, until } from "./support/ship-process.ts";

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

test("a request that the server never answers in time is sent in ever smaller parts until it does", async () => {
  using folder = temporaryFolder();
  await using sink = await startBulkSink();
  sink.fault = (_request, records) => (records > 300 ? { kind: "silence" } : null);
  const file = join(folder.path, "events.json");
  let delivered = 0;
  await using _shipper = await createShipper(
    {
      inputs: [{ type: "filestream", paths: [file], scan_interval: "100ms" }],
      "output.elasticsearch": { hosts: [sink.url], timeout: "200ms", backoff: { init: "10ms", max: "20ms" } },
      "registry.path": join(folder.path, "registry"),
      "http.enabled": false,
    },
    {
      onDelivered: (records) => {
        delivered += records;
      },
    },
  );
  appendFileSync(file, Array.from({ length: 1000 }, (_, number) => falcoLine(number)).join(""));
  await until(
    () => delivered === 1000,
    30_000,
    () => `${delivered} of 1000 are acknowledged after ${sink.requests} requests`,
  );
  assert.equal(sink.documents.size, 1000);
});
