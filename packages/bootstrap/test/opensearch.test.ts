import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bootstrap, destroyBootstrap } from "../src/index.ts";
import { startElasticContract } from "./support/elastic-contract-server.ts";
import { startKibanaContract } from "./support/kibana-contract-server.ts";
import { DASHBOARDS } from "./support/kibana-products.ts";

const folder = mkdtempSync(join(tmpdir(), "falco-bootstrap-opensearch-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function openSearch() {
  const cluster = await startElasticContract({ flavour: "opensearch" });
  const dashboards = await startKibanaContract({ product: DASHBOARDS });
  const options = {
    elasticsearch: cluster.url,
    kibana: dashboards.url,
    keystore: join(folder, "keystore.json"),
    waitMs: 5000,
  };
  const close = async (): Promise<void> => void (await Promise.all([cluster.close(), dashboards.close()]));
  return { cluster, dashboards, options, [Symbol.asyncDispose]: close };
}

test("on OpenSearch the lifecycle is ISM, output_fields is a flat object, and what there isn't is said", async () => {
  await using world = await openSearch();
  const { steps, cluster } = await bootstrap({ ...world.options, kibana: null, slack: true });
  assert.deepEqual([cluster.flavour, cluster.lifecycle, cluster.licence], ["opensearch", "ism", null]);
  assert.ok(world.cluster.stored.has("/_plugins/_ism/policies/falco-efk-logstash"));
  const mappings = world.cluster.stored.get("/_component_template/falco-efk-mappings") as {
    template: { mappings: { properties: { output_fields: { type: string } } } };
  };
  assert.equal(mappings.template.mappings.properties.output_fields.type, "flat_object");
  const reason = (kind: string) => steps.find((step) => step.kind === kind)?.reason ?? "";
  assert.match(reason("API key"), /on OpenSearch make users in its security plugin/);
  assert.match(reason("watch"), /only Elasticsearch has Watcher; falco-alert does the same/);
});

test("OpenSearch Dashboards gets the 7.x form, once, and its default data view by its own settings", async () => {
  await using world = await openSearch();
  const first = await bootstrap(world.options);
  assert.equal(first.kibana?.flavour, "dashboards");
  assert.equal(world.dashboards.objects.size, 13);
  assert.equal(world.dashboards.defaultDataView, "logstash");
  for (const object of world.dashboards.objects.values()) {
    assert.equal(object.coreMigrationVersion, undefined);
    assert.equal(object.typeMigrationVersion, undefined);
    assert.deepEqual(Object.keys(object.migrationVersion ?? {}), [object.type]);
    assert.notEqual(object.type, "lens");
  }
  assert.deepEqual(world.dashboards.objects.get("index-pattern:logstash")?.attributes, {
    title: "logstash*",
    timeFieldName: "@timestamp",
  });
  const dashboard = world.dashboards.objects.get("dashboard:falco-overview");
  const panels = JSON.parse(String(dashboard?.attributes.panelsJSON)) as Record<string, unknown>[];
  assert.deepEqual(
    panels.map(({ panelRefName }) => panelRefName),
    dashboard?.references.map(({ name }) => name),
  );
  assert.ok(panels.every((panel) => panel.version === "7.9.3" && !("type" in panel)));

  const second = await bootstrap(world.options);
  assert.equal(second.unchanged, true);
  assert.match(second.steps.find(({ kind }) => kind === "Kibana rule")?.reason ?? "", /only Kibana has connectors/);
  await destroyBootstrap(world.options);
  assert.equal(world.dashboards.objects.size, 0);
  assert.equal(world.dashboards.defaultDataView, null);
});

test("an object edited in OpenSearch Dashboards is kept", async () => {
  await using world = await openSearch();
  await bootstrap(world.options);
  world.dashboards.edit("search:falco-events", (object) => {
    object.attributes = { ...object.attributes, columns: ["rule"] };
  });
  const { steps } = await bootstrap(world.options);
  assert.equal(steps.find(({ name }) => name.startsWith("falco-events"))?.action, "keep");
});

test("the objects' own form, with what only Kibana knows, is refused by OpenSearch Dashboards' contract", async () => {
  await using dashboards = await startKibanaContractDisposable();
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${dashboards.url}/api/saved_objects/_import?overwrite=true`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=b", ...headers },
      body: `--b\r\nContent-Disposition: form-data; name="file"; filename="a.ndjson"\r\n\r\n${body}\r\n--b--\r\n`,
    });
  const search = { type: "search", id: "s", attributes: { title: "s", colour: 1 }, references: [] };
  const without = await post(JSON.stringify(search), { "kbn-xsrf": "true" });
  assert.equal(without.status, 400);
  assert.match(await without.text(), /must contain a osd-xsrf header/);
  const strict = (await (await post(JSON.stringify(search), { "osd-xsrf": "true" })).json()) as { success: boolean };
  assert.equal(strict.success, false);
  const newer = await post(JSON.stringify({ ...search, typeMigrationVersion: "8.0.0" }), { "osd-xsrf": "true" });
  assert.equal(newer.status, 422);
});

async function startKibanaContractDisposable() {
  const server = await startKibanaContract({ product: DASHBOARDS });
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}
