import { type Batch, sliceBatch } from "../batch.ts";
import type { Sink } from "../sinks/sink.ts";
import { Budget } from "./budget.ts";
import type { ShipQueue } from "./ship-queue.ts";

interface Waiting {
  readonly batch: Batch;
  readonly bytes: number;
  readonly settle: () => void;
}

export interface MemoryQueueOptions {
  /** Reading pauses while so many bytes are between reading and acknowledgement. */
  readonly maxBytes: number;
  /** A request is sent once it has so many bytes of records, or records. */
  readonly bulkBytes: number;
  readonly bulkRecords: number;
  /** Requests under way at once. */
  readonly workers: number;
  /** Reading also pauses while this promise is pending, such as for a registry on a full disk. */
  readonly gate: () => Promise<void> | null;
}

/**
 * The queue that holds nothing of its own: a batch stays in memory until its sink has settled it, and when the budget is
 * used up reading pauses. The file is the buffer.
 */
export class MemoryQueue implements ShipQueue {
  readonly #options: MemoryQueueOptions;
  readonly #sink: Sink;
  readonly #budget: Budget;
  readonly #stop = new AbortController();
  readonly #waiting: Waiting[] = [];
  #active = 0;

  constructor(options: MemoryQueueOptions, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
    this.#budget = new Budget(options.maxBytes);
  }

  get bytesInFlight(): number {
    return this.#budget.bytes;
  }

  get recordsInFlight(): number {
    return this.#budget.records;
  }

  async room(): Promise<void> {
    await this.#options.gate();
    await this.#budget.room();
  }

  submit(batch: Batch, bytes: number, settle: () => void): void {
    this.#budget.take(bytes, batch.count);
    const parts = sliceBatch(batch, this.#options.bulkRecords);
    let left = parts.length;
    for (const part of parts) {
      this.#waiting.push({
        batch: part,
        bytes: bytes / parts.length,
        settle: () => {
          left -= 1;
          if (left === 0) settle();
        },
      });
    }
    this.#work();
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.#budget.empty(signal);
    this.#stop.abort();
    this.#budget.close();
  }

  #work(): void {
    while (this.#active < this.#options.workers && this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      this.#active += 1;
      void this.#deliver(this.#takeBulk());
    }
  }

  #takeBulk(): Waiting[] {
    const { bulkBytes, bulkRecords } = this.#options;
    let bytes = 0;
    let records = 0;
    let count = 0;
    for (const next of this.#waiting) {
      if (count > 0 && (bytes + next.bytes > bulkBytes || records + next.batch.count > bulkRecords)) break;
      bytes += next.bytes;
      records += next.batch.count;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #deliver(bulk: readonly Waiting[]): Promise<void> {
    try {
      await this.#sink.deliver(
        bulk.map(({ batch }) => batch),
        this.#stop.signal,
      );
      for (const { batch, bytes, settle } of bulk) {
        this.#budget.give(bytes, batch.count);
        settle();
      }
    } catch (error) {
      // A stop leaves the records unacknowledged; anything else is a defect that must not pass for delivery.
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#active -= 1;
    }
    this.#work();
  }
}
