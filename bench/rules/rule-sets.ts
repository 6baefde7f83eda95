import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { FieldResolver } from "@falco-efk/event";
import { interpret, loadRules, type Rule, type RuleFile, type Ruleset } from "@falco-efk/rules";

const ROOT = join(import.meta.dirname, "../..");

/** Falco's stock rules where they lie beside the project, else the default rules; `from` names the folder. */
export function ruleFiles(): { readonly from: string; readonly files: readonly RuleFile[] } {
  const stock = join(ROOT, "../shared/stock-rules");
  const folder = existsSync(stock) ? stock : join(ROOT, "rules");
  const paths = globSync(join(folder, "*.yaml")).sort((a, b) => basename(b).localeCompare(basename(a)));
  const files = paths.map((path) => ({ name: basename(path), text: readFileSync(path, "utf8") }));
  return { from: folder === stock ? "Falco's stock rules" : relative(ROOT, folder), files };
}

/** Loads rules over a resolver; rules that don't load are an error. */
export function load<E>(
  files: readonly RuleFile[],
  fields: { readonly resolver: FieldResolver<E>; readonly dependsOnPath: (field: string) => boolean },
): Ruleset<E> {
  const { ruleset, diagnostics } = loadRules(files, fields);
  if (ruleset === null) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  return ruleset;
}

/** What the compiled form is held against: the rules of the event's type in load order, each walked. */
export function interpreted<E>(ruleset: Ruleset<E>): (event: E, type: number) => boolean {
  const byType = new Map<number, readonly Rule<E>[]>();
  for (const type of ruleset.eventTypes) {
    byType.set(
      type,
      ruleset.rules.filter((rule) => rule.eventTypes.includes(type)),
    );
  }
  return (event, type) => byType.get(type)?.some((rule) => interpret(rule.condition, event)) ?? false;
}

/** Rules that differ in one literal each; `clause` makes the part that differs. */
export function manyRules(count: number, clause: (index: number) => string): RuleFile {
  const rules = Array.from({ length: count }, (_, index) => {
    const condition = `evt.type in (openat, open) and evt.is_open_read = true and ${clause(index)} and not proc.name in (reader${index}, backup)`;
    return `- rule: generated ${index}\n  desc: d\n  condition: ${condition}\n  output: read %fd.name\n  priority: NOTICE\n`;
  });
  return { name: `${count} rules`, text: rules.join("") };
}
