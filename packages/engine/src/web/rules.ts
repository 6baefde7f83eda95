import type { Priority } from "@falco-efk/event";
import type { EngineView } from "../engine-view.ts";

/** One rule of the `/rules` page. */
export interface ListedRule {
  readonly name: string;
  readonly priority: Priority;
  readonly source: string;
  readonly tags: readonly string[];
  /** After the configuration's selection: a disabled rule is never evaluated. */
  readonly enabled: boolean;
  readonly description: string;
  /** As written, with appended parts and exceptions worked in. */
  readonly condition: string;
  readonly output: string;
  readonly file: string;
  readonly line: number;
  /** Alerts since the start of the engine. */
  readonly alerts: number;
}

/** The `/rules` page: every rule that loaded, in load order, enabled or not. */
export interface RulesList {
  readonly count: number;
  readonly rules: readonly ListedRule[];
}

/** Lists the rules that are loaded now, with how often each has alerted. */
export function listRules(view: EngineView): RulesList {
  const alerts = new Map(view.counts.rules().map((rule) => [rule.name, rule.alerts]));
  const rules = view
    .rules()
    .map(({ name, priority, source, tags, enabled, description, condition, output, file, line }) => ({
      ...{ name, priority, source, tags, enabled, description, condition, output, file, line },
      alerts: alerts.get(name) ?? 0,
    }));
  return { count: rules.length, rules };
}
