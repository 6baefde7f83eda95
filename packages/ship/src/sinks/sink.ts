import type { Batch } from "../batch.ts";

/** A record that a sink will never take, with the sink's own words. */
export interface RejectedRecord {
  readonly batch: Batch;
  readonly index: number;
  /** The HTTP status, or 0 where there is none. */
  readonly status: number;
  readonly reason: string;
}

/** What a sink tells while it works. */
export interface SinkEvents {
  delivered(records: number, duplicates: number, bytes: number): void;
  retried(records: number, reason: string): void;
  /** The sink can't be reached or refuses everything (the reason), or works again (null). */
  trouble(reason: string | null): void;
}

/** What every sink is given. */
export interface SinkContext {
  readonly events: SinkEvents;
  /** Resolves when the records are safely among the dead letters. */
  reject(records: readonly RejectedRecord[]): Promise<void>;
  readonly random: () => number;
}

/** Where records go. A new kind of sink is an object with these functions and a line in `sinks/create-sink.ts`. */
export interface Sink {
  readonly name: string;
  /**
   * Delivers all records of these batches, retrying for as long as it takes. Resolves when each is accepted or dead-lettered;
   * rejects only when `signal` aborts.
   */
  deliver(batches: readonly Batch[], signal: AbortSignal): Promise<void>;
  /** Tries the connection and answers a line about the other side. Throws UserError (`OUTPUT`) that says what is wrong. */
  check(): Promise<string>;
  close(): Promise<void>;
}

/** How long a sink waits, ms: for one answer, and at first and at most before it tries again. */
export interface SinkWaits {
  readonly timeoutMs: number;
  readonly backoffInitialMs: number;
  readonly backoffMaximumMs: number;
}
