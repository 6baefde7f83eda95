import type { AlertRule } from "../rules/alert-rule.ts";
import type { EventSearch, GroupCount, SeenRule } from "./event-search.ts";
import { advance, type GroupState, type ToldGroup } from "./transition.ts";

/** What is remembered of a rule between evaluations. Times are milliseconds. */
export interface RuleMemory {
  /** When the rule was first evaluated. */
  readonly created: number;
  readonly evaluated: number;
  /** End of the last past window that was looked at a second time. */
  readonly lookedBackUntil: number;
  readonly groups: readonly GroupState[];
  /** The last event of each Falco rule, for "a rule not seen for". */
  readonly seen: Readonly<Record<string, number>>;
  readonly value: number | null;
  readonly error: string | null;
  /** Since when evaluations fail; null while they work. */
  readonly errorSince: number | null;
}

export interface Evaluation {
  readonly memory: RuleMemory;
  readonly fired: readonly ToldGroup[];
  readonly resolved: readonly ToldGroup[];
}

export interface EvaluationTiming {
  readonly intervalMs: number;
  /** How late an event may come and still count. */
  readonly lateMs: number;
}

/** After a longer stop of ours, only this much of the past is looked at. */
const LONGEST_CATCH_UP_MS = 86_400_000;
/** Past windows looked at in one evaluation, so that a long catch-up doesn't starve the present. */
const MOST_SECOND_LOOKS = 120;

