import type { EventRecord } from "./record.ts";

/** Counters since the source was opened. `produced = delivered + the sum of dropped`, always. */
export interface SourceCounters {
  readonly produced: number;
  readonly delivered: number;
  /** By cause: `ring-full`, `scratch-busy`, `read-fault`, … */
  readonly dropped: Readonly<Record<string, number>>;
  /** By event type: seen by the kernel programs, passed by pushdown. */
  readonly byType: Readonly<Record<string, { readonly seen: number; readonly passed: number }>>;
}

/** Where events come from: the live kernel, a capture, or a test's list. */
export interface EventSource {
  readonly kind: "live" | "capture" | "memory";
  /**
   * Calls `handle` for each event in time order, in batches; resolves at the end of a capture, or when `signal` aborts
   * and what was already in flight has been handled. Where `afterBatch` answers a promise, a capture waits for it before
   * it reads on (so that full output queues hold a replay back and lose nothing); a live source never waits.
   */
  run(
    handle: (record: EventRecord) => void,
    options: { readonly signal: AbortSignal; readonly afterBatch?: () => void | Promise<void> },
  ): Promise<void>;
  counters(): SourceCounters;
  close(): Promise<void>;
}
