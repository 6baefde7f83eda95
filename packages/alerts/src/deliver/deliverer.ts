import type { Logger } from "@falco-efk/kit";
import type { Delivery, Notification, StateStore } from "../state/state-store.ts";
import { composeMessage } from "./message.ts";
import type { Recipient } from "./recipient.ts";

export interface DelivererOptions {
  readonly store: StateStore;
  readonly recipients: ReadonlyMap<string, Recipient>;
  readonly kibanaUrl: string | null;
  readonly logger: Logger;
  readonly now: () => number;
  /** In [0, 1): spreads tries that failed together. */
  readonly random: () => number;
}

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** A recipient that asks for a longer pause, by a fault of its own, doesn't silence every message after this one. */
const LONGEST_ASKED_PAUSE_MS = 3_600_000;
const GIVE_UP_AFTER_MS = 86_400_000;

/** How long to wait after this many tries: doubles from 5 s to 15 min, with a quarter of jitter. */
export function pauseAfter(attempts: number, random: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempts - 1));
  return Math.round(pause * (0.75 + random * 0.5));
}

/** Tries every delivery that is due, recipients side by side, each in its order; answers how many were sent. */
export async function deliverDue(options: DelivererOptions): Promise<number> {
  let sent = 0;
  for (;;) {
    const due = options.store.due(options.now());
    if (due.length === 0) return sent;
    const settled = await Promise.all(
      due.map(({ delivery, notification }) => deliver(delivery, notification, options)),
    );
    sent += settled.filter(({ state }) => state === "sent").length;
  }
}

/** Tries one delivery and writes down what became of it. Unless `retry`, a try that fails is the last. */
export async function deliver(
  delivery: Delivery,
  notification: Notification,
  options: DelivererOptions,
  retry = true,
): Promise<Delivery> {
  const { store, recipients, logger, now } = options;
  const recipient = recipients.get(delivery.recipient);
  const message = composeMessage(notification, options.kibanaUrl);
  const outcome =
    recipient === undefined
      ? ({ result: "refused", error: "this recipient isn't in alerts.yml any more" } as const)
      : await recipient.send(message, `falco-alert-${notification.time}-${delivery.id}`);
  const attempts = delivery.attempts + 1;
  const time = now();
  const about = { rule: notification.rule, recipient: delivery.recipient, attempts };
  let settled: Delivery;
  if (outcome.result === "sent") {
    settled = { ...delivery, attempts, state: "sent", error: null, doneAt: time };
    logger.info(about, message.title);
  } else if (outcome.result === "refused" || !retry || time - notification.time > GIVE_UP_AFTER_MS) {
    settled = { ...delivery, attempts, state: "given-up", error: outcome.error, doneAt: time };
    logger.error({ ...about, reason: outcome.error }, "a message is given up");
  } else {
    const pause =
      outcome.afterMs === null
        ? pauseAfter(attempts, options.random())
        : Math.min(outcome.afterMs, LONGEST_ASKED_PAUSE_MS);
    const dueAt = time + pause;
    settled = { ...delivery, attempts, state: "pending", error: outcome.error, dueAt };
    logger.warn(
      { ...about, reason: outcome.error, retry: new Date(dueAt).toISOString() },
      "a message could not be delivered",
    );
  }
  store.settle(settled);
  return settled;
}
