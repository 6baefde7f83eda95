import { priorityRank } from "../charts/palette.ts";

/** A rule that the engine has loaded, as its `/rules` page lists it. */
export interface LoadedRule {
  readonly name: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly enabled: boolean;
  readonly description: string;
  readonly condition: string;
  readonly output: string;
  readonly file: string;
  readonly line: number;
  /** Alerts since the engine's start. */
  readonly alerts: number;
}

/** What the events of a time range say of a rule. */
export interface FiredRule {
  readonly name: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly count: number;
  /** Time of the newest event, in milliseconds since the epoch. */
  readonly last: number | null;
}

/** One line of the page: what is known of a rule from both sides. */
export interface RuleRow {
  readonly name: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly count: number;
  readonly last: number | null;
  /** Null when the events are of a rule that is not loaded, such as one of another host. */
  readonly loaded: LoadedRule | null;
}

/** The engine's rules, or why they can't be had. */
export type LoadedRules =
  | { readonly state: "ok"; readonly rules: readonly LoadedRule[] }
  | { readonly state: "absent" }
  | { readonly state: "down"; readonly reason: string };

/** Puts both sides together: rules with the most events first, then by severity and name. */
export function mergeRules(loaded: readonly LoadedRule[], fired: readonly FiredRule[]): RuleRow[] {
  const byName = new Map(fired.map((rule) => [rule.name, rule]));
  const known = new Set(loaded.map(({ name }) => name));
  const rows = [
    ...loaded.map((rule): RuleRow => {
      const seen = byName.get(rule.name);
      const { name, priority, tags } = rule;
      return { name, priority, tags, count: seen?.count ?? 0, last: seen?.last ?? null, loaded: rule };
    }),
    ...fired.filter(({ name }) => !known.has(name)).map((rule): RuleRow => ({ ...rule, loaded: null })),
  ];
  return rows.sort(
    (a, b) => b.count - a.count || priorityRank(a.priority) - priorityRank(b.priority) || (a.name < b.name ? -1 : 1),
  );
}

/** The rows that hold every word of the text in their name, tags, priority, description or condition. */
export function filterRules(rows: readonly RuleRow[], text: string): RuleRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, priority, tags, loaded }) => {
    const all = [name, priority, ...tags, loaded?.description ?? "", loaded?.condition ?? ""].join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** The page of a MITRE ATT&CK tactic such as `TA0003` or technique such as `T1059.004`, or null for any other tag. */
export function attackLink(tag: string): string | null {
  if (/^TA\d{4}$/.test(tag)) return `https://attack.mitre.org/tactics/${tag}/`;
  const [, technique, part] = /^T(\d{4})(?:\.(\d{3}))?$/.exec(tag) ?? [];
  if (technique === undefined) return null;
  return `https://attack.mitre.org/techniques/T${technique}/${part === undefined ? "" : `${part}/`}`;
}
