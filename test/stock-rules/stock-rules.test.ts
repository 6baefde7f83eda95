import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ACTIONS, type RuleSet, UNPROVOKED, whatIsLacking } from "@falco-efk/generate";
import { live } from "../support/suite.ts";
import { EXPECTED } from "./expected.ts";
import { type RuleMatching, type WatchedRun, watch } from "./watched-run.ts";

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const STOCK_FILES = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"].map((name) =>
  path(`../shared/stock-rules/${name}`),
);
const missing = STOCK_FILES.filter((file) => !existsSync(file));
const needsRoot = live ? false : "needs root: the live kernel is watched";
const needsStock = missing.length === 0 ? needsRoot : `Falco's published rules aren't here: ${missing.join(", ")}`;

async function check(
  context: TestContext,
  set: RuleSet,
  matching: RuleMatching,
  rulesFiles: readonly string[],
): Promise<void> {
  const actions = ACTIONS.filter((action) => action.sets.includes(set));
  const run = await watch(rulesFiles, matching, actions);
  for (const action of actions) {
    const { rule } = action;
    const lacking = whatIsLacking(action);
    if (lacking === null) await context.test(`"${rule}" fires for its action`, () => assertFired(run, rule));
    else context.diagnostic(`"${rule}" can't be provoked on this machine: ${lacking}`);
  }
}

function assertFired(run: WatchedRun, rule: string): void {
  const expected = EXPECTED[rule];
  assert.ok(expected, "nothing is expected of this rule's alert");
  assert.equal(run.outcomes.find((outcome) => outcome.rule === rule)?.reason, "");
  const seen = run.alerts.filter((alert) => alert.rule === rule).map(({ output_fields }) => output_fields);
  const right = seen.some(
    (fields) =>
      fields["proc.name"] === expected.process &&
      expected.type.test(String(fields["evt.type"])) &&
      (expected.file === undefined || !("fd.name" in fields) || expected.file.test(String(fields["fd.name"]))),
  );
  assert.ok(right, `${seen.length} alerts, none as expected: ${JSON.stringify(seen.slice(0, 3), null, 1)}`);
}

test("each stock rule has an action or a reason why it has none", { skip: needsStock }, () => {
  const text = STOCK_FILES.map((file) => readFileSync(file, "utf8")).join("\n");
  const rules = [...text.matchAll(/^- rule: (.+)$/gm)].map((match) => match[1]);
  const covered = [...ACTIONS, ...UNPROVOKED].filter(({ sets }) => sets.includes("stock")).map(({ rule }) => rule);
  assert.deepEqual(covered.sort(), rules.sort());
});

test("each stock rule that can be provoked without harm fires", { skip: needsStock }, async (t) => {
  t.diagnostic(`with Falco's published rules in ${path("../shared/stock-rules")}`);
  // Some of them cover the same events: by default only the first of those would tell.
  await check(t, "stock", "all", STOCK_FILES);
});

test("each rule of the default set fires for its action", { skip: needsRoot }, async (t) => {
  // With the rules that are off until somebody wants them: those may speak of the same events as others do.
  await check(t, "default", "all", [path("rules/falco_rules.yaml")]);
});
