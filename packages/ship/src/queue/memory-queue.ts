import type { Batch } from "../batch.ts";
import type { Intake } from "../harvester/tracked-file.ts";
import type { Sink } from "../sinks/sink.ts";

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
export class MemoryQueue implements Intake {
  readonly #options: MemoryQueueOptions;
  readonly #sink: Sink;
  readonly #stop = new AbortController();
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #active = 0;
  #records = 0;
  #roomWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];

  constructor(options: MemoryQueueOptions, sink: Sink) {
    this.#options = options;
    this.#sink = sink;
  }

  /** Bytes between reading and acknowledgement. */
  get bytesInFlight(): number {
    return this.#used;
  }

  /** Records between reading and acknowledgement. */
  get recordsInFlight(): number {
    return this.#records;
  }

  async room(): Promise<void> {
    for (;;) {
      await this.#options.gate();
      if (this.#used < this.#options.maxBytes || this.#stop.signal.aborted) return;
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  submit(batch: Batch, bytes: number, settle: () => void): void {
    this.#used += bytes;
    this.#records += batch.count;
    this.#waiting.push({ batch, bytes, settle });
    this.#work();
  }

  /** Waits until everything submitted is settled, at most until `signal` aborts; then gives up what is under way. */
  async close(signal: AbortSignal): Promise<void> {
    if (this.#used > 0 || this.#active > 0) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
    }
    this.cancel();
  }

  /** Ends waits and requests; what isn't settled stays unacknowledged. */
  cancel(): void {
    this.#stop.abort();
    this.#wake(this.#roomWaiters.splice(0));
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
        this.#used -= bytes;
        this.#records -= batch.count;
        settle();
      }
    } catch (error) {
      // A stop leaves the records unacknowledged; anything else is a defect that must not pass for delivery.
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#active -= 1;
    }
    this.#wake(this.#roomWaiters.splice(0));
    if (this.#used === 0 && this.#active === 0) this.#wake(this.#idleWaiters.splice(0));
    this.#work();
  }

  #wake(waiters: readonly (() => void)[]): void {
    for (const wake of waiters) wake();
  }
}
