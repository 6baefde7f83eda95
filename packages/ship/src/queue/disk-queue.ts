import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import type { Batch } from "../batch.ts";
import type { DiskBuffer } from "./disk-buffer.ts";
import type { ShipQueue } from "./ship-queue.ts";

export interface DiskQueueOptions {
  /** Reading pauses while so many bytes are on disk. */
  readonly maxBytes: number;
  /** Reading also pauses while this promise is pending. */
  readonly gate: () => Promise<void> | null;
  /** True while batches must go to disk; otherwise they do so only to stay behind those that are there already. */
  readonly spills: () => boolean;
  /** The disk can't be read: the reason. */
  readonly trouble: (reason: string) => void;
}

const LOOK_MS = 100;
const RETRY_MS = 1000;

/**
 * A queue on disk before another one. A batch that goes to disk is settled when it's synced there: its file may then be
 * rotated away and deleted. Order stays: as long as something is on disk, everything goes there.
 */
export class DiskQueue implements ShipQueue {
  readonly #options: DiskQueueOptions;
  readonly #buffer: DiskBuffer;
  readonly #next: ShipQueue;
  readonly #stop = new AbortController();
  readonly #draining: Promise<void>;
  #writing = { records: 0, bytes: 0 };
  #waiters: (() => void)[] = [];

  /** `buffer` is open already. */
  constructor(options: DiskQueueOptions, buffer: DiskBuffer, next: ShipQueue) {
    this.#options = options;
    this.#buffer = buffer;
    this.#next = next;
    this.#draining = this.#drain();
  }

  get bytesInFlight(): number {
    return this.#next.bytesInFlight + this.#writing.bytes;
  }

  get recordsInFlight(): number {
    return this.#next.recordsInFlight + this.#writing.records;
  }

  async room(): Promise<void> {
    await this.#options.gate();
    while (!this.#stop.signal.aborted) {
      if (!this.#toDisk()) {
        if (await this.#nextHasRoom()) return;
        continue;
      }
      // One batch at a time, so that a full disk stops the reading and doesn't fill the memory.
      if (this.#buffer.bytes < this.#options.maxBytes && this.#writing.records === 0) return;
      await Promise.race([this.#news(), delay(LOOK_MS)]);
    }
  }

  submit(batch: Batch, bytes: number, settle: () => void): void {
    if (!this.#toDisk()) {
      this.#next.submit(batch, bytes, settle);
      return;
    }
    this.#writing.records += batch.count;
    this.#writing.bytes += bytes;
    void this.#buffer.append(batch).then(() => {
      this.#writing.records -= batch.count;
      this.#writing.bytes -= bytes;
      settle();
      this.#wake();
    });
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#buffer.close();
    await this.#next.close(signal);
    await this.#draining;
  }

  #toDisk(): boolean {
    return this.#options.spills() || !this.#buffer.empty || this.#writing.records > 0;
  }

  /** Passes on what is on disk, as fast as the next queue takes it. */
  async #drain(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (this.#buffer.empty) await this.#news();
      else if (await this.#nextHasRoom()) await this.#passOne();
    }
  }

  async #passOne(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      const taken = await this.#buffer.take();
      if (taken === null) await Promise.race([this.#news(), delay(LOOK_MS)]);
      else this.#next.submit(taken.batch, taken.batch.data.length, taken.done);
    } catch (error) {
      this.#options.trouble(describeSystemError(error));
      await delay(RETRY_MS);
    }
  }

  /** False when there was none for a moment: things may have changed meanwhile. */
  async #nextHasRoom(): Promise<boolean> {
    let room = false;
    const found = this.#next.room().then(() => {
      room = true;
    });
    await Promise.race([found, delay(LOOK_MS)]);
    return room;
  }

  /** Resolves when something was written, or the queue is closed. */
  #news(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
