import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ACTIONS, whatIsLacking } from "@falco-efk/generate";
import { METRICS_PAGE, metricsPage } from "../../scripts/metrics-page.ts";
import { live, startSuite } from "../support/suite.ts";
import { until } from "../support/until.ts";

/** Rules of the default set that somebody must turn on first. */
function rulesThatAreOff(): ReadonlySet<string> {
  const text = readFileSync(new URL("../../rules/falco_rules.yaml", import.meta.url), "utf8");
  const rules = text.split(/^- rule: /m).slice(1);
  return new Set(
    rules.filter((rule) => /^ {2}enabled: false$/m.test(rule)).map((rule) => rule.slice(0, rule.indexOf("\n"))),
  );
}

test("every generated rule is in falco_events.json and in the store, each line once, and Ctrl-C ends it with 0", {
  skip: live ? false : "needs root: the live kernel is watched",
}, async (t) => {
  const suite = await startSuite(["--generate"]);
  t.after(() => suite.remove());
  await suite.running();

  const off = rulesThatAreOff();
  const expected = ACTIONS.filter((action) => action.sets.includes("default") && !off.has(action.rule))
    .filter((action) => whatIsLacking(action) === null)
    .map((action) => action.rule)
    .sort();
  const seen = await until("an alert of every generated rule in the store", 60_000, async () => {
    const answer = await suite.search({ size: 0, aggs: { rules: { terms: { field: "rule.keyword", size: 100 } } } });
    const rules = answer.aggregations?.["rules"]?.buckets.map((bucket) => bucket.key) ?? [];
    return expected.every((rule) => rules.includes(rule)) ? rules : null;
  });
  assert.ok(seen.length >= expected.length);

  const metrics = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const page = metricsPage({
    "falco-engine": await metrics(suite.engineUrl),
    "falco-ship": await metrics(suite.shipUrl),
    "falco-alert": await metrics(suite.alertUrl),
  });
  assert.equal(page, readFileSync(METRICS_PAGE, "utf8"), "docs/reference/metrics.md is what the programs serve");

  assert.equal(await suite.interrupt(), 0, suite.output());
  const events = await suite.events();
  assert.deepEqual(
    expected.filter((rule) => !events.some((event) => event.rule === rule)),
    [],
  );

  // The same data again, without the generator: what is in the store now is what was shipped before, and nothing twice.
  const again = await startSuite([], suite.data);
  t.after(() => again.remove());
  await again.running();
  const last = events.at(-1)?.time ?? "";
  const answer = await again.search({
    size: 0,
    track_total_hits: true,
    query: { range: { "@timestamp": { lte: last } } },
  });
  assert.equal(answer.hits.total.value, events.length);
  assert.equal(await again.interrupt(), 0, again.output());
});
