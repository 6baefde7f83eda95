import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createAuthority } from "./support/certificates.ts";
import { startElasticContract } from "./support/elastic-contract-server.ts";
import { startKibanaContract } from "./support/kibana-contract-server.ts";
import { falcoBootstrap } from "./support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "falco-bootstrap-bad-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const trusted = createAuthority("trusted");
const trustedFile = join(folder, "trusted.pem");
writeFileSync(trustedFile, trusted.ca);

async function applyByHttps(identity: { cert: string; key: string }, ...more: string[]) {
  const cluster = await startElasticContract({ identity });
  try {
    const run = await falcoBootstrap(["apply", "--elasticsearch", cluster.url, "--wait", "0", ...more], folder);
    return { ...run, calls: cluster.calls };
  } finally {
    await cluster.close();
  }
}

test("a certificate that has expired, and one of another authority, are one line each with the mend", async () => {
  const expired = await applyByHttps(trusted.issue({ expired: true }), "--ca", trustedFile);
  assert.match(
    expired.stderr,
    /^falco-bootstrap: Elasticsearch at https:\S+: its certificate has expired \(renew the server's certificate\)\n$/,
  );
  const stranger = createAuthority("stranger").issue();
  for (const run of [await applyByHttps(stranger, "--ca", trustedFile), await applyByHttps(trusted.issue())]) {
    assert.match(
      run.stderr,
      /^falco-bootstrap: Elasticsearch at https:\S+: its certificate is signed by an authority that isn't trusted \(give the authority's certificate with --ca FILE\)\n$/,
    );
    assert.deepEqual([run.status, run.calls], [1, []]);
  }
  assert.deepEqual([expired.status, expired.calls], [1, []]);
  const good = await applyByHttps(trusted.issue(), "--ca", trustedFile);
  assert.deepEqual([good.status, good.stderr], [0, ""]);
});

