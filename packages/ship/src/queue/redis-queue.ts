import { type Job, Queue, QueueEvents } from "bullmq";
import type { Batch } from "../batch.ts";
import { type BatchJob, jobId, toJob } from "./batch-job.ts";
import { Budget } from "./budget.ts";
import { connectRedis, type RedisSettings } from "./redis-connection.ts";
import type { ShipQueue } from "./ship-queue.ts";

export interface RedisQueueOptions extends RedisSettings {
  /** Reading pauses while so many bytes are between reading and acknowledgement. */
  readonly maxBytes: number;
  readonly gate: () => Promise<void> | null;
  /** Redis is away (the reason) or there again (null). */
  readonly trouble: (reason: string | null) => void;
}

interface Pending {
  readonly batch: Batch;
  readonly bytes: number;
  readonly settle: () => void;
  checkAt: number;
}

const CHECK_MS = 2000;

/**
 * The harvester's end of the Redis queue: one job a batch. A batch is settled when a worker's sink has taken it, which Redis
 * tells; until then it's kept here too, so that a Redis that is killed, or wiped, loses nothing: what it no longer knows is
 * added again, and fixed ids make that harmless.
 */
export class RedisQueue implements ShipQueue {
  readonly #options: RedisQueueOptions;
  readonly #budget: Budget;
  readonly #queue: Queue<BatchJob>;
  readonly #events: QueueEvents;
  readonly #pending = new Map<string, Pending>();
  readonly #timer: NodeJS.Timeout;
  #checking = false;
  #deep = false;
  #refused = false;
  #lost = false;
  #closed = false;

  constructor(options: RedisQueueOptions) {
    this.#options = options;
    this.#budget = new Budget(options.maxBytes);
    const connection = connectRedis(options);
    this.#queue = new Queue(options.name, { connection, skipMetasUpdate: true });
    this.#events = new QueueEvents(options.name, { connection: connectRedis(options) });
    const onError = (error: Error): void => options.trouble(error.message || "Redis is away");
    this.#queue.on("error", onError);
    this.#events.on("error", onError);
    connection.on("close", () => {
      this.#lost = true;
    });
    connection.on("ready", () => {
      this.#lost = false;
      options.trouble(null);
    });
    this.#events.on("completed", ({ jobId: id }) => this.#settle(id));
    this.#timer = setInterval(() => void this.#check(), CHECK_MS / 4);
  }

  get bytesInFlight(): number {
    return this.#budget.bytes;
  }

  get recordsInFlight(): number {
    return this.#budget.records;
  }

  /** True while Redis can't be reached or refuses to store, such as for want of memory. */
  get away(): boolean {
    return this.#refused || this.#lost;
  }

  async room(): Promise<void> {
    await this.#options.gate();
    await this.#budget.room();
    while (this.#deep && !this.#closed) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  submit(batch: Batch, bytes: number, settle: () => void): void {
    const id = jobId(batch);
    const known = this.#pending.get(id);
    if (known !== undefined) {
      // After a crash the same batch may come from the disk and from its file: one job settles both.
      const both = (): void => {
        known.settle();
        settle();
      };
      this.#pending.set(id, { ...known, settle: both });
      return;
    }
    this.#budget.take(bytes, batch.count);
    this.#pending.set(id, { batch, bytes, settle, checkAt: Date.now() + CHECK_MS });
    void this.#add(id, batch);
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.#budget.empty(signal);
    this.#closed = true;
    clearInterval(this.#timer);
    this.#budget.close();
    const connections = [this.#queue.close(), this.#events.close()].map((closing) => closing.catch(() => undefined));
    // Closing waits for Redis; when that is away, nobody waits.
    await Promise.race([Promise.all(connections), new Promise((resolve) => setTimeout(resolve, 500))]);
    for (const client of [this.#queue, this.#events]) await client.disconnect().catch(() => undefined);
  }

  async #add(id: string, batch: Batch): Promise<void> {
    try {
      await this.#queue.add("batch", toJob(batch), {
        jobId: id,
        attempts: Number.MAX_SAFE_INTEGER,
        backoff: { type: "fixed", delay: 200 },
        // Kept for a while, so that a completion that went unheard can be asked for.
        removeOnComplete: { age: 600, count: 5000 },
      });
      if (this.#refused) this.#options.trouble(null);
      this.#refused = false;
    } catch (error) {
      // The check finds that Redis doesn't know the job and adds it again.
      this.#refused = true;
      if (!this.#closed) this.#options.trouble(error instanceof Error ? error.message : String(error));
    }
  }

  #settle(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#budget.give(pending.bytes, pending.batch.count);
    pending.settle();
  }

  /** Asks for jobs that have been out for long: Redis may have been restarted or wiped, and tells nothing by itself then. */
  async #check(): Promise<void> {
    if (this.#checking || this.#closed) return;
    this.#checking = true;
    try {
      const now = Date.now();
      for (const [id, pending] of this.#pending) {
        if (pending.checkAt > now) continue;
        pending.checkAt = now + CHECK_MS;
        const job: Job<BatchJob> | undefined = await this.#queue.getJob(id);
        if (job === undefined) await this.#add(id, pending.batch);
        else if (await job.isCompleted()) this.#settle(id);
        else if (await job.isFailed()) await job.retry();
      }
      this.#deep = (await this.#queue.getWaitingCount()) >= this.#options.max_jobs;
    } catch (error) {
      if (!this.#closed) this.#options.trouble(error instanceof Error ? error.message : String(error));
    } finally {
      this.#checking = false;
    }
  }
}
