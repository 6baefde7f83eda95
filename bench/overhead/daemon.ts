import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** What the kernel saw and let pass of each event type, since the start. */
export type Passed = Readonly<Record<string, { readonly seen: number; readonly passed: number }>>;

/** What a benchmark reads of the engine's status page. */
export interface DaemonStatus {
  readonly events: {
    readonly produced: number;
    readonly delivered: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly alerts: { readonly total: number };
  readonly pushdown: Passed;
  readonly outputs: Readonly<
    Record<string, { readonly delivered: number; readonly dropped: number; readonly queued: number }>
  >;
}

/** A falco-engine that watches the live kernel. */
export interface Daemon {
  readonly pid: number;
  /** CPU seconds of all its threads since the start. */
  cpuSeconds(): number;
  status(): Promise<DaemonStatus>;
  passed(): Promise<Passed>;
  dropped(): Promise<number>;
  /** Resident megabytes: all, and without the pages of the kernel's ring that are mapped into it. */
  memoryMb(): { readonly all: number; readonly withoutRing: number };
  stop(): Promise<void>;
}

const SOURCES = ["--conditions=@falco-efk/source", pathOf("../../packages/engine/src/cli.ts")];
const BUILT = [pathOf("../../packages/engine/dist/cli.js")];
const START_MS = 60_000;

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}

/** Node's arguments for an engine that writes its alerts as JSON to a file and serves its status on a port. */
export function engineArguments(
  options: readonly string[],
  { built, file, port }: { readonly built: boolean; readonly file: string; readonly port: number },
): string[] {
  const settings = [
    `webserver.listen_port=${port}`,
    "webserver.listen_address=127.0.0.1",
    "stdout_output.enabled=false",
    "json_output=true",
    "file_output.enabled=true",
    `file_output.filename=${file}`,
    "file_output.keep_alive=true",
  ];
  return [...(built ? BUILT : SOURCES), ...settings.flatMap((setting) => ["-o", setting]), ...options];
}

/**
 * Starts the engine with its alerts going to /dev/null or to `file`, and waits until it watches. `built`: what `npm run
 * build` made, as it is installed; from the sources Node's own compiler takes another twenty megabytes.
 */
export async function startDaemon(options: readonly string[], built = false, file = "/dev/null"): Promise<Daemon> {
  const port = await freePort();
  const child = spawn(process.execPath, engineArguments(options, { built, file, port }), {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (data: Buffer) => {
    log += data.toString();
  });
  const ended = once(child, "close");
  const pid = child.pid ?? -1;
  const status = async (): Promise<DaemonStatus> =>
    (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as DaemonStatus;
  const end = Date.now() + START_MS;
  for (;;) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`falco-engine did not start:\n${log}`);
    try {
      await status();
      break;
    } catch {
      await pause(50);
    }
  }
  return {
    pid,
    cpuSeconds: () => cpuSecondsOf(pid),
    status,
    passed: async () => (await status()).pushdown,
    dropped: async () => Object.values((await status()).events.dropped).reduce((sum, count) => sum + count, 0),
    memoryMb: () => memoryOf(pid),
    async stop() {
      child.kill("SIGINT");
      await ended;
    },
  };
}

function cpuSecondsOf(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  }
  return nanoseconds / 1e9;
}

function memoryOf(pid: number): { all: number; withoutRing: number } {
  let all = 0;
  let ring = 0;
  let mapping = "";
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    if (/^[0-9a-f]+-/.test(line)) mapping = line;
    const kilobytes = /^Rss:\s+(\d+)/.exec(line)?.[1];
    if (kilobytes === undefined) continue;
    all += Number(kilobytes);
    if (mapping.includes("bpf-map")) ring += Number(kilobytes);
  }
  return { all: all / 1024, withoutRing: (all - ring) / 1024 };
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
