import { formatDuration } from "../rules/duration.ts";
import { parseWhen } from "../rules/when.ts";
import type { Notification } from "../state/state-store.ts";
import type { RuleCount } from "../watch/event-search.ts";
import type { ToldGroup } from "../watch/transition.ts";
import { discoverLink } from "./discover-link.ts";

/** A notification in words, for every kind of recipient. */
export interface Message {
  /** One line, no markup. */
  readonly title: string;
  /** What happened, a line each. */
  readonly lines: readonly string[];
  readonly topRules: readonly RuleCount[];
  /** Evaluations that fired and weren't told before this message. */
  readonly suppressed: number;
  readonly link: string | null;
  readonly notification: Notification;
}

/** More groups than this are only counted. */
const MOST_GROUPS = 10;

/** Puts a notification into words. */
export function composeMessage(notification: Notification, kibanaUrl: string | null): Message {
  const { rule, kind, groups, message } = notification;
  const lines = [
    ...(message === null ? [] : [message]),
    ...groups.slice(0, MOST_GROUPS).map((group) => sentence(notification, group)),
    ...(groups.length > MOST_GROUPS ? [`… and ${groups.length - MOST_GROUPS} more`] : []),
  ];
  const over = groups.length > 0 && groups.every((group) => group.over);
  const state =
    kind === "resolved" ? "is over" : kind === "sample" ? "(sample message)" : over ? "fired and is over" : "is firing";
  return {
    title: `Falco alert ${rule} ${state}`,
    lines: kind === "sample" ? ["This is a sample message: the recipient works.", ...lines] : lines,
    topRules: mostFrequent(groups),
    suppressed: groups.reduce((sum, group) => sum + group.suppressed, 0),
    link: kibanaUrl === null ? null : discoverLink(kibanaUrl, notification.kql, notification.from, notification.to),
    notification,
  };
}

/** The message as plain text. */
export function plainText(message: Message): string {
  return [
    message.title,
    ...message.lines,
    ...topLines(message),
    ...suppressedLine(message),
    ...(message.link === null ? [] : [message.link]),
  ].join("\n");
}

/** `3 × Terminal shell in container`, most frequent first; none when there is no more to say than the lines do. */
export function topLines({ topRules }: Message): string[] {
  return topRules.map(({ rule, count }) => `${count} × ${rule}`);
}

/** How many evaluations were held back, in words. */
export function suppressedLine({ suppressed }: Message): string[] {
  if (suppressed === 0) return [];
  return [`It fired ${suppressed} more time${suppressed === 1 ? "" : "s"} since the last message.`];
}

function sentence({ when, kind, error }: Notification, { group, value }: ToldGroup): string {
  const condition = parseWhen(when);
  const where = group === "" ? "" : `${group}: `;
  if (condition === null) return `${where}${value}`;
  switch (condition.type) {
    case "threshold": {
      const events = `${value} event${value === 1 ? "" : "s"} in ${formatDuration(condition.windowSeconds)}`;
      if (kind === "resolved") return `${where}no longer above ${condition.above}; it was ${events}`;
      return `${where}${events}, above ${condition.above}`;
    }
    case "absence":
      if (error !== null && kind !== "resolved") {
        return `The events can't be read for ${formatDuration(condition.windowSeconds)}: ${error}`;
      }
      return kind === "resolved"
        ? "Events are coming in again"
        : `No events for ${formatDuration(condition.windowSeconds)}: the pipeline may be broken`;
    case "new-rule":
      return `The rule "${group}" has fired (${value} event${value === 1 ? "" : "s"}); it was quiet for ${formatDuration(condition.quietSeconds)} or more`;
  }
}

function mostFrequent(groups: readonly ToldGroup[]): RuleCount[] {
  const counts = new Map<string, number>();
  for (const { topRules } of groups)
    for (const { rule, count } of topRules) counts.set(rule, (counts.get(rule) ?? 0) + count);
  return [...counts]
    .map(([rule, count]) => ({ rule, count }))
    .sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1))
    .slice(0, 5);
}
