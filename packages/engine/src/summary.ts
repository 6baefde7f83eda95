import { PRIORITIES, type Priority } from "@falco-efk/event";

/** What is counted of a rule that is or was loaded. */
export interface RuleCount {
  readonly name: string;
  readonly priority: Priority;
  readonly source: string;
  readonly tags: readonly string[];
  alerts: number;
}

/** Alerts by rule since the start, over reloads; rules keep the order in which they were first loaded. */
export class AlertCounts {
  total = 0;
  private readonly byRule = new Map<string, RuleCount>();

  /** Makes a rule known, so that its severity shows with zero. */
  know(rule: Omit<RuleCount, "alerts">): RuleCount {
    const known = this.byRule.get(rule.name);
    const count: RuleCount = { ...rule, alerts: known?.alerts ?? 0 };
    this.byRule.set(rule.name, count);
    return count;
  }

  add(name: string): void {
    const count = this.byRule.get(name);
    if (count === undefined) return;
    count.alerts += 1;
    this.total += 1;
  }

  rules(): readonly RuleCount[] {
    return [...this.byRule.values()];
  }
}

/** Falco's closing words: events detected, rule counts by severity, triggered rules by name. Ends with a line end. */
export function formatSummary(counts: AlertCounts): string {
  const bySeverity = new Map<Priority, number>();
  for (const rule of counts.rules()) {
    bySeverity.set(rule.priority, (bySeverity.get(rule.priority) ?? 0) + rule.alerts);
  }
  const severities = PRIORITIES.filter((priority) => bySeverity.has(priority));
  const triggered = counts.rules().filter((rule) => rule.alerts > 0);
  return [
    `Events detected: ${counts.total}`,
    "Rule counts by severity:",
    ...severities.map((priority) => `   ${priority}: ${bySeverity.get(priority) ?? 0}`),
    "Triggered rules by rule name:",
    ...triggered.map((rule) => `   ${rule.name}: ${rule.alerts}`),
    "",
  ].join("\n");
}
