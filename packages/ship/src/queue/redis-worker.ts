import { Worker } from "bullmq";
import { sliceBatch } from "../batch.ts";
import type { Sink } from "../sinks/sink.ts";
import { type BatchJob, fromJob } from "./batch-job.ts";
import { connectRedis, type RedisSettings } from "./redis-connection.ts";

export interface RedisWorkerOptions extends RedisSettings {
  /** Jobs worked on at once. */
  readonly workers: number;
  /** Records in one delivery at most. */
  readonly bulkRecords: number;
  readonly trouble: (reason: string | null) => void;
}

/** The worker's end of the Redis queue: takes jobs and delivers their batches. */
export interface RedisWorker {
  close(): Promise<void>;
}

/** A worker that dies leaves its jobs to the others after this time, ms. */
const LOCK_MS = 10_000;

/** Starts taking jobs. A job is completed when the sink has settled every record of it. */
export function startRedisWorker(options: RedisWorkerOptions, sink: Sink): RedisWorker {
  const stop = new AbortController();
  const connection = connectRedis(options);
  const worker = new Worker<BatchJob>(
    options.name,
    async (job) => {
      for (const part of sliceBatch(fromJob(job.data), options.bulkRecords)) await sink.deliver([part], stop.signal);
    },
    {
      connection,
      concurrency: options.workers,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      // A batch never becomes a failed job because its workers died.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
  );
  worker.on("error", (error) => options.trouble(error.message || "Redis is away"));
  connection.on("ready", () => options.trouble(null));
  return {
    async close() {
      stop.abort();
      await Promise.race([worker.close(), new Promise((resolve) => setTimeout(resolve, 1000))]);
      await worker.close(true).catch(() => undefined);
      connection.disconnect();
    },
  };
}
