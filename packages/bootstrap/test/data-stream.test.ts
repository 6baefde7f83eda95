import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bootstrap, destroyBootstrap } from "../src/index.ts";
import { startElasticContract } from "./support/elastic-contract-server.ts";
import { falcoBootstrap } from "./support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "falco-bootstrap-stream-"));
after(() => rmSync(folder, { recursive: true, force: true }));

for (const flavour of ["elasticsearch", "opensearch"] as const) {
  test(`on ${flavour} the data stream has its own name, template and lifecycle with rollover, beside the day indices`, async () => {
    const cluster = await startElasticContract({ flavour });
    try {
      const options = { elasticsearch: cluster.url, kibana: null, keystore: join(folder, flavour), waitMs: 0 };
      const days = await bootstrap(options);
      assert.equal(cluster.stored.has("/_index_template/falco-efk-events"), false);
      const report = await bootstrap({ ...options, dataStream: true, keepDays: 14 });
      assert.ok(report.steps.length > days.steps.length);
      const template = cluster.stored.get("/_index_template/falco-efk-events");
      assert.deepEqual(template?.index_patterns, ["falco-events*"]);
      assert.deepEqual(template?.data_stream, {});
      const ilm = flavour === "elasticsearch";
      const path = ilm ? "/_ilm/policy/" : "/_plugins/_ism/policies/";
      const text = (name: string): string => JSON.stringify(cluster.stored.get(`${path}${name}`));
      const [rollover, keep] = ilm
        ? ['"rollover":{"max_age":"1d","max_primary_shard_size":"50gb"}', '"min_age":"14d"']
        : ['"rollover":{"min_index_age":"1d","min_size":"50gb"}', '"min_index_age":"14d"'];
      assert.ok(text("falco-efk-events").includes(rollover) && text("falco-efk-events").includes(keep));
      assert.ok(!text("falco-efk-logstash").includes("rollover"), "a day's index never rolls over");
      assert.equal((await bootstrap({ ...options, dataStream: true, keepDays: 14 })).unchanged, true);
    } finally {
      await cluster.close();
    }
  });
}

test("destroy keeps what the events that stay still use, says so, and finishes when they are gone", async () => {
  const cluster = await startElasticContract();
  try {
    const keystore = join(folder, "destroy");
    const args = ["--elasticsearch", cluster.url, "--data-stream", "--keystore", keystore];
    assert.equal((await falcoBootstrap(["apply", ...args], folder)).status, 0);
    const uses = [
      [
        "/_index_template/falco-efk-events",
        "unable to remove composable templates [falco-efk-events] as they are in use by a data streams [falco-events]",
      ],
      [
        "/_component_template/falco-efk-settings",
        "component templates [falco-efk-settings] cannot be removed as they are still in use by index templates [falco-efk-events]",
      ],
      [
        "/_component_template/falco-efk-mappings",
        "component templates [falco-efk-mappings] cannot be removed as they are still in use by index templates [falco-efk-events]",
      ],
      [
        "/_ilm/policy/falco-efk-logstash",
        `Cannot delete policy [falco-efk-logstash]. It is in use by one or more indices: [${Array.from({ length: 30 }, (_, day) => `logstash-2026.01.${day + 1}`).join(", ")}]`,
      ],
    ] as const;
    for (const [path, reason] of uses) cluster.inUse.set(path, reason);
    const first = await falcoBootstrap(["destroy", "--yes", ...args], folder);
    assert.deepEqual([first.status, first.stderr], [0, ""]);
    assert.match(
      first.stdout,
      /kept +index template +falco-efk-events: it is in use by data streams \[falco-events\], and no index/,
    );
    assert.match(
      first.stdout,
      /kept +lifecycle policy +falco-efk-logstash: it is in use by indices \[logstash-2026\.01\.1, .*…\]/,
    );
    assert.match(first.stdout, /removed +index template +falco-efk-logstash/);
    assert.doesNotMatch(first.stdout, /--force/);
    cluster.inUse.clear();
    await destroyBootstrap({ elasticsearch: cluster.url, kibana: null, dataStream: true, keystore, waitMs: 0 });
    assert.deepEqual([...cluster.stored.keys()], []);
  } finally {
    await cluster.close();
  }
});
