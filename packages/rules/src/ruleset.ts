import type { FieldDefinition, Priority } from "@falco-efk/event";
import type { Node } from "./filter/node.ts";
import type { OutputFormat } from "./output/format.ts";

/** A loaded, enabled rule, ready to be evaluated and printed. */
export interface Rule<E> {
  /** Position in `Ruleset.rules`: load order. */
  readonly index: number;
  readonly name: string;
  readonly description: string;
  readonly priority: Priority;
  readonly source: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** The condition with macros and lists resolved. */
  readonly condition: Node<E>;
  /** The condition as written. */
  readonly conditionText: string;
  readonly output: OutputFormat<E>;
  /** Further keys of `output_fields`, from `append_output`. */
  readonly extraFields: readonly { readonly name: string; readonly raw: boolean; readonly format: OutputFormat<E> }[];
  /** Ids of the event types the condition can hold for. */
  readonly eventTypes: readonly number[];
  /** True where some field of the condition depends on which path the event shows. */
  readonly dependsOnPath: boolean;
  readonly capture: boolean;
  /** Milliseconds; 0 for the configured default. */
  readonly captureDuration: number;
}

/** The compiled rules. `evaluate` is not re-entrant: one event at a time. */
export interface Ruleset<E> {
  readonly rules: readonly Rule<E>[];
  /** Ids of all event types that some rule can match. */
  readonly eventTypes: ReadonlySet<number>;
  readonly ruleMatching: "first" | "all";
  /** Every field that a condition reads. */
  readonly fields: readonly FieldDefinition[];
  /** The rules that match the event, in load order; at most one with `ruleMatching: first`. No allocation when none does. */
  evaluate(event: E, type: number): readonly Rule<E>[];
  /** True when some rule for this type reads a path: only then is `evaluateAlternative` worth calling. */
  hasAlternative(type: number): boolean;
  /** As `evaluate`, of the path-dependent rules alone; the caller has switched the event to its other path. */
  evaluateAlternative(event: E, type: number): readonly Rule<E>[];
  /** The generated JavaScript: of all, or of one event type's function and what it calls. */
  code(type?: number): string;
}

/** One rule's match, and which verdict it comes from: 0 is that over the shown path. */
export interface RuleMatch<E> {
  readonly rule: Rule<E>;
  readonly verdict: number;
}

/** Joins the verdicts over an event's paths: each rule once, an earlier path preferred, load order, and one only with `first`. */
export function mergeMatches<E>(
  verdicts: readonly (readonly Rule<E>[])[],
  ruleMatching: "first" | "all",
): readonly RuleMatch<E>[] {
  const matches: RuleMatch<E>[] = [];
  for (const [verdict, rules] of verdicts.entries()) {
    for (const rule of rules) {
      if (!matches.some((match) => match.rule === rule)) matches.push({ rule, verdict });
    }
  }
  matches.sort((a, b) => a.rule.index - b.rule.index);
  return ruleMatching === "first" ? matches.slice(0, 1) : matches;
}
