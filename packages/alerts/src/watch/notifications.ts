import { quoteKql } from "@falco-efk/elastic";
import type { AlertRule } from "../rules/alert-rule.ts";
import type { NewNotification } from "../state/state-store.ts";
import type { Evaluation } from "./evaluate.ts";
import type { ToldGroup } from "./transition.ts";

/** What an evaluation gives to tell: all groups that fired in one notification, all that are over in another. */
export function notificationsOf(rule: AlertRule, evaluation: Evaluation, now: number): NewNotification[] {
  const { fired, resolved, memory } = evaluation;
  return [
    ...(fired.length === 0 ? [] : [notification(rule, "firing", fired, memory.error, now)]),
    ...(resolved.length === 0 ? [] : [notification(rule, "resolved", resolved, null, now)]),
  ];
}

/** The sample that "send a sample message now" sends. */
export function sampleNotification(rule: AlertRule, now: number): NewNotification {
  const value = rule.condition.type === "threshold" ? rule.condition.above + 1 : 0;
  const group = rule.condition.type === "threshold" && rule.condition.per === undefined ? "" : "sample";
  const groups: ToldGroup[] =
    rule.condition.type === "absence" ? [] : [{ group, value, suppressed: 0, since: now, topRules: [], over: false }];
  return notification(rule, "sample", groups, null, now);
}

function notification(
  rule: AlertRule,
  kind: NewNotification["kind"],
  groups: readonly ToldGroup[],
  error: string | null,
  now: number,
): NewNotification {
  const since = Math.min(now, ...groups.map((group) => group.since));
  return {
    time: now,
    rule: rule.name,
    when: rule.source.when,
    kind,
    groups,
    error: rule.condition.type === "absence" ? error : null,
    message: rule.source.message ?? null,
    kql: kqlFor(rule, groups),
    from: since - windowOf(rule),
    to: now,
  };
}

function windowOf({ condition }: AlertRule): number {
  return condition.type === "new-rule" ? 1 : condition.windowSeconds * 1000;
}

/** The rule's filter, narrowed to the groups while they are few enough for a link. */
function kqlFor(rule: AlertRule, groups: readonly ToldGroup[]): string {
  const { condition, kql } = rule;
  const field =
    condition.type === "new-rule" ? "rule.keyword" : condition.type === "threshold" ? condition.per : undefined;
  if (field === undefined || groups.length === 0 || groups.length > 10) return kql;
  const values = groups.map(({ group }) => quoteKql(group)).join(" or ");
  return [kql, `${field}: (${values})`].filter((part) => part !== "").join(" and ");
}
