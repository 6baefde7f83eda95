import { type Diagnostic, type LoadOptions, type LoadResult, loadRules, type Ruleset } from "../../src/index.ts";
import { dependsOnPath, type TableEvent, tableResolver } from "./table-resolver.ts";

type Options = Partial<LoadOptions<TableEvent>>;

/** Loads texts as files `1.yaml`, `2.yaml`, … over the table resolver. */
export function load(texts: string | readonly string[], options: Options = {}): LoadResult<TableEvent> {
  const files = [texts].flat().map((text, index) => ({ name: `${index + 1}.yaml`, text }));
  return loadRules(files, { resolver: tableResolver, dependsOnPath, ...options });
}

/** Loads texts that must be good. */
export function loadGood(texts: string | readonly string[], options: Options = {}): Ruleset<TableEvent> {
  const { ruleset, diagnostics } = load(texts, options);
  if (ruleset === null) throw new Error(diagnostics.map(shortly).join("\n"));
  return ruleset;
}

/** `1.yaml:3:5 LOAD_ERR_VALIDATE message`. */
export function shortly({ file, range, code, message }: Diagnostic): string {
  return `${file}:${range.start.line}:${range.start.column} ${code} ${message}`;
}

/** A rules file with one rule of this condition. */
export function ruleWith(condition: string, more = ""): string {
  return `- rule: r\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: o\n  priority: NOTICE\n  warn_evttypes: false\n${more}`;
}
