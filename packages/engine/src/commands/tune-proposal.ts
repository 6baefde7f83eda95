import { quoteLiteral } from "@falco-efk/rules";
import { stringify } from "yaml";
import type { AlertGroup, AlertTally } from "./tune-alerts.ts";

/** Exceptions proposed for a rule. */
export interface Proposal {
  readonly rule: string;
  readonly alerts: number;
  /** Of these alerts, how many the exceptions speak of. */
  readonly covered: number;
  readonly exceptions: readonly ProposedException[];
}

/** One exception: a form, and the values that alerts had in it. */
export interface ProposedException {
  readonly name: string;
  readonly fields: readonly string[];
  readonly comps: readonly string[];
  readonly values: readonly (readonly string[])[];
}

// More processes than this make noise of another kind: the rule itself is to be changed then.
const VALUES_PER_RULE = 50;

/**
 * Proposes exceptions for what alerts again and again: each bundle of at least `atLeast` alerts of one process gives a row
 * of values, and rows of one form stand in one exception.
 *
 * @param taken the names of exceptions that a rule has already; null for a rule that is not loaded, which gets none
 */
export function proposeExceptions(
  tally: AlertTally,
  atLeast: number,
  taken: (rule: string) => ReadonlySet<string> | null,
): readonly Proposal[] {
  const proposals: Proposal[] = [];
  for (const [rule, { alerts, groups }] of tally.rules) {
    const names = taken(rule);
    const often = groups.filter((group) => group.alerts >= atLeast).slice(0, VALUES_PER_RULE);
    if (names === null || often.length === 0) continue;
    const covered = often.reduce((sum, group) => sum + group.alerts, 0);
    proposals.push({ rule, alerts, covered, exceptions: exceptionsOf(often, names) });
  }
  return proposals.sort((a, b) => b.covered - a.covered);
}

function exceptionsOf(groups: readonly AlertGroup[], taken: ReadonlySet<string>): readonly ProposedException[] {
  const forms = new Map<string, AlertGroup[]>();
  for (const group of groups) {
    const form = JSON.stringify([group.fields, group.comps]);
    forms.set(form, [...(forms.get(form) ?? []), group]);
  }
  const used = new Set(taken);
  return [...forms.values()].map((rows) => {
    const { fields, comps } = rows[0] as AlertGroup;
    const name = freeName(`tuned_${fields.map((field) => field.replaceAll(".", "_")).join("_")}`, used);
    used.add(name);
    return { name, fields, comps, values: rows.map((row) => row.values) };
  });
}

function freeName(wanted: string, used: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; used.has(name); number++) name = `${wanted}_${number}`;
  return name;
}

/** The proposals as a rules file that loads behind the rules they speak of. */
export function proposalYaml(proposals: readonly Proposal[]): string {
  return proposals.map(ruleYaml).join("\n");
}

function ruleYaml({ rule, alerts, covered, exceptions }: Proposal): string {
  const lines = [`# ${covered} of ${alerts} alerts`, `- rule: ${scalar(rule)}`, "  exceptions:"];
  for (const { name, fields, comps, values } of exceptions) {
    lines.push(`    - name: ${name}`, `      fields: ${row(fields)}`, `      comps: ${row(comps)}`, "      values:");
    for (const texts of values) lines.push(`        - ${row(texts.map(literal))}`);
  }
  lines.push("  override: { exceptions: append }", "");
  return lines.join("\n");
}

function scalar(text: string): string {
  return /[\n\r]/.test(text) ? JSON.stringify(text) : stringify(text, { lineWidth: 0 }).trimEnd();
}

/** A value as a condition takes it, for an exception becomes one: whatever is more than a plain word stands in quotes. */
function literal(text: string): string {
  return /^[\w./:@+~-]+$/.test(text) ? text : quoteLiteral(text, null);
}

function row(texts: readonly string[]): string {
  return stringify(texts, { lineWidth: 0, collectionStyle: "flow", flowCollectionPadding: false }).trimEnd();
}