/** Evaluates one rule at `now`. A search that fails is remembered, not thrown; nothing is told because of a failed search but an absence. */
export async function evaluate(
  rule: AlertRule,
  memory: RuleMemory | null,
  search: EventSearch,
  now: number,
  timing: EvaluationTiming,
): Promise<Evaluation> {
  const before = memory ?? firstMemory(now);
  try {
    const result = await evaluateCondition(rule, before, memory === null, search, now, timing);
    return { ...result, memory: { ...result.memory, evaluated: now, error: null, errorSince: null } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return unreadable(rule, { ...before, error: message, errorSince: before.errorSince ?? now }, now);
  }
}

function firstMemory(now: number): RuleMemory {
  return {
    created: now,
    evaluated: now,
    lookedBackUntil: now,
    groups: [],
    seen: {},
    value: null,
    error: null,
    errorSince: null,
  };
}

function evaluateCondition(
  rule: AlertRule,
  memory: RuleMemory,
  isFirst: boolean,
  search: EventSearch,
  now: number,
  timing: EvaluationTiming,
): Promise<Evaluation> {
  switch (rule.condition.type) {
    case "threshold":
      return evaluateThreshold(rule, rule.condition, memory, search, now, timing);
    case "absence":
      return evaluateAbsence(rule, rule.condition.windowSeconds * 1000, memory, search, now);
    case "new-rule":
      return evaluateNewRule(rule, rule.condition.quietSeconds * 1000, memory, isFirst, search, now, timing);
  }
}

async function evaluateThreshold(
  rule: AlertRule,
  condition: { readonly above: number; readonly windowSeconds: number; readonly per?: string },
  memory: RuleMemory,
  search: EventSearch,
  now: number,
  timing: EvaluationTiming,
): Promise<Evaluation> {
  const windowMs = condition.windowSeconds * 1000;
  const throttleMs = rule.throttleSeconds * 1000;
  const lookAt = async (from: number, to: number): Promise<{ above: GroupCount[]; value: number }> => {
    const span = { from, to };
    if (condition.per !== undefined) {
      const above = await search.groupsAbove(rule.query, span, condition.per, condition.above);
      return { above, value: above[0]?.count ?? 0 };
    }
    const whole = await search.count(rule.query, span);
    return { above: whole.count > condition.above ? [whole] : [], value: whole.count };
  };

  let groups = memory.groups;
  const fired: ToldGroup[] = [];
  const windows = await secondLooks(memory, now, timing, windowMs, lookAt);
  for (const { at, above } of windows.looks) {
    const step = advance(groups, { at, windowMs, above, present: false }, now, throttleMs);
    groups = step.states;
    fired.push(...step.fired);
  }
  const present = await lookAt(now - windowMs, now);
  const step = advance(groups, { at: now, windowMs, above: present.above, present: true }, now, throttleMs);
  return {
    memory: { ...memory, groups: step.states, value: present.value, lookedBackUntil: windows.until },
    fired: [...fired, ...step.fired],
    resolved: step.resolved,
  };
}

/** Looks again at the past windows that late events may have filled, and at those that went by while we weren't running. */
async function secondLooks(
  memory: RuleMemory,
  now: number,
  { intervalMs, lateMs }: EvaluationTiming,
  windowMs: number,
  lookAt: (from: number, to: number) => Promise<{ above: GroupCount[] }>,
): Promise<{ looks: { at: number; above: GroupCount[] }[]; until: number }> {
  const from = Math.max(memory.lookedBackUntil, now - lateMs - LONGEST_CATCH_UP_MS);
  const until = Math.min(now - lateMs, from + MOST_SECOND_LOOKS * intervalMs);
  if (until - from < intervalMs) return { looks: [], until: from };
  // Most of the time there is nothing: one search over the whole span says so.
  const whole = await lookAt(from - windowMs, until);
  if (whole.above.length === 0) return { looks: [], until };
  const looks: { at: number; above: GroupCount[] }[] = [];
  let at = from;
  while (at + intervalMs <= until) {
    at += intervalMs;
    looks.push({ at, above: (await lookAt(at - windowMs, at)).above });
  }
  return { looks, until: at };
}

async function evaluateAbsence(
  rule: AlertRule,
  windowMs: number,
  memory: RuleMemory,
  search: EventSearch,
  now: number,
): Promise<Evaluation> {
  const { count } = await search.count(rule.query, { from: now - windowMs, to: now });
  // A pipeline that has just been set up had no time yet to be silent.
  const silent = count === 0 && now - memory.created >= windowMs;
  const above: GroupCount[] = silent ? [{ group: "", count: 0, topRules: [] }] : [];
  const step = advance(memory.groups, { at: now, windowMs, above, present: true }, now, rule.throttleSeconds * 1000);
  return { memory: { ...memory, groups: step.states, value: count }, fired: step.fired, resolved: step.resolved };
}

/** Events that can't be read for the whole window of an absence rule are as good as absent. */
function unreadable(rule: AlertRule, memory: RuleMemory, now: number): Evaluation {
  if (rule.condition.type !== "absence") return { memory, fired: [], resolved: [] };
  const windowMs = rule.condition.windowSeconds * 1000;
  if (memory.errorSince === null || now - memory.errorSince < windowMs) return { memory, fired: [], resolved: [] };
  const above = [{ group: "", count: 0, topRules: [] }];
  const step = advance(memory.groups, { at: now, windowMs, above, present: true }, now, rule.throttleSeconds * 1000);
  return { memory: { ...memory, groups: step.states, value: null }, fired: step.fired, resolved: step.resolved };
}

async function evaluateNewRule(
  rule: AlertRule,
  quietMs: number,
  memory: RuleMemory,
  isFirst: boolean,
  search: EventSearch,
  now: number,
  { lateMs }: EvaluationTiming,
): Promise<Evaluation> {
  // What had fired before we first looked is known, not new.
  const from = isFirst ? now - quietMs : Math.max(memory.evaluated - lateMs, now - LONGEST_CATCH_UP_MS - lateMs);
  const found = await search.seenRules(rule.query, { from, to: now });
  const seen: Record<string, number> = { ...memory.seen };
  const fresh: SeenRule[] = [];
  for (const entry of found) {
    const last = seen[entry.rule];
    if (!isFirst && (last === undefined || entry.first - last > quietMs)) fresh.push(entry);
    seen[entry.rule] = Math.max(last ?? entry.last, entry.last);
  }
  const fired = fresh.map(
    (entry): ToldGroup => ({
      group: entry.rule,
      value: entry.count,
      suppressed: 0,
      since: entry.first,
      topRules: [{ rule: entry.rule, count: entry.count }],
      over: false,
    }),
  );
  return { memory: { ...memory, seen, value: fired.length }, fired, resolved: [] };
}
