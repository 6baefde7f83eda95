import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { memoryMb, preciseCpuSeconds, type RunningSink, SHIP_PROGRAM, shipConfig, startSink } from "./processes.ts";
import { falcoLine } from "./throughput.ts";

/** From the append of a line to the sink's answer for it, ms. */
export interface LatencyResult {
  readonly linesPerSecond: number;
  readonly lines: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What a shipper costs that has nothing to do. */
export interface IdleResult {
  readonly seconds: number;
  readonly cpuPercent: number;
  readonly memoryMb: number;
}

interface SteadyRun {
  readonly file: string;
  readonly sink: RunningSink;
  readonly ship: ChildProcess;
}

const RATE = 1000;
const STEP_MS = 10;
const WARM_UP_MS = 5000;
const LATENCY_MS = 20_000;

/** Appends 1,000 lines a second, ten at a time, and measures when the sink answered for each. */
export function measureLatency(): Promise<LatencyResult> {
  return withShipper("latency", async ({ file, sink }) => {
    let number = 0;
    const start = performance.now();
    const append = async (ms: number): Promise<void> => {
      const end = performance.now() + ms;
      while (performance.now() < end) {
        const due = Math.floor(((performance.now() - start) * RATE) / 1000);
        let text = "";
        const now = new Date();
        for (; number < due; number++) text += falcoLine(number, now);
        if (text !== "") appendFileSync(file, text);
        await delay(STEP_MS);
      }
    };
    await append(WARM_UP_MS);
    await sink.latencies();
    await append(LATENCY_MS);
    await delay(500);
    const sorted = (await sink.latencies()).sort((left, right) => left - right);
    const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
    return { linesPerSecond: RATE, lines: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  });
}

const SETTLE_MS = 10_000;
const IDLE_MS = 60_000;

/** Leaves a shipper alone that has shipped a file, and measures its processor time and memory. */
export function measureIdle(): Promise<IdleResult> {
  return withShipper("count", async ({ ship }) => {
    await delay(SETTLE_MS);
    const before = preciseCpuSeconds(ship.pid);
    await delay(IDLE_MS);
    const used = preciseCpuSeconds(ship.pid) - before;
    const seconds = IDLE_MS / 1000;
    return { seconds, cpuPercent: (used / seconds) * 100, memoryMb: memoryMb(ship.pid, "VmRSS") };
  });
}

/** Starts a shipper and has it ship a first hundred lines. */
async function withShipper<T>(mode: "count" | "latency", measure: (run: SteadyRun) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
  const file = join(folder, "events.json");
  for (let number = 0; number < 100; number++) appendFileSync(file, falcoLine(number, new Date()));
  const sink = await startSink(mode);
  const config = join(folder, "ship.yml");
  writeFileSync(config, JSON.stringify(shipConfig(file, sink.url.origin, folder)));
  const ship = spawn(process.execPath, [...SHIP_PROGRAM, "-c", config], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    while ((await sink.count()).documents < 100) {
      if (ship.exitCode !== null) throw new Error("falco-ship ended");
      await delay(20);
    }
    return await measure({ file, sink, ship });
  } finally {
    if (ship.exitCode === null) {
      ship.kill();
      await once(ship, "exit");
    }
    sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
