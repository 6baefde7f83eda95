import { join } from "node:path";
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
  const deliveries = { workers: bulk?.worker ?? 1, bulkRecords: bulk?.bulk_max_size ?? 5000 };
  const memory = (): MemoryQueue => {
    const bulkBytes = sizeBytes(bulk?.bulk_max_bytes ?? 1 << 20);
    return new MemoryQueue({ ...deliveries, maxBytes, bulkBytes, gate: hooks.gate }, sink);
  };
  if (config.queue.type === "memory") return { intake: memory(), worker: null };
  if (config.queue.type === "disk") return { intake: await onDisk(config, memory(), () => true, hooks), worker: null };
  const redis = config.queue.redis ?? {
    url: "redis://localhost:6379",
    name: "falco-ship",
    max_jobs: 1000,
    spill: true,
  };
  const [{ RedisQueue }, { startRedisWorker }] = await Promise.all([
    import("./redis-queue.ts"),
    import("./redis-worker.ts"),
  ]);
  const worker =
    role === "harvest" ? null : startRedisWorker({ ...redis, ...deliveries, trouble: hooks.trouble }, sink);
  if (role === "work") return { intake: null, worker };
  const queue = new RedisQueue({ ...redis, maxBytes, ...hooks });
  return { intake: redis.spill ? await onDisk(config, queue, () => queue.away, hooks) : queue, worker };
}

const SEGMENT_BYTES = 8 << 20;

/** Puts a queue on disk before another one. */
async function onDisk(
  config: ShipConfig,
  next: ShipQueue,
  spills: () => boolean,
  hooks: QueueHooks,
): Promise<ShipQueue> {
  const [{ DiskBuffer }, { DiskQueue }] = await Promise.all([import("./disk-buffer.ts"), import("./disk-queue.ts")]);
  const { path, max_size: maxSize } = config.queue.disk;
  const directory = path ?? join(config.registry.path, "queue");
  const trouble = (reason: string | null): void =>
    hooks.trouble(reason === null ? null : `${directory}: ${reason}; reading pauses until it can be written`);
  const buffer = new DiskBuffer({ directory, segmentBytes: SEGMENT_BYTES, trouble });
  await buffer.open();
  return new DiskQueue({ maxBytes: sizeBytes(maxSize), gate: hooks.gate, spills, trouble }, buffer, next);
}
