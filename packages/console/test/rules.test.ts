import assert from "node:assert/strict";
import { test } from "node:test";
import { attackLink, type FiredRule, filterRules, type LoadedRule, mergeRules } from "../page/rules/rule-rows.ts";
import { standIn, start } from "./support/start.ts";

const loaded = (name: string, priority: string, more: Partial<LoadedRule> = {}): LoadedRule => ({
  name,
  priority,
  tags: [],
  enabled: true,
  description: "d",
  condition: "evt.type = open",
  output: "o",
  file: "rules.yaml",
  line: 1,
  alerts: 0,
  ...more,
});
const fired = (name: string, count: number): FiredRule => ({ name, priority: "Error", tags: ["x"], count, last: 7 });

test("loaded rules and those that fired become one list: most events first, then the most severe", () => {
  const rows = mergeRules(
    [loaded("Quiet notice", "Notice"), loaded("Quiet critical", "Critical"), loaded("Loud", "Debug")],
    [fired("Loud", 3), fired("Of another host", 9)],
  );
  assert.deepEqual(
    rows.map(({ name, priority, count, last, loaded: rule }) => [name, priority, count, last, rule !== null]),
    [
      ["Of another host", "Error", 9, 7, false],
      ["Loud", "Debug", 3, 7, true],
      ["Quiet critical", "Critical", 0, null, true],
      ["Quiet notice", "Notice", 0, null, true],
    ],
  );
});

test("a search in the rules looks for every word in names, tags, priorities and conditions", () => {
  const rows = mergeRules(
    [
      loaded("Shell", "Notice", { tags: ["T1059"] }),
      loaded("Write", "Error", { condition: "fd.name startswith /etc" }),
    ],
    [],
  );
  const names = (text: string): string[] => filterRules(rows, text).map(({ name }) => name);
  assert.deepEqual(names(""), ["Write", "Shell"]);
  assert.deepEqual(names("t1059 notice"), ["Shell"]);
  assert.deepEqual(names("/ETC"), ["Write"]);
  assert.deepEqual(names("shell error"), []);
});

test("only tags of the form of a MITRE technique or tactic lead to its page", () => {
  assert.equal(attackLink("T1059.004"), "https://attack.mitre.org/techniques/T1059/004/");
  assert.equal(attackLink("T1098"), "https://attack.mitre.org/techniques/T1098/");
  assert.equal(attackLink("TA0003"), "https://attack.mitre.org/tactics/TA0003/");
  for (const tag of ["mitre_execution", "T10595", "xT1059", "T1059/../..", "javascript:T1059"])
    assert.equal(attackLink(tag), null, tag);
});

test("the engine's rules come through the console's server, and one that can't be asked is told from none", async () => {
  const engine = await standIn('{"count":0,"rules":[]}');
  const asking = await start({ engineUrl: `${engine.url}/metrics` });
  assert.deepEqual(await (await asking.call("GET", "/api/console/rules")).json(), {
    state: "ok",
    figures: { count: 0, rules: [] },
  });
  assert.equal(engine.asked[0]?.path, "/rules");
  await engine.close();
  const gone = (await (await asking.call("GET", "/api/console/rules")).json()) as { state: string };
  assert.equal(gone.state, "down");
  await asking.close();
  const alone = await start();
  assert.deepEqual(await (await alone.call("GET", "/api/console/rules")).json(), { state: "absent" });
  await alone.close();
});
