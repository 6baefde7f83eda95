import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { Redactor, secretsOf } from "../src/config/secrets.ts";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { killNow, runShip, startShip, temporaryFolder, until } from "./support/ship-process.ts";

/** One for each road that a secret can come by. */
const SECRETS = {
  keystore: "k3ystore-s3cret",
  environment: 'env"s3cret/+',
  url: "url-s3cret",
  redis: "redis-s3cret",
  token: "field-t0ken",
  override: "overr1de-s3cret",
};

test("no secret is in the log at its most talkative, in figures, dead letters, errors or any command's output", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const { host } = new URL(sink.url);
  const keystore = join(folder.path, "keystore");
  writeFileSync(keystore, JSON.stringify({ ES_PASSWORD: SECRETS.keystore, WORD: "st0red-anyway" }), { mode: 0o600 });
  const file = join(folder.path, "ship.yml");
  const log = join(folder.path, "a.json");
  writeFileSync(
    file,
    `inputs:
  - type: filestream
    paths: [${log}]
    scan_interval: 100ms
    fields: { token: ${SECRETS.token}, word: "\${WORD}" }
output.elasticsearch:
  hosts: ["http://elastic:${SECRETS.url}@${host}"]
  headers: { X-Api-Key: "\${HEADER_KEY}" }
  password: "\${ES_PASSWORD}"
  username: elastic
  backoff: { init: 20ms, max: 100ms }
queue.redis.url: redis://default:${SECRETS.redis}@127.0.0.1:1
registry.path: ${folder.path}/registry
logging.level: debug
http.port: 0
`,
  );
  const env = { HEADER_KEY: SECRETS.environment };
  const global = [
    "-c",
    file,
    "--keystore",
    keystore,
    "-E",
    `output.elasticsearch.ssl.key_passphrase=${SECRETS.override}`,
  ];
  const seen: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    const { stdout, stderr } = await runShip([...global, ...args], env);
    seen.push(stdout, stderr);
  };
  const ship = startShip(global, env);
  let output = "";
  ship.stdout?.on("data", (chunk) => (output += chunk));
  ship.stderr?.on("data", (chunk) => (output += chunk));
  try {
    let asked = 0;
    sink.fault = () => {
      asked += 1;
      return asked < 3 ? { kind: "cut before" } : { kind: "partial", status: 400, refuse: () => true };
    };
    appendFileSync(log, falcoLine(1));
    await until(
      () => /dead letters/.test(output),
      20_000,
      () => output,
    );
    const url = /stats=(http:\S+)/.exec(output)?.[1];
    assert.ok(url !== undefined, output);
    for (const path of ["/stats", "/metrics", "/healthz", "/dead-letters"]) {
      seen.push(await (await fetch(url + path)).text());
    }
    appendFileSync(file, "inputz: 1\n");
    ship.kill("SIGHUP");
    await until(
      () => output.includes("stays as it was"),
      10_000,
      () => output,
    );
    assert.match(output, /stays as it was: .*ship\.yml:\d+:\d+: inputz: unknown key \(did you mean inputs\?\)/);
    writeFileSync(file, readFileSync(file, "utf8").replace("inputz: 1\n", ""));
    await sink.close();
    await run("test", "output");
    await run("export", "config");
    await run("dlq", "list", "--json");
    await run("-E", "queue.type=redis", "queue", "status");
    await run("-E", `output.elasticsearch.hosts=["nonsense://u:${SECRETS.url}@x"]`, "test", "output");
    await run("-E", `processors=[{truncate_fields: {fields: a, max_bytes: ${SECRETS.token}}}]`, "test", "config");
  } finally {
    await killNow(ship);
    await sink.close().catch(() => undefined);
  }
  const everything = [output, ...seen].join("\n");
  assert.match(everything, /\*\*\*/, "something had to be hidden");
  for (const [road, secret] of Object.entries({ ...SECRETS, stored: "st0red-anyway" })) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
      assert.ok(!everything.includes(form), `the secret of the ${road} shows: ${lineWith(everything, form)}`);
    }
  }
});

function lineWith(text: string, part: string): string {
  return text.split("\n").find((line) => line.includes(part)) ?? "";
}

test("secrets are found by the names of settings and in URLs", () => {
  const found = secretsOf({
    output: { http: { url: "https://u:p%40ss@x/?token=abc&type=falco", headers: { Authorization: "Bearer xyz" } } },
    redis: { url: "redis://:only@h" },
    index: "logstash",
    key: "/path/of/a/key",
  });
  assert.deepEqual(new Set(found), new Set(["p%40ss", "p@ss", "abc", "Bearer xyz", "only"]));
});

test("whatever a secret is made of, it does not survive", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 3 }), fc.string(), (secret, around) => {
      const { hide } = new Redactor([secret]);
      const hidden = hide(`${around}${secret}${around} ${JSON.stringify({ secret })}`);
      const parts = hidden.split("***");
      assert.ok(parts.every((part) => !part.includes(secret)));
    }),
  );
});
