import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type BootstrapOptions,
  bootstrap,
  destroyBootstrap,
  exportToFolder,
  planBootstrap,
  planDestroy,
  type Report,
} from "../src/index.ts";
import { type ElasticOptions, startElasticContract } from "./support/elastic-contract-server.ts";
import { type KibanaOptions, startKibanaContract } from "./support/kibana-contract-server.ts";

const folder = mkdtempSync(join(tmpdir(), "falco-bootstrap-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let keystores = 0;

async function servers(elastic: ElasticOptions = {}, kibana: KibanaOptions = {}, more: Partial<BootstrapOptions> = {}) {
  const cluster = await startElasticContract(elastic);
  const console = await startKibanaContract(kibana);
  const options: BootstrapOptions = {
    elasticsearch: cluster.url,
    kibana: console.url,
    keystore: join(folder, `keystore-${keystores++}.json`),
    waitMs: 5000,
    ...more,
  };
  return {
    cluster,
    console,
    options,
    [Symbol.asyncDispose]: async () => void (await Promise.all([cluster.close(), console.close()])),
  };
}

const actionsOf = (report: Report): string[] => [...new Set(report.steps.map(({ action }) => action))].sort();
const step = (report: Report, name: string) => report.steps.find((entry) => entry.name.startsWith(name));
const writes = (calls: readonly string[]): string[] =>
  calls.filter((call) => !call.startsWith("GET ") && !call.endsWith("/_export"));

test("apply installs everything that is missing, and a second apply changes nothing", async () => {
  await using world = await servers(
    { authorizations: ["Basic ZWxhc3RpYzpzZWNyZXQx"] },
    {},
    { credentials: { user: "elastic", password: "secret1" } },
  );
  const first = await bootstrap(world.options);
  assert.deepEqual(actionsOf(first), ["create", "skip"]);
  assert.equal(world.console.objects.size, 13);
  assert.equal(world.console.defaultDataView, "logstash");
  assert.equal(statSync(world.options.keystore as string).mode & 0o777, 0o600);
  const secrets = JSON.parse(readFileSync(world.options.keystore as string, "utf8"));
  assert.deepEqual(Object.keys(secrets).sort(), ["FALCO_READ_API_KEY", "FALCO_SHIP_API_KEY"]);

  const before = [world.cluster.calls.length, world.console.calls.length];
  const second = await bootstrap(world.options);
  assert.equal(second.unchanged, true);
  assert.deepEqual(actionsOf(second), ["skip", "unchanged"]);
  assert.deepEqual(writes(world.cluster.calls.slice(before[0])), []);
  assert.deepEqual(writes(world.console.calls.slice(before[1])), []);
});

test("plan changes nothing", async () => {
  await using world = await servers();
  const report = await planBootstrap(world.options);
  assert.equal(report.unchanged, false);
  assert.deepEqual([...writes(world.cluster.calls), ...writes(world.console.calls)], []);
});

test("an object that a user has edited is kept and its differences are shown, until force replaces it", async () => {
  await using world = await servers();
  await bootstrap(world.options);
  world.console.edit("dashboard:falco-overview", (object) => {
    object.attributes = { ...object.attributes, title: "Our overview" };
  });
  const kept = await bootstrap(world.options);
  assert.equal(step(kept, "falco-overview")?.action, "keep");
  assert.deepEqual(step(kept, "falco-overview")?.differences, [
    { path: "attributes.title", wanted: "Falco overview", found: "Our overview" },
  ]);
  assert.equal(world.console.objects.get("dashboard:falco-overview")?.attributes.title, "Our overview");
  const forced = await bootstrap({ ...world.options, force: true });
  assert.equal(step(forced, "falco-overview")?.action, "replace");
  assert.equal((await bootstrap(world.options)).unchanged, true);
});

test("what Kibana's own migrations rewrite isn't taken for a user's edit", async () => {
  await using world = await servers();
  await bootstrap(world.options);
  const pie = JSON.parse(String(world.console.objects.get("visualization:falco-pie-rule")?.attributes.visState));
  assert.equal(pie.params.legendDisplay, "show", "the contract server has migrated the pie");
  world.console.migrate("search:falco-events", "columns", "rewritten by an upgrade");
  assert.equal((await bootstrap(world.options)).unchanged, true);
});

test("looking at fields in Discover, which Kibana counts in the data view, isn't an edit", async () => {
  await using world = await servers();
  await bootstrap(world.options);
  world.console.edit("index-pattern:logstash", (object) => {
    object.attributes = { ...object.attributes, fieldAttrs: '{"rule":{"count":3}}' };
  });
  assert.equal((await bootstrap(world.options)).unchanged, true);
});

test("a template that somebody has edited is kept, one of an older bootstrap is updated", async () => {
  await using world = await servers();
  await bootstrap({ ...world.options, shards: 2 });
  const updated = await bootstrap(world.options);
  assert.equal(step(updated, "falco-efk-settings")?.action, "update");
  const body = world.cluster.stored.get("/_component_template/falco-efk-settings") as {
    template: { settings: { index: Record<string, unknown> } };
  };
  body.template.settings.index.refresh_interval = "30s";
  const kept = await bootstrap(world.options);
  assert.equal(step(kept, "falco-efk-settings")?.action, "keep");
  assert.deepEqual(step(kept, "falco-efk-settings")?.differences, [
    { path: "template.settings.index.refresh_interval", wanted: "1s", found: "30s" },
  ]);
});

test("a run that was cut off is finished by the next", async () => {
  await using world = await servers({}, { unsupported: ["dashboard"] });
  await assert.rejects(bootstrap(world.options), /dashboard:falco-overview: this Kibana doesn't know its type/);
  await using healthy = await startKibanaDisposable();
  const report = await bootstrap({ ...world.options, kibana: healthy.url });
  assert.equal(step(report, "falco-efk-mappings")?.action, "unchanged");
  assert.equal(step(report, "falco-overview")?.action, "create");
});

async function startKibanaDisposable() {
  const server = await startKibanaContract();
  return { ...server, [Symbol.asyncDispose]: () => server.close() };
}

test("another default data view that a user has chosen is kept", async () => {
  await using world = await servers();
  world.console.defaultDataView = "mine";
  const report = await bootstrap(world.options);
  assert.equal(report.steps.find(({ kind }) => kind === "default data view")?.action, "keep");
  assert.equal(world.console.defaultDataView, "mine");
});

test("destroy removes what apply has installed and nothing else", async () => {
  await using world = await servers(
    { authorizations: ["Basic ZWxhc3RpYzpzZWNyZXQx"] },
    {},
    { credentials: { user: "elastic", password: "secret1" } },
  );
  await bootstrap(world.options);
  world.cluster.stored.set("/_index_template/mine", { index_patterns: ["mine-*"], priority: 1 });
  const planned = await planDestroy(world.options);
  assert.equal(world.console.objects.size, 13);
  const report = await destroyBootstrap(world.options);
  assert.deepEqual(
    report.steps.map(({ name }) => name),
    planned.steps.map(({ name }) => name),
  );
  assert.equal(world.console.objects.size, 0);
  assert.equal(world.console.defaultDataView, null);
  assert.deepEqual([...world.cluster.stored.keys()], ["/_index_template/mine"]);
  assert.equal(world.cluster.keys.size, 0);
  assert.deepEqual(JSON.parse(readFileSync(world.options.keystore as string, "utf8")), {});
});

test("with a basic licence the watch and the Kibana rule are skipped and falco-alert is named; with a trial they are made", async () => {
  await using basic = await servers({}, {}, { slack: true, slackWebhookUrl: "https://hooks.example/x" });
  const skipped = await bootstrap(basic.options);
  assert.match(
    step(skipped, "falco_threshold")?.reason ?? "",
    /needs a standard licence and this server's licence is basic; falco-alert/,
  );
  assert.match(step(skipped, "Falco Slack")?.reason ?? "", /needs a gold licence/);
  await using trial = await servers(
    { licence: "trial" },
    {},
    { slack: true, slackWebhookUrl: "https://hooks.example/x" },
  );
  const made = await bootstrap(trial.options);
  assert.equal(step(made, "falco_threshold")?.action, "create");
  assert.equal(step(made, "Falco Slack")?.action, "create");
  assert.equal(step(made, "Falco threshold")?.action, "create");
  assert.equal((await bootstrap(trial.options)).unchanged, true);
  const changed = await bootstrap({ ...trial.options, threshold: { count: 5, windowMinutes: 5 } });
  assert.equal(step(changed, "falco_threshold")?.action, "update");
  assert.equal(step(changed, "Falco threshold")?.action, "update");
});

test("Kibana that is still starting is waited for, with progress", async () => {
  await using world = await servers({}, { starting: 1 });
  const seen: string[] = [];
  await planBootstrap({ ...world.options, progress: (what) => void seen.push(what) });
  assert.deepEqual(seen, ["Kibana is unavailable (is unavailable)"]);
});

test("export writes what Kibana has, in the files of the source", async () => {
  await using world = await servers();
  await bootstrap(world.options);
  world.console.objects.delete("search:falco-severe");
  const out = join(folder, "export");
  const { files, missing } = await exportToFolder(world.options, out);
  assert.equal(files.length, 6);
  assert.deepEqual(missing, ["search:falco-severe"]);
  const dashboard = JSON.parse(readFileSync(join(out, "dashboard.ndjson"), "utf8"));
  assert.equal(dashboard.attributes.title, "Falco overview");
  assert.equal("updated_at" in dashboard, false);
});
