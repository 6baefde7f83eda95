import type { FieldDefinition } from "@falco-efk/event";
import { compileModule, type Evaluate } from "./filter/codegen/module.ts";
import { fieldsOf } from "./filter/node.ts";
import type { Rule, Ruleset } from "./ruleset.ts";

/** Compiles rules into one that evaluates events; their order is that of evaluation. */
export function compileRuleset<E>(rules: readonly Rule<E>[], ruleMatching: "first" | "all"): Ruleset<E> {
  const module = compileModule(rules, ruleMatching);
  const none: readonly Rule<E>[] = Object.freeze([]);
  const only = rules.map((rule) => Object.freeze([rule]) as readonly Rule<E>[]);
  const run = (evaluate: Evaluate<E> | null | undefined, event: E): readonly Rule<E>[] => {
    if (evaluate === null || evaluate === undefined) return none;
    const found = evaluate(event);
    if (found.length === 0) return none;
    return found.length === 1
      ? (only[found[0] as number] as readonly Rule<E>[])
      : found.map((index) => rules[index] as Rule<E>);
  };
  const fields = new Map<string, FieldDefinition>();
  for (const rule of rules) for (const [key, definition] of fieldsOf(rule.condition)) fields.set(key, definition);
  return {
    rules,
    ruleMatching,
    fields: [...new Set(fields.values())],
    eventTypes: new Set(module.shown.flatMap((evaluate, type) => (evaluate === null ? [] : [type]))),
    evaluate: (event, type) => run(module.shown[type], event),
    hasAlternative: (type) => module.alternative[type] != null,
    evaluateAlternative: (event, type) => run(module.alternative[type], event),
    code: (type) => module.code(type),
  };
}
