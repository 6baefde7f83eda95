import type { ShipConfig } from "../config/config.ts";
import { sizeBytes } from "../config/size.ts";
import type { Sink } from "../sinks/sink.ts";
import { MemoryQueue } from "./memory-queue.ts";
import type { ShipQueue } from "./ship-queue.ts";

/** The ends of a queue that this process has. */
export interface QueueParts {
  readonly intake: ShipQueue | null;
  readonly worker: { close(): Promise<void> } | null;
}

export interface QueueHooks {
  /** Reading pauses while this promise is pending. */
  readonly gate: () => Promise<void> | null;
  readonly trouble: (reason: string | null) => void;
}

/** Makes the queue that the configuration names. BullMQ is loaded only when it's used. */
export async function createQueue(
  config: ShipConfig,
  role: "harvest" | "work" | "both",
  sink: Sink,
  hooks: QueueHooks,
): Promise<QueueParts> {
  const bulk = config.output.elasticsearch ?? config.output.opensearch ?? config.output.http;
  const maxBytes = sizeBytes(config.queue.max_bytes);
  const workers = bulk?.worker ?? 1;
  if (config.queue.type === "memory") {
    const bulkBytes = sizeBytes(bulk?.bulk_max_bytes ?? 1 << 20);
    const intake = new MemoryQueue(
      { maxBytes, bulkBytes, bulkRecords: bulk?.bulk_max_size ?? 5000, workers, gate: hooks.gate },
      sink,
    );
    return { intake, worker: null };
  }
  const redis = config.queue.redis ?? { url: "redis://localhost:6379", name: "falco-ship", max_jobs: 1000 };
  const [{ RedisQueue }, { startRedisWorker }] = await Promise.all([
    import("./redis-queue.ts"),
    import("./redis-worker.ts"),
  ]);
  return {
    intake: role === "work" ? null : new RedisQueue({ ...redis, maxBytes, ...hooks }),
    worker: role === "harvest" ? null : startRedisWorker({ ...redis, workers, trouble: hooks.trouble }, sink),
  };
}