test("a certificates file that isn't there, or holds none, is named", async () => {
  const args = (file: string) => ["plan", "--elasticsearch", "https://127.0.0.1:1", "--wait", "0", "--ca", file];
  const absent = await falcoBootstrap(args("absent.pem"), folder);
  assert.match(absent.stderr, /^falco-bootstrap: absent\.pem: can't be read: \S/);
  writeFileSync(join(folder, "empty.pem"), "nothing of the kind\n");
  const empty = await falcoBootstrap(args("empty.pem"), folder);
  assert.match(empty.stderr, /^falco-bootstrap: empty\.pem: holds no certificate/);
  assert.deepEqual([absent.status, empty.status], [1, 1]);
});

for (const { what, status, name, mend } of [
  {
    what: "a full disk's read-only block",
    status: 429,
    name: "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
    mend: /\(free disk space; if the block stays, lift it: PUT \/_all\/_settings \{"index\.blocks\.read_only_allow_delete":null\}\)\n$/,
  },
  {
    what: "a cluster that is read-only",
    status: 403,
    name: "FORBIDDEN/6/cluster read-only (api)",
    mend: /\(lift the block: PUT \/_cluster\/settings \{"persistent":\{"cluster\.blocks\.read_only":null\}\}\)\n$/,
  },
]) {
  test(`${what} is one line with the mend, and the run after it finishes`, async () => {
    const cluster = await startElasticContract();
    try {
      const args = ["apply", "--elasticsearch", cluster.url];
      cluster.block = { status, name };
      const blocked = await falcoBootstrap(args, folder);
      assert.equal(blocked.status, 1);
      assert.match(blocked.stderr, /^falco-bootstrap: Elasticsearch refuses to take the lifecycle policy \S+: /);
      assert.match(blocked.stderr, mend);
      assert.equal(blocked.stderr.split("\n").length, 2, "one line");
      cluster.block = null;
      const finished = await falcoBootstrap(args, folder);
      assert.deepEqual([finished.status, finished.stderr], [0, ""]);
      assert.match((await falcoBootstrap(args, folder)).stdout, /\n\d+ unchanged, \d+ skipped\.\n$/);
    } finally {
      await cluster.close();
    }
  });
}

test("a red cluster is waited for, changes nothing, and is taken when it is green", async () => {
  const cluster = await startElasticContract({ health: "red" });
  try {
    const args = ["apply", "--elasticsearch", cluster.url, "--wait"];
    const red = await falcoBootstrap([...args, "1"], folder);
    assert.equal(red.status, 1);
    assert.match(
      red.stderr,
      /^(waiting: the cluster's health is red \(\d+ s\)\n)*falco-bootstrap: the cluster's health is red after \d+ s \(look into Elasticsearch's own log, or wait longer with --wait SECONDS\)\n$/,
    );
    assert.ok(cluster.calls.every((call) => call === "GET /_cluster/health"));
    cluster.health = "yellow";
    assert.equal((await falcoBootstrap([...args, "0"], folder)).status, 0);
  } finally {
    await cluster.close();
  }
});

test("--slack under a licence without Watcher installs the rest, says so in one line and isn't a success", async () => {
  const cluster = await startElasticContract({ licence: "basic" });
  const kibana = await startKibanaContract();
  try {
    const args = ["apply", "--elasticsearch", cluster.url, "--kibana", kibana.url];
    const run = await falcoBootstrap([...args, "--slack"], folder, { SLACK_WEBHOOK_URL: "https://hooks.example/x" });
    assert.equal(run.status, 1);
    assert.match(
      run.stderr,
      /^falco-bootstrap: --slack: neither a watch nor a Kibana rule could be installed: Watcher needs a standard licence and this server's licence is basic; falco-alert does this without one \(everything else is installed; leave --slack out and start falco-alert\)\n$/,
    );
    assert.equal(kibana.objects.size, 13);
    assert.deepEqual([kibana.connectors.size, kibana.rules.size], [0, 0]);
    const plain = await falcoBootstrap(args, folder);
    assert.deepEqual([plain.status, plain.stderr], [0, ""]);
  } finally {
    await Promise.all([cluster.close(), kibana.close()]);
  }
});

test("the Slack webhook's address is in no output", async () => {
  const cluster = await startElasticContract({ licence: "trial" });
  const kibana = await startKibanaContract();
  try {
    const args = ["--elasticsearch", cluster.url, "--kibana", kibana.url, "--slack"];
    const secret = { SLACK_WEBHOOK_URL: "https://hooks.example/T000/secret" };
    const runs = [
      await falcoBootstrap(["apply", ...args], folder, secret),
      await falcoBootstrap(["diff", ...args, "--threshold", "7"], folder, secret),
    ];
    assert.deepEqual(
      [...kibana.connectors.values()].map(({ secrets }) => secrets),
      [{ webhookUrl: "https://hooks.example/T000/secret" }],
    );
    for (const { stdout, stderr } of runs) assert.doesNotMatch(stdout + stderr, /T000/);
  } finally {
    await Promise.all([cluster.close(), kibana.close()]);
  }
});

test("a Kibana user who may not write, and a space that isn't there, are one line each with the mend", async () => {
  const cluster = await startElasticContract();
  const kibana = await startKibanaContract({ readOnly: true });
  try {
    const args = ["apply", "--elasticsearch", cluster.url, "--kibana", kibana.url, "--wait", "0"];
    const refused = await falcoBootstrap(args, folder);
    assert.match(
      refused.stderr,
      /^falco-bootstrap: Kibana refuses to import the saved objects: 403 Unable to bulk_create dashboard \(use a user who may manage saved objects, data views and rules in this space\)\n$/,
    );
    const space = await falcoBootstrap([...args, "--space", "nowhere"], folder);
    assert.match(
      space.stderr,
      /^falco-bootstrap: Kibana has no space nowhere \(make it in Kibana, or give another with --space NAME\)\n$/,
    );
    assert.deepEqual([refused.status, space.status], [1, 1]);
  } finally {
    await Promise.all([cluster.close(), kibana.close()]);
  }
});
