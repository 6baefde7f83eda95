import { type Explanation, explainRule, type Rule, type RuleInfo } from "@falco-efk/rules";
import { kernelFilterLines } from "./kernel-filter-text.ts";
import { wrapText } from "./text-columns.ts";

const WIDTH = 116;

/** The text of `explain`: what a rule means once all is worked in, what the kernel does of it, and its code. */
export function explainText<E>(rule: Rule<E>, info: RuleInfo, json: boolean): string {
  const explanation = explainRule(rule);
  if (json) return `${JSON.stringify(explainJson(rule, info, explanation), null, 2)}\n`;
  const block = (title: string, lines: readonly string[]): string[] => [title, ...lines.map((line) => `  ${line}`), ""];
  const byKernel = Map.groupBy(explanation.types, (type) => kernelFilterLines(type.kernel).join("\n"));
  return `${[
    `${rule.name}  (${rule.priority}; ${info.file}:${info.line}${rule.tags.length === 0 ? "" : `; ${rule.tags.join(", ")}`})`,
    "",
    ...block("Description", wrapText(rule.description, WIDTH)),
    ...block("Condition as written", wrapText(rule.conditionText, WIDTH)),
    ...block("Condition with macros and lists worked in", wrapText(explanation.condition, WIDTH)),
    ...block(
      "Event types, and what of them is passed on to this rule",
      [...byKernel].flatMap(([filter, types]) => [
        ...wrapText(types.map((type) => type.name).join(", "), WIDTH),
        ...filter.split("\n").map((line) => `    ${line}`),
      ]),
    ),
    ...block("Generated code for the first of them", explanation.code.trimEnd().split("\n")),
  ].join("\n")}`;
}

function explainJson<E>(rule: Rule<E>, info: RuleInfo, explanation: Explanation): object {
  return {
    rule: rule.name,
    priority: rule.priority,
    file: info.file,
    line: info.line,
    tags: rule.tags,
    description: rule.description,
    condition: rule.conditionText,
    condition_expanded: explanation.condition,
    event_types: explanation.types,
    depends_on_path: rule.dependsOnPath,
    code: explanation.code,
  };
}
