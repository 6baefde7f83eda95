import type { RuleStatus } from "../alerter.ts";
import { composeMessage, plainText } from "../deliver/message.ts";
import type { Delivery, Notification } from "../state/state-store.ts";

const iso = (time: number): string => new Date(time).toISOString();

/** A rule as the API shows it. */
export function ruleView({ rule, memory }: RuleStatus): unknown {
  const { source } = rule;
  const firing = (memory?.groups ?? []).filter((group) => group.firing);
  const since = firing.length === 0 ? null : Math.min(...firing.map((group) => group.since));
  return {
    name: rule.name,
    origin: rule.origin,
    when: source.when,
    condition: rule.condition,
    ...(source.filter === undefined ? {} : { filter: source.filter }),
    ...(source.priority === undefined ? {} : { priority: source.priority }),
    ...(source.rules === undefined ? {} : { rules: source.rules }),
    throttleSeconds: rule.throttleSeconds,
    recipients: source.recipients,
    state: {
      status:
        memory === null || (memory.error !== null && firing.length === 0)
          ? "unknown"
          : firing.length > 0
            ? "firing"
            : "ok",
      value: memory?.value ?? null,
      since: since === null ? null : iso(since),
      evaluated: memory === null ? null : iso(memory.evaluated),
      error: memory?.error ?? null,
      firing: firing.map((group) => ({
        group: group.group,
        value: group.value,
        since: iso(group.since),
        suppressed: group.suppressed,
      })),
    },
  };
}

/** One entry of the history. */
export function entryView(
  notification: Notification,
  deliveries: readonly Delivery[],
  kibanaUrl: string | null,
): unknown {
  const message = composeMessage(notification, kibanaUrl);
  return {
    id: notification.id,
    time: iso(notification.time),
    rule: notification.rule,
    kind: notification.kind,
    value: notification.groups.reduce((sum, group) => sum + group.value, 0),
    suppressed: message.suppressed,
    groups: notification.groups.map(({ group, value, suppressed, over }) => ({ group, value, suppressed, over })),
    text: plainText(message),
    deliveries: deliveries.map(deliveryView),
  };
}

/** A delivery; the recipient by its name only. */
export function deliveryView({ recipient, state, attempts, error, doneAt }: Delivery): unknown {
  return { recipient, state, ok: state === "sent", attempts, error, at: doneAt === null ? null : iso(doneAt) };
}
