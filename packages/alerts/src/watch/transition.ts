import type { GroupCount, RuleCount } from "./event-search.ts";

/** What is remembered of one group of one rule between evaluations. Times are milliseconds. */
export interface GroupState {
  readonly group: string;
  readonly firing: boolean;
  /** Since when it fires, or fired last. */
  readonly since: number;
  readonly value: number;
  readonly topRules: readonly RuleCount[];
  /** When it was last told; null for never. */
  readonly lastTold: number | null;
  /** It fired while it was throttled, and nobody has been told yet. */
  readonly pending: boolean;
  /** Evaluations that fired and weren't told. */
  readonly suppressed: number;
  /** End of the last window that fired: an older window that overlaps it is the same alert. */
  readonly coveredUntil: number;
}

/** One group in a message. */
export interface ToldGroup {
  readonly group: string;
  readonly value: number;
  readonly suppressed: number;
  readonly since: number;
  readonly topRules: readonly RuleCount[];
  /** It fired and is over by the time it's told. */
  readonly over: boolean;
}

/** One evaluation of a rule: the groups that were above its threshold in the window that ends at `at`. */
export interface Look {
  readonly at: number;
  readonly windowMs: number;
  readonly above: readonly GroupCount[];
  /** False for a second look at a past window, made for events that came late. */
  readonly present: boolean;
}

export interface Transition {
  readonly states: readonly GroupState[];
  readonly fired: readonly ToldGroup[];
  readonly resolved: readonly ToldGroup[];
}

/** Takes one look into account: who is to be told what, and what is to be remembered. Pure. */
export function advance(known: readonly GroupState[], look: Look, now: number, throttleMs: number): Transition {
  const states = new Map(known.map((state) => [state.group, state]));
  const fired: ToldGroup[] = [];
  const resolved: ToldGroup[] = [];
  const throttled = (state: GroupState): boolean => state.lastTold !== null && now - state.lastTold < throttleMs;
  const tell = (state: GroupState): GroupState => {
    fired.push(told(state, !state.firing));
    return { ...state, lastTold: now, pending: false, suppressed: 0 };
  };

  for (const { group, count, topRules } of look.above) {
    const before = states.get(group);
    const seen = { group, value: count, topRules };
    if (!look.present) {
      if (before !== undefined && look.at - look.windowMs < before.coveredUntil) {
        states.set(group, { ...before, coveredUntil: Math.max(before.coveredUntil, look.at) });
        continue;
      }
      const late = { ...(before ?? fresh(group)), ...seen, firing: before?.firing ?? false, since: look.at };
      const covered = { ...late, coveredUntil: Math.max(late.coveredUntil, look.at) };
      states.set(
        group,
        throttled(covered) ? { ...covered, pending: true, suppressed: covered.suppressed + 1 } : tell(covered),
      );
      continue;
    }
    const since = before?.firing === true ? before.since : look.at;
    const state = { ...(before ?? fresh(group)), ...seen, firing: true, since, coveredUntil: look.at };
    if (throttled(state)) {
      const pending = state.pending || before?.firing !== true;
      states.set(group, { ...state, pending, suppressed: state.suppressed + 1 });
    } else {
      states.set(group, tell(state));
    }
  }
  if (!look.present) return { states: [...states.values()], fired, resolved };

  const above = new Set(look.above.map(({ group }) => group));
  for (const [group, state] of states) {
    if (above.has(group)) continue;
    const over = { ...state, firing: false };
    if (state.firing && !state.pending) resolved.push(told(state, true));
    if (over.pending && !throttled(over)) states.set(group, tell(over));
    else if (over.pending || throttled(over) || isRecent(over, look)) states.set(group, over);
    else states.delete(group);
  }
  return { states: [...states.values()], fired, resolved };
}

/** How long a window that fired is remembered, in windows and at least a day: second looks reach back that far. */
function isRecent(state: GroupState, look: Look): boolean {
  return look.at - state.coveredUntil < Math.max(2 * look.windowMs, 86_400_000);
}

function fresh(group: string): GroupState {
  return {
    group,
    firing: false,
    since: 0,
    value: 0,
    topRules: [],
    lastTold: null,
    pending: false,
    suppressed: 0,
    coveredUntil: Number.NEGATIVE_INFINITY,
  };
}

function told({ group, value, suppressed, since, topRules }: GroupState, over: boolean): ToldGroup {
  return { group, value, suppressed, since, topRules, over };
}
