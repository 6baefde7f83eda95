import assert from "node:assert/strict";
import { test } from "node:test";
import { EVENT_TYPES } from "@falco-efk/event";
import fc from "fast-check";
import { compileModule } from "../../src/filter/codegen/module.ts";
import { interpret, loadRules, type Rule } from "../../src/index.ts";
import { tableEvent, typedCondition } from "../support/arbitraries.ts";
import { dependsOnPath, type TableEvent, tableResolver } from "../support/table-resolver.ts";

function load(conditions: readonly string[], ruleMatching: "first" | "all"): ReturnType<typeof loadRules<TableEvent>> {
  const rules = conditions.map((condition, index) => ({
    rule: `r${index}`,
    desc: "d",
    condition,
    output: "o",
    priority: "NOTICE",
    warn_evttypes: false,
  }));
  return loadRules([{ name: "generated", text: JSON.stringify(rules) }], {
    resolver: tableResolver,
    dependsOnPath,
    ruleMatching,
  });
}

// The long form (FALCO_EFK_LONG) looks much further.
const runs = process.env["FALCO_EFK_LONG"] === undefined ? 100 : 5000;

for (const ruleMatching of ["first", "all"] as const) {
  test(`compiled rules and the interpreter agree on every event (rule_matching: ${ruleMatching})`, () => {
    fc.assert(
      fc.property(
        fc.array(typedCondition, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(tableEvent, fc.constantFrom("open", "openat", "connect", "execve")), {
          minLength: 1,
          maxLength: 8,
        }),
        (conditions, events) => {
          const { ruleset, diagnostics } = load(conditions, ruleMatching);
          assert.ok(ruleset, JSON.stringify([conditions, diagnostics.map((one) => one.message)]));
          // With an index on every field that some rule demands something of, which so few rules would not get by themselves.
          const indexed = compileModule(ruleset.rules, ruleMatching, 0);
          for (const [values, name] of events) {
            const type = EVENT_TYPES.find((one) => one.name === name)?.id as number;
            const event: TableEvent = { ...values, "evt.type": name };
            const holds = (rule: Rule<TableEvent>): boolean => interpret(rule.condition, event);
            const expected: readonly string[] = ruleset.rules.filter(holds).map((rule) => rule.name);
            const wanted: readonly string[] = ruleMatching === "first" ? expected.slice(0, 1) : expected;
            const found: readonly string[] = ruleset.evaluate(event, type).map((rule) => rule.name);
            assert.deepEqual(
              found,
              wanted,
              JSON.stringify({ conditions, event }, (_, v) => (typeof v === "bigint" ? `${v}n` : v)),
            );
            const byIndex = indexed.shown[type]?.(event) ?? [];
            assert.deepEqual(
              byIndex.map((index): string | undefined => ruleset.rules[index]?.name),
              wanted,
            );
            const again: readonly string[] = ruleset.rules
              .filter((rule) => rule.dependsOnPath && holds(rule))
              .map((rule) => rule.name);
            const alternative: readonly string[] = ruleset.evaluateAlternative(event, type).map((rule) => rule.name);
            assert.deepEqual(alternative, ruleMatching === "first" ? again.slice(0, 1) : again);
          }
        },
      ),
      { numRuns: runs },
    );
  });
}
