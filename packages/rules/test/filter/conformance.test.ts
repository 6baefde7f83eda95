import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventTypeByName } from "@falco-efk/event";
import { interpret, type Rule } from "../../src/index.ts";
import { CONDITION_CASES } from "../cases/conditions.ts";
import { loadGood, ruleWith } from "../support/load.ts";
import type { TableEvent } from "../support/table-resolver.ts";

const open = eventTypeByName("open")?.id as number;

for (const [group, cases] of Object.entries(CONDITION_CASES)) {
  describe(group, () => {
    for (const [condition, values, holds] of cases) {
      const shown = JSON.stringify(values, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
      test(`${condition} ${holds ? "holds" : "does not hold"} for ${shown}`, () => {
        const event: TableEvent = { "evt.type": "open", ...values };
        for (const ruleMatching of ["first", "all"] as const) {
          const ruleset = loadGood(ruleWith(condition), { ruleMatching });
          const [rule] = ruleset.rules as [Rule<TableEvent>];
          assert.equal(interpret(rule.condition, event), holds, "interpreted");
          assert.equal(ruleset.evaluate(event, open).length > 0, holds, `compiled (${ruleMatching})`);
        }
      });
    }
  });
}
