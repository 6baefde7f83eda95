import { type Command, UserError } from "@falco-efk/kit";
import type { Queue } from "bullmq";
import type { ShipConfig } from "../config/config.ts";

/** Adds `queue status|pause|resume|drain`. */
export function addQueueCommands(program: Command, config: () => ShipConfig): void {
  const queue = program.command("queue").description("look at and steer the queue in Redis");
  const add = (name: string, description: string, act: (opened: Queue) => Promise<string>): void => {
    queue
      .command(name)
      .description(description)
      .action(() => withQueue(config(), act));
  };
  add("status", "count jobs", async (opened) => {
    const counts = await opened.getJobCounts("waiting", "active", "delayed", "failed", "completed");
    const state = (await opened.isPaused()) ? "paused" : "running";
    return `${opened.name}: ${state}; ${Object.entries(counts)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ")}`;
  });
  add("pause", "let workers take no more jobs", async (opened) => {
    await opened.pause();
    return `${opened.name}: paused`;
  });
  add("resume", "let workers take jobs again", async (opened) => {
    await opened.resume();
    return `${opened.name}: running`;
  });
  add("drain", "take waiting jobs out; harvesters that run add theirs again", async (opened) => {
    await opened.drain(true);
    return `${opened.name}: drained`;
  });
}

async function withQueue(config: ShipConfig, act: (queue: Queue) => Promise<string>): Promise<void> {
  const { redis, type } = config.queue;
  if (type !== "redis" || redis === undefined) {
    throw new UserError("the queue isn't in Redis", { code: "QUEUE_KIND", key: "queue.type" });
  }
  const [{ Queue }, { connectRedis }] = await Promise.all([import("bullmq"), import("../queue/redis-connection.ts")]);
  const connection = connectRedis(redis);
  const unreachable = new Promise<never>((_, reject) => {
    connection.once("error", (error) => {
      reject(new UserError(`${redis.url}: ${error.message || "can't be reached"}`, { code: "REDIS", cause: error }));
    });
  });
  const queue = new Queue(redis.name, { connection, skipMetasUpdate: true });
  queue.on("error", () => undefined);
  try {
    process.stdout.write(`${await Promise.race([act(queue), unreachable])}\n`);
  } finally {
    connection.disconnect();
  }
}
