import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { load as loadYaml } from "js-yaml";
import type { RuleFile } from "../../src/index.ts";
import { load, shortly } from "../support/load.ts";

const stock = join(import.meta.dirname, "../../../../../shared/stock-rules");
const names = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];
const skip = !existsSync(stock) && "the stock rules are not beside the repository";
const read = (name: string): RuleFile => ({ name, text: readFileSync(join(stock, name), "utf8") });
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, "../fixtures", name), "utf8");

test("the three stock files load together: 93 rules, 81 enabled", { skip }, () => {
  const { ruleset, rules, diagnostics } = load(names.map((name) => read(name).text));
  assert.deepEqual(diagnostics.map(shortly), []);
  assert.equal(rules.length, 93);
  assert.equal(rules.filter((rule) => rule.enabled).length, 81);
  assert.equal(ruleset?.rules.length, 81);
});

test("the files hold for another YAML reader what they hold for this one", { skip }, () => {
  for (const name of names) {
    const { text } = read(name);
    const items = loadYaml(text) as readonly Record<string, unknown>[];
    const { rules, macros, lists } = load(text);
    const count = (key: string): number => items.filter((item) => key in item).length;
    assert.deepEqual([rules.length, macros.length, lists.length], [count("rule"), count("macro"), count("list")], name);
    for (const rule of rules) {
      const item = items.find((one) => one["rule"] === rule.name);
      assert.equal(rule.condition, String(item?.["condition"]).trim());
      assert.deepEqual(rule.tags, ((item?.["tags"] ?? []) as readonly string[]).toSorted());
    }
  }
});

for (const [name, count] of [
  ["falco_rules.yaml", 25],
  ["falco-incubating_rules.yaml", 31],
  ["falco-sandbox_rules.yaml", 37],
] as const) {
  test(`${name} loads alone: ${count} rules`, { skip }, () => {
    const { ruleset, rules, diagnostics } = load(read(name).text);
    assert.deepEqual(diagnostics.filter((one) => one.severity === "error").map(shortly), []);
    assert.equal(rules.length, count);
    assert.ok(ruleset);
  });
}

for (const [seed, rules, warnings] of [
  ["siem", 5, ["LOAD_DEPRECATED_ITEM", "LOAD_DEPRECATED_ITEM", "LOAD_UNUSED_LIST", "LOAD_UNUSED_MACRO"]],
  ["basics", 3, []],
] as const) {
  test(`the repaired snippets of ${seed} load over the macros they name, deprecated forms with a warning`, () => {
    const result = load([fixture("base.yaml"), fixture(`seeds/${seed}.repaired.yaml`)]);
    assert.ok(result.ruleset, result.diagnostics.map(shortly).join("\n"));
    assert.equal(result.rules.length, rules);
    const own = result.diagnostics.filter((one) => one.file === "2.yaml");
    assert.deepEqual(own.map((one) => one.code).sort(), warnings);
  });

  test(`the repaired snippets of ${seed} load over the stock rules`, { skip }, () => {
    const texts = [
      ...names.map((name) => read(name).text),
      fixture("base.yaml"),
      fixture(`seeds/${seed}.repaired.yaml`),
    ];
    const result = load(texts);
    assert.ok(result.ruleset, result.diagnostics.map(shortly).join("\n"));
  });

  test(`the snippet of ${seed} as it was found is refused with the line that is wrong`, () => {
    const result = load([fixture("base.yaml"), fixture(`seeds/${seed}.broken.yaml`)]);
    assert.equal(result.ruleset, null);
    const first = result.diagnostics.find((one) => one.severity === "error");
    assert.equal(first?.file, "2.yaml");
    assert.equal(first?.code, "LOAD_ERR_YAML_PARSE");
    assert.ok((first?.range.start.line ?? 0) >= 1 && first?.snippet !== "");
  });
}
