import { setTimeout as pause } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import { createByteBacklog, createLineBacklog } from "./backlog.ts";
import type { ByteDeliverer, LineDeliverer, Output, OutputCounters } from "./output.ts";

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;

export interface QueuedOutputOptions {
  /** Lines held before new ones are dropped. */
  readonly capacity: number;
  /** Bytes of text held before new lines are dropped, whatever the capacity; no limit when absent. */
  readonly mostBytes?: () => number;
  /** Says a trouble once and then seldom: `cause` tells them apart. */
  readonly trouble: (cause: string, message: string) => void;
  /** Wait this long for more lines before a delivery starts, milliseconds; 0: at once. */
  readonly gatherMs?: number;
}

/** Puts a bounded queue before a deliverer, retries what it keeps, and counts what is lost. */
export function createQueuedOutput(
  name: string,
  deliverer: LineDeliverer | ByteDeliverer,
  options: QueuedOutputOptions,
): Output {
  const backlog = "bytes" in deliverer ? createByteBacklog(deliverer) : createLineBacklog(deliverer);
  const mostBytes = options.mostBytes ?? (() => Number.POSITIVE_INFINITY);
  let accepted = 0;
  let delivered = 0;
  let dropped = 0;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let retryMs = FIRST_RETRY_MS;
  let closing = false;
  let reopenWanted = false;
  const waiting: { readonly lines: number; readonly resolve: () => void }[] = [];
  const abort = new AbortController();

  const wake = (): void => {
    for (let index = waiting.length - 1; index >= 0; index--) {
      const waiter = waiting[index];
      if (waiter !== undefined && backlog.lines <= waiter.lines) {
        waiting.splice(index, 1);
        waiter.resolve();
      }
    }
  };

  const pump = async (): Promise<void> => {
    while ((backlog.lines > 0 || reopenWanted) && !abort.signal.aborted) {
      if (reopenWanted) {
        reopenWanted = false;
        try {
          await deliverer.reopen?.();
        } catch (error) {
          options.trouble(`${name}-reopen`, `${name}: can't be opened again: ${describeSystemError(error)}`);
        }
        continue;
      }
      let given = 0;
      let settled = 0;
      try {
        const delivery = backlog.deliver();
        given = delivery.lines;
        const result = await delivery.result;
        if (result.trouble !== undefined) options.trouble(name, `${name}: ${result.trouble}`);
        if (abort.signal.aborted) return;
        delivered += result.delivered;
        dropped += result.dropped;
        settled = result.delivered + result.dropped;
      } catch (error) {
        options.trouble(name, `${name}: ${describeSystemError(error)}; lines are kept and tried again`);
      }
      if (abort.signal.aborted) return;
      if (settled > 0) {
        backlog.take(settled);
        wake();
      }
      if (settled === given) {
        retryMs = FIRST_RETRY_MS;
      } else {
        await pause(retryMs, undefined, { signal: abort.signal }).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  };

  const start = (): void => {
    if (running !== null) return;
    running = pump().finally(() => {
      running = null;
      if ((backlog.lines > 0 || reopenWanted) && !abort.signal.aborted) start();
    });
  };

  const flush = (): void => {
    if ((backlog.lines === 0 && !reopenWanted) || running !== null) return;
    const gather = closing ? 0 : (options.gatherMs ?? 0);
    if (gather === 0) {
      start();
    } else {
      timer ??= setTimeout(() => {
        timer = null;
        start();
      }, gather);
    }
  };

  const counters = (): OutputCounters => ({ accepted, delivered, dropped, queued: backlog.lines });

  return {
    name,
    push(line) {
      accepted += 1;
      if (closing || backlog.lines >= options.capacity || backlog.bytes + line.text.length > mostBytes()) {
        dropped += 1;
        options.trouble(`${name}-full`, `${name}: the queue is full, alerts are dropped`);
        return;
      }
      backlog.push(line);
    },
    flush,
    drained: (lines) =>
      backlog.lines <= lines ? Promise.resolve() : new Promise((resolve) => waiting.push({ lines, resolve })),
    reopen() {
      if (deliverer.reopen === undefined) return;
      reopenWanted = true;
      start();
    },
    counters,
    async close(timeoutMs) {
      closing = true;
      if (timer !== null) clearTimeout(timer);
      timer = null;
      start();
      const deadline = new AbortController();
      await Promise.race([
        running ?? Promise.resolve(),
        pause(timeoutMs, undefined, { signal: deadline.signal }).catch(() => undefined),
      ]);
      deadline.abort();
      abort.abort();
      const lost = backlog.lines;
      if (lost > 0) {
        dropped += lost;
        backlog.take(lost);
        options.trouble(`${name}-end`, `${name}: ${lost} alerts could not be delivered before the end`);
      }
      wake();
      await deliverer.close();
    },
  };
}
