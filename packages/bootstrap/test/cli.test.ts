import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ContractAnswer, startContractServer } from "./support/contract-server.ts";
import { type ElasticOptions, startElasticContract } from "./support/elastic-contract-server.ts";
import { startKibanaContract } from "./support/kibana-contract-server.ts";
import { type ProgramResult, falcoBootstrap as runProgram } from "./support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "falco-bootstrap-cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const falcoBootstrap = (args: readonly string[], env: Record<string, string> = {}): Promise<ProgramResult> =>
  runProgram(args, folder, env);

async function against(options: ElasticOptions, args: readonly string[], env: Record<string, string> = {}) {
  const cluster = await startElasticContract(options);
  try {
    return await falcoBootstrap([...args, "--elasticsearch", cluster.url, "--wait", "0"], env);
  } finally {
    await cluster.close();
  }
}

test("apply says what it found and did, and a second one that nothing changed", async () => {
  const cluster = await startElasticContract();
  const kibana = await startKibanaContract();
  const args = ["--elasticsearch", cluster.url, "--kibana", kibana.url];
  const first = await falcoBootstrap(["apply", ...args]);
  assert.equal(first.stderr, "");
  assert.match(first.stdout, /^Elasticsearch 9\.5\.3 \(contract, basic licence, green, no log-in\)\nKibana 9\.5\.3\n/);
  assert.match(first.stdout, /created +dashboard +falco-overview "Falco overview"/);
  const second = await falcoBootstrap(["apply", ...args]);
  assert.match(second.stdout, /unchanged +dashboard/);
  assert.doesNotMatch(second.stdout, /created|updated/);
  const diff = await falcoBootstrap(["diff", ...args]);
  assert.deepEqual([diff.status, diff.stdout], [0, "No difference.\n"]);
  const destroy = await falcoBootstrap(["destroy", ...args]);
  assert.match(destroy.stdout, /Nothing was removed: add --yes to do it\.\n$/);
  assert.equal(kibana.objects.size, 13);
  await Promise.all([cluster.close(), kibana.close()]);
});

test("a wrong password, no password and a red cluster are one line each with the mend", async () => {
  const secured: ElasticOptions = { authorizations: ["Basic right"] };
  const wrong = await against(secured, ["plan", "--user", "elastic"], { ELASTIC_PASSWORD: "wrong" });
  assert.match(
    wrong.stderr,
    /^falco-bootstrap: Elasticsearch at \S+ refuses these credentials \(set ELASTIC_USER and ELASTIC_PASSWORD, or ELASTIC_API_KEY\)\n$/,
  );
  const none = await against(secured, ["plan"]);
  assert.match(none.stderr, /asks for credentials/);
  const missing = await against(secured, ["plan", "--user", "elastic"]);
  assert.match(missing.stderr, /^falco-bootstrap: no password for elastic \(set ELASTIC_PASSWORD\)\n$/);
  const red = await against({ health: "red" }, ["plan"]);
  assert.match(
    red.stderr,
    /the cluster's health is red after \d+ s \(look into Elasticsearch's own log, or wait longer/,
  );
  for (const { status } of [wrong, none, missing, red]) assert.equal(status, 1);
});

test("an old server, something else at the address and an unreachable one are told apart", async () => {
  const old = await against({ version: "8.2.0" }, ["plan"]);
  assert.match(old.stderr, /^falco-bootstrap: version 8\.2\.0 is too old \(Elasticsearch 8\.3 or later is needed\)\n$/);
  const other = await startContractServer(
    (): ContractAnswer => ({ status: 200, body: { hello: 1, status: "green" } }),
    {},
  );
  const stranger = await falcoBootstrap(["plan", "--elasticsearch", other.url]);
  assert.match(stranger.stderr, /isn't Elasticsearch: its answer has no version/);
  await other.close();
  const closed = await falcoBootstrap(["plan", "--elasticsearch", "http://127.0.0.1:1", "--wait", "0"]);
  assert.match(
    closed.stderr,
    /^falco-bootstrap: Elasticsearch at http:\/\/127\.0\.0\.1:1 can't be reached: connection refused \(start it, or/,
  );
  const cluster = await startElasticContract();
  const noKibana = await falcoBootstrap([
    "plan",
    "--elasticsearch",
    cluster.url,
    "--kibana",
    "http://127.0.0.1:1",
    "--wait",
    "0",
  ]);
  assert.match(noKibana.stderr, /^falco-bootstrap: Kibana at http:\/\/127\.0\.0\.1:1 can't be reached/);
  const notKibana = await falcoBootstrap([
    "plan",
    "--elasticsearch",
    cluster.url,
    "--kibana",
    cluster.url,
    "--wait",
    "0",
  ]);
  assert.notEqual(notKibana.status, 0);
  assert.match(notKibana.stderr, /Kibana/);
  await cluster.close();
});

test("another template with the same priority is named, and another priority mends it", async () => {
  const cluster = await startElasticContract();
  cluster.stored.set("/_index_template/theirs", { index_patterns: ["logstash-*"], priority: 300 });
  const args = ["apply", "--elasticsearch", cluster.url];
  const { status, stderr } = await falcoBootstrap(args);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /falco-efk-logstash has the same priority \(300\) and pattern \(logstash-\*\) as theirs \(choose another with --template-priority/,
  );
  const mended = await falcoBootstrap([...args, "--template-priority", "301"]);
  assert.equal(mended.status, 0);
  assert.match(mended.stdout, /unchanged +component template/);
  await cluster.close();
});

test("broken saved objects are refused with file and line before anything is sent", async () => {
  const objects = mkdtempSync(join(folder, "objects-"));
  writeFileSync(join(objects, "pies.ndjson"), '{"type":"search","id":"a","attributes":{},"references":[]}\n');
  const cluster = await startElasticContract();
  const { status, stderr } = await falcoBootstrap(["apply", "--elasticsearch", cluster.url, "--objects", objects]);
  assert.equal(status, 1);
  assert.match(stderr, /pies\.ndjson:1: search:a: states no typeMigrationVersion/);
  assert.deepEqual(cluster.calls, []);
  await cluster.close();
});
