import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { recordOf } from "@falco-efk/event";
import { createLogger } from "@falco-efk/kit";
import { type RunningEngine, startEngine } from "../src/run-engine.ts";
import { createMemorySource, type MemorySource } from "./memory-source.ts";
import { atEnd, temporaryFolder } from "./support.ts";

const RULES = `
- rule: Any open
  desc: d
  condition: evt.type = openat
  output: o
  priority: NOTICE
  tags: [T1555, "a-b"]
- rule: Never
  desc: d
  condition: evt.type = connect
  output: o
  priority: NOTICE
`;

async function start(
  context: TestContext,
  ...assignments: string[]
): Promise<{ running: RunningEngine; source: MemorySource; url: string }> {
  const rules = join(temporaryFolder(context), "rules.yaml");
  writeFileSync(rules, RULES);
  const source = createMemorySource();
  const running = await startEngine({
    configRequest: {
      file: null,
      assignments: ["stdout_output.enabled=false", "webserver.listen_port=0", ...assignments],
      environment: {},
    },
    rulesPaths: [rules],
    log: createLogger("falco-engine", { level: "silent" }),
    source,
  });
  atEnd(context, () => running.close());
  return { running, source, url: running.webUrl() ?? "" };
}

test("health and versions answer as Falco's do", async (t) => {
  const { url } = await start(t);
  assert.equal(await (await fetch(`${url}/healthz`)).text(), '{"status": "ok"}');
  const versions = (await (await fetch(`${url}/versions`)).json()) as Record<string, unknown>;
  assert.equal(versions["engine_version_semver"], "0.63.0");
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
  assert.equal((await fetch(`${url}/healthz`, { method: "POST" })).status, 405);
});

test("the health page may lie elsewhere", async (t) => {
  const { url } = await start(t, "webserver.k8s_healthz_endpoint=/alive");
  assert.equal((await fetch(`${url}/alive`)).status, 200);
});

test("status and metrics count events, alerts and outputs", async (t) => {
  const { url, source } = await start(t);
  source.dropped["ring-full"] = 3;
  await source.send(recordOf({ type: "openat" }), recordOf({ type: "openat" }));
  const status = (await (await fetch(`${url}/status`)).json()) as Record<string, Record<string, unknown>>;
  assert.equal(status["mode"], "replay");
  assert.equal(status["events"]?.["total"], 2);
  assert.deepEqual(status["events"]?.["dropped"], { "ring-full": 3 });
  assert.equal(status["events"]?.["produced"], 5);
  assert.deepEqual(status["alerts"]?.["byRule"], { "Any open": 2 });
  assert.deepEqual(status["alerts"]?.["byPriority"], { Notice: 2 });
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.match(
    text,
    /^falcosecurity_falco_rules_matches_total\{priority="5",rule_name="Any open",source="syscall",tag_T1555="true",tag_a_b="true"\} 2$/m,
  );
  assert.match(text, /^falcosecurity_scap_n_drops_total 3$/m);
  assert.match(text, /^falcosecurity_scap_n_evts_total 5$/m);
  assert.match(
    text,
    /^falcosecurity_falco_sha256_rules_files_info\{file_name="rules\.yaml",sha256="[0-9a-f]{64}"\} 1$/m,
  );
});

test("the rules page lists every loaded rule with where it stands and how often it alerted", async (t) => {
  const { url, source } = await start(t, "rules=[{disable: {rule: Never}}]");
  await source.send(recordOf({ type: "openat" }));
  const { count, rules } = (await (await fetch(`${url}/rules`)).json()) as {
    count: number;
    rules: readonly Record<string, unknown>[];
  };
  assert.equal(count, 2);
  const { file, output, ...first } = rules[0] ?? {};
  assert.match(String(file), /rules\.yaml$/);
  assert.match(String(output), /^o container_id=%container\.id/, "with what the configuration appends");
  assert.deepEqual(first, {
    name: "Any open",
    priority: "Notice",
    source: "syscall",
    tags: ["T1555", "a-b"],
    enabled: true,
    description: "d",
    condition: "evt.type = openat",
    line: 2,
    alerts: 1,
  });
  assert.deepEqual([rules[1]?.["name"], rules[1]?.["enabled"], rules[1]?.["alerts"]], ["Never", false, 0]);
});

test("a port that is taken is an error when it was asked for, with its number", async (t) => {
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  atEnd(t, () => other.close());
  const { port } = other.address() as AddressInfo;
  await assert.rejects(
    start(t, `webserver.listen_port=${port}`),
    new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}: the address is already in use`),
  );
});
