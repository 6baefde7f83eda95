import type { EventRecord, OtherPath } from "@falco-efk/event";
import { mergeMatches, type Rule, type Ruleset } from "@falco-efk/rules";

/** What the detector asks of an event's context; the fields package's `EventContext` is one. */
export interface DetectableEvent<Self> {
  begin(record: EventRecord): Self;
  /** The paths beside the name that was given, where the kernel knows of others. */
  readonly otherPaths: readonly OtherPath[];
  showPath(path: OtherPath | "given"): void;
}

/** A match: the context still shows the path that matched while `onMatch` runs. */
export type OnMatch<E> = (rule: Rule<E>, event: E) => void;

/**
 * Evaluates one event: with the names as they were given, and, where the kernel knows other paths of the same file, the
 * rules on paths with each of those too.
 */
export function detect<E extends DetectableEvent<E>>(
  ruleset: Ruleset<E>,
  event: E,
  type: number,
  matchRealPath: boolean,
  onMatch: OnMatch<E>,
): void {
  const shown = ruleset.evaluate(event, type);
  const others = matchRealPath && ruleset.hasAlternative(type) ? event.otherPaths : [];
  if (others.length === 0) {
    for (const rule of shown) onMatch(rule, event);
    return;
  }
  const verdicts = [[...shown]];
  for (const path of others) {
    event.showPath(path);
    verdicts.push([...ruleset.evaluateAlternative(event, type)]);
  }
  for (const { rule, verdict } of mergeMatches(verdicts, ruleset.ruleMatching)) {
    event.showPath(others[verdict - 1] ?? "given");
    onMatch(rule, event);
  }
  event.showPath("given");
}
