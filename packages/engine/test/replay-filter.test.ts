import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SourceCounters } from "@falco-efk/event";
import { createLogger } from "@falco-efk/kit";
import { startEngine } from "../src/run-engine.ts";
import { temporaryFolder } from "./support.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const CAPTURES = ["../../up/captures/sample.capture", "../../../bench/rules/build.capture"].map(path);
const DEFAULTS = [path("../../../rules/falco_rules.yaml")];
const STOCK = ["falco_rules", "falco-incubating_rules", "falco-sandbox_rules"]
  .map((name) => path(`../../../../shared/stock-rules/${name}.yaml`))
  .filter((file) => existsSync(file));

interface Replayed {
  readonly alerts: readonly string[];
  readonly evaluated: number;
  readonly counters: SourceCounters;
}

async function replay(
  context: TestContext,
  capture: string,
  rules: readonly string[],
  ...more: string[]
): Promise<Replayed> {
  const file = join(temporaryFolder(context), "events.json");
  const assignments = [
    "webserver.enabled=false",
    "stdout_output.enabled=false",
    "json_output=true",
    "file_output.enabled=true",
    `file_output.filename=${file}`,
    "rule_matching=all",
    ...more,
  ];
  const running = await startEngine({
    configRequest: { file: null, assignments, environment: {} },
    rulesPaths: rules,
    replay: capture,
    log: createLogger("falco-engine", { level: "silent" }),
  });
  assert.equal(await running.ended, null);
  const counters = running.engine.view.source();
  const evaluated = running.engine.view.events();
  await running.close();
  assert.ok(counters !== null);
  return { alerts: readFileSync(file, "utf8").split("\n"), evaluated, counters };
}

const sum = (counters: SourceCounters, of: "seen" | "passed"): number =>
  Object.values(counters.byType).reduce((total, type) => total + type[of], 0);

test("a replay gives the same alerts, to the last byte, with its events sifted and without", async (t) => {
  t.diagnostic(
    STOCK.length === 3 ? "with Falco's published rules and the default ones" : "with the default rules alone",
  );
  // Rules that are off by default match much, and their alerts take long to write.
  const every = process.env["FALCO_EFK_LONG"] === undefined ? [] : ["rules[]={enable: {rule: '*'}}"];
  let [alerts, seen, passed] = [0, 0, 0];
  for (const capture of CAPTURES) {
    for (const rules of [DEFAULTS, STOCK].filter((files) => files.length > 0)) {
      const sifted = await replay(t, capture, rules, ...every);
      const whole = await replay(t, capture, rules, "engine.pushdown=false", ...every);
      assert.deepEqual(sifted.alerts, whole.alerts);
      alerts += sifted.alerts.length - 1;
      // Every frame is accounted for, sifted out or not.
      for (const { counters, evaluated } of [sifted, whole]) {
        assert.equal(counters.produced, counters.delivered);
        assert.equal(counters.delivered, sum(counters, "seen"));
        assert.ok(evaluated <= sum(counters, "passed"));
      }
      assert.equal(sifted.counters.delivered, whole.counters.delivered);
      assert.equal(sum(whole.counters, "passed"), sum(whole.counters, "seen"));
      seen += sum(sifted.counters, "seen");
      passed += sum(sifted.counters, "passed");
    }
  }
  assert.ok(alerts >= 20, `${alerts} alerts are too few to tell anything`);
  assert.ok(passed < seen / 2 || every.length > 0, `${passed} of ${seen} events passed`);
});

test("a replay that loads its rules anew sifts by the new ones", async (t) => {
  const folder = temporaryFolder(t);
  const rules = join(folder, "rules.yaml");
  const write = (condition: string): void =>
    writeFileSync(rules, JSON.stringify([{ rule: "r", desc: "d", condition, output: "%fd.name", priority: "INFO" }]));
  write("evt.type = openat and fd.name = /nowhere");
  const running = await startEngine({
    configRequest: {
      file: null,
      assignments: ["webserver.enabled=false", "stdout_output.enabled=false", "syslog_output.enabled=false"],
      environment: {},
    },
    rulesPaths: [rules],
    replay: CAPTURES[1] as string,
    log: createLogger("falco-engine", { level: "silent" }),
  });
  write("evt.type = openat and fd.name startswith /usr/");
  assert.equal(await running.reload(), true);
  await running.ended;
  await running.close();
  assert.ok(running.engine.counts.total > 100, `${running.engine.counts.total} alerts`);
});
