import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BUILT = fileURLToPath(new URL("../../packages/ship/dist/cli.js", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../packages/ship/src/cli.ts", import.meta.url));
const SINK = fileURLToPath(new URL("null-sink.ts", import.meta.url));
const CLOCK_TICKS = 100;

/** Node's arguments for falco-ship: the built program where there is one. */
export const SHIP_PROGRAM: readonly string[] = existsSync(BUILT) ? [BUILT] : ["--conditions=@falco-efk/source", SOURCE];

/** A configuration that ships a file into a sink. */
export function shipConfig(file: string, sink: string, folder: string): Record<string, unknown> {
  return {
    inputs: [{ type: "filestream", paths: [file] }],
    output: { elasticsearch: { hosts: [sink] } },
    registry: { path: join(folder, "registry") },
    http: { enabled: false },
    logging: { level: "error" },
  };
}

/** A null sink in a process of its own. */
export interface RunningSink {
  readonly url: URL;
  count(): Promise<{ readonly documents: number; readonly first: number }>;
  /** How old the documents were since the last question, ms. */
  latencies(): Promise<number[]>;
  stop(): void;
}

/** Starts a null sink. */
export async function startSink(mode: "count" | "latency" = "count"): Promise<RunningSink> {
  const sink = spawn(process.execPath, [SINK, mode], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(sink.stdout, "data")) as [Buffer];
  const url = new URL(`http://127.0.0.1:${String(port).trim()}`);
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, url))).json()) as T;
  return {
    url,
    count: () => ask("/count"),
    latencies: () => ask("/latencies"),
    stop: () => void sink.kill(),
  };
}

/** User and system time of a process since it began, in the kernel's ticks of 10 ms. */
export function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(stat[11]) + Number(stat[12])) / CLOCK_TICKS;
}

/** Time that all threads of a process ran, to the nanosecond: for a process that does next to nothing. */
export function preciseCpuSeconds(pid: number | undefined): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return nanoseconds / 1e9;
}

/** Memory of a process in MiB: `VmRSS` now, `VmHWM` at its highest. */
export function memoryMb(pid: number | undefined, what: "VmRSS" | "VmHWM"): number {
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
