import type { EventRecord } from "@falco-efk/event";
import { mergeMatches, type Rule, type Ruleset } from "@falco-efk/rules";

/** What the detector asks of an event's context; the fields package's `EventContext` is one. */
export interface DetectableEvent<Self> {
  begin(record: EventRecord): Self;
  /** True when the kernel's path is known and is not the name that was given. */
  readonly hasAlternativePath: boolean;
  useRealPath(on: boolean): void;
}

/** A match: the context still shows the path that matched while `onMatch` runs. */
export type OnMatch<E> = (rule: Rule<E>, event: E) => void;

/**
 * Evaluates one event: with the names as they were given, and, where the kernel resolved a path to another one, the
 * rules on paths with that too.
 */
export function detect<E extends DetectableEvent<E>>(
  ruleset: Ruleset<E>,
  event: E,
  type: number,
  matchRealPath: boolean,
  onMatch: OnMatch<E>,
): void {
  const shown = ruleset.evaluate(event, type);
  if (!matchRealPath || !ruleset.hasAlternative(type) || !event.hasAlternativePath) {
    for (const rule of shown) onMatch(rule, event);
    return;
  }
  const first = shown.length === 0 ? shown : [...shown];
  event.useRealPath(true);
  const alternative = ruleset.evaluateAlternative(event, type);
  if (alternative.length === 0) {
    event.useRealPath(false);
    for (const rule of first) onMatch(rule, event);
    return;
  }
  for (const match of mergeMatches(first, [...alternative], ruleset.ruleMatching)) {
    event.useRealPath(match.alternative);
    onMatch(match.rule, event);
  }
  event.useRealPath(false);
}
