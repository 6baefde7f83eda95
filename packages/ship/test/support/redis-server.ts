import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Redis } from "ioredis";

/** A real redis-server without persistence: killing it wipes it. */
export interface RedisServer {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Forgets everything while it goes on running, as FLUSHALL does. */
  wipe(): Promise<void>;
  /** How much it stores before it refuses, such as `4mb`; `0` is no limit. */
  limitMemory(bytes: string): Promise<void>;
}

/** Starts a redis-server on a free port. */
export async function startRedisServer(): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  const server: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      if (child === null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
      child = null;
    },
    async wipe() {
      const client = new Redis(server.url);
      await client.flushall();
      client.disconnect();
    },
    async limitMemory(bytes) {
      const client = new Redis(server.url);
      await client.config("SET", "maxmemory", bytes);
      client.disconnect();
    },
    async start() {
      const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"];
      child = spawn("redis-server", options, { stdio: "ignore" });
      const probe = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
      probe.on("error", () => undefined);
      await probe.ping();
      probe.disconnect();
    },
  };
  await server.start();
  return server;
}

/** A port nobody listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
