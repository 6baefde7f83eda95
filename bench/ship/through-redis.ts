import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds, memoryMb, SHIP_PROGRAM, shipConfig, startSink } from "./processes.ts";
import type { ShipRun } from "./throughput.ts";

/** A run with one harvester and one worker. CPU is that of both, without Redis. */
export interface RedisRun extends ShipRun {
  /** From the first bulk to the last. */
  readonly linesPerSecond: number;
  readonly redisCpuMicrosecondsPerLine: number;
  readonly redisPeakMemoryMb: number;
}

/** Ships a file through a redis-server of its own, or answers why not. */
export async function shipThroughRedis(file: string, lines: number): Promise<RedisRun | string> {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
  } catch {
    return "redis: redis-server is not on this machine";
  }
  const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
  const sink = await startSink();
  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]): ChildProcess => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    children.push(child);
    return child;
  };
  try {
    const port = await freePort();
    const redis = start("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
    const config = join(folder, "ship.yml");
    const queue = { type: "redis", redis: { url: `redis://127.0.0.1:${port}` } };
    writeFileSync(config, JSON.stringify({ ...shipConfig(file, sink.url.origin, folder), queue }));
    await delay(500);
    const begun = Date.now();
    const role = (name: string): ChildProcess =>
      start(process.execPath, [...SHIP_PROGRAM, "-c", config, "run", "--role", name]);
    const ours = [role("harvest"), role("work")];
    for (;;) {
      const { documents, first } = await sink.count();
      if (ours.some(({ exitCode }) => exitCode !== null)) return `redis: ended after ${documents} of ${lines} lines`;
      if (documents < lines) {
        await delay(20);
        continue;
      }
      const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
      return {
        name: "redis",
        lines,
        wallSeconds: (Date.now() - begun) / 1000,
        firstBulkSeconds: (first - begun) / 1000,
        cpuMicrosecondsPerLine: (sum(ours.map(({ pid }) => cpuSeconds(pid))) * 1e6) / lines,
        peakMemoryMb: Math.max(...ours.map(({ pid }) => memoryMb(pid, "VmHWM"))),
        linesPerSecond: (lines * 1000) / (Date.now() - first),
        redisCpuMicrosecondsPerLine: (cpuSeconds(redis.pid) * 1e6) / lines,
        redisPeakMemoryMb: memoryMb(redis.pid, "VmHWM"),
      };
    }
  } finally {
    for (const child of children.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
