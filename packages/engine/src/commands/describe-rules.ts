import { nearest, UserError } from "@falco-efk/kit";
import type { LoadResult, RuleInfo } from "@falco-efk/rules";
import { twoColumns } from "./text-columns.ts";

/** The text of `-L` (all rules) and `-l RULE`. Throws UserError (`UNKNOWN_RULE`). */
export function describeRules<E>(result: LoadResult<E>, name: string | null, json: boolean): string {
  const rules = name === null ? result.rules : [findRule(result.rules, name)];
  if (json) return `${JSON.stringify(describeJson(result, rules, name === null))}\n`;
  const width = 51;
  const head = [twoColumns("Rule", "Description", width, 160), twoColumns("----", "-----------", width, 160)];
  return `${[...head, ...rules.map((rule) => `${twoColumns(rule.name, rule.description, width, 160)}\n`)].join("\n")}`;
}

/** The rule with this name. Throws UserError (`UNKNOWN_RULE`) that suggests the nearest one. */
export function findRule<R extends { readonly name: string }>(rules: readonly R[], name: string): R {
  const found =
    rules.find((rule) => rule.name === name) ?? rules.find((rule) => rule.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(
    name,
    rules.map((rule) => rule.name),
  );
  throw new UserError(`there is no rule "${name}"`, {
    code: "UNKNOWN_RULE",
    hint: near === null ? "-L lists the rules" : `did you mean "${near}"?`,
  });
}

function describeJson<E>(result: LoadResult<E>, rules: readonly RuleInfo[], everything: boolean): object {
  const described = rules.map((rule) => ({
    info: {
      name: rule.name,
      description: rule.description,
      condition: rule.condition,
      output: rule.output,
      priority: rule.priority,
      source: rule.source,
      tags: rule.tags,
      enabled: rule.enabled,
      file: rule.file,
      line: rule.line,
    },
    details: {
      macros: rule.macros,
      lists: rule.lists,
      condition_fields: rule.conditionFields,
      condition_operators: rule.operators,
      output_fields: rule.outputFields,
      exception_names: rule.exceptions,
      exception_fields: rule.exceptionFields,
      events: rule.eventTypes,
      plugins: [],
    },
  }));
  if (!everything) return { rules: described };
  return {
    required_engine_version: result.requiredEngineVersion,
    required_plugin_versions: result.requiredPlugins,
    rules: described,
    macros: result.macros.map((macro) => ({
      info: { name: macro.name, condition: macro.condition },
      details: {
        used: macro.used,
        macros: macro.macros,
        lists: macro.lists,
        condition_fields: macro.conditionFields,
        condition_operators: macro.operators,
        events: macro.eventTypes,
        plugins: [],
      },
    })),
    lists: result.lists.map((list) => ({
      info: { name: list.name, items: list.items },
      details: { used: list.used, lists: list.lists, plugins: [] },
    })),
  };
}
