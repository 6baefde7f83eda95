import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../support/ports.ts";
import { until } from "../support/until.ts";

const ENGINE = fileURLToPath(new URL("../../packages/engine/src/cli.ts", import.meta.url));
const DEFAULT_RULES = fileURLToPath(new URL("../../rules/falco_rules.yaml", import.meta.url));

/** What an engine holds at one time. Memory in kilobytes. */
export interface Holdings {
  readonly rss: number;
  /** What of the memory is neither a file's nor the ring buffers' pages. */
  readonly anonymous: number;
  /** Descriptors by kind, sockets left out: those come and go with whoever asks the web server. */
  readonly descriptors: Readonly<Record<string, number>>;
}

/** What of the engine's `/status` page is read here. */
export interface Status {
  readonly events: { readonly produced: number; readonly delivered: number; readonly dropped: Record<string, number> };
  readonly alerts: { readonly total: number; readonly byRule: Readonly<Record<string, number>> };
  readonly outputs: Readonly<
    Record<string, { readonly accepted: number; readonly delivered: number; readonly dropped: number }>
  >;
  readonly tables: Readonly<Record<string, number>>;
}

/** Events that were dropped, whatever the cause. */
export function droppedOf({ events }: Status): number {
  return Object.values(events.dropped).reduce((sum, count) => sum + count, 0);
}

/** Events that the kernel produced and that are neither delivered nor dropped: what lies in the ring buffer. */
export function underWay(status: Status): number {
  return status.events.produced - status.events.delivered - droppedOf(status);
}

/** A falco-engine of its own with the default rules and one more, on a marked file. */
export interface WatchedEngine {
  holdings(): Holdings;
  status(): Promise<Status>;
  /** Lines in its file that the rule on the marked file wrote. */
  marks(): number;
  /** SIGINT; resolves with its exit code. */
  end(): Promise<number | null>;
}

const RULE = "A marked file was opened";

/** Starts it; `folder` takes its files. */
export async function startWatchedEngine(folder: string, marked: string): Promise<WatchedEngine> {
  const [port = 0] = await freePorts(1);
  const events = join(folder, "events.json");
  const rules = join(folder, "marked.yaml");
  const condition = `evt.type in (open, openat, openat2) and fd.name = ${marked}`;
  writeFileSync(
    rules,
    JSON.stringify([{ rule: RULE, desc: RULE, condition, output: "%proc.name", priority: "NOTICE" }]),
  );
  const config = {
    rules_files: [DEFAULT_RULES, rules],
    json_output: true,
    stdout_output: { enabled: false },
    syslog_output: { enabled: false },
    file_output: { enabled: true, keep_alive: true, filename: events },
    webserver: { enabled: true, listen_address: "127.0.0.1", listen_port: port },
  };
  writeFileSync(join(folder, "falco.yaml"), JSON.stringify(config));
  const args = ["--conditions=@falco-efk/source", ENGINE, "-c", join(folder, "falco.yaml")];
  const engine = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  engine.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  const ended = once(engine, "close");
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
  await until("the engine", 60_000, async () => {
    if (engine.exitCode !== null) throw new Error(`falco-engine ended with ${engine.exitCode}:\n${complaint}`);
    return (await ask("/healthz").catch(() => null))?.ok === true ? true : null;
  });
  return {
    holdings: () => holdingsOf(engine.pid ?? -1),
    status: async () => (await (await ask("/status")).json()) as Status,
    marks: () => readFileSync(events, "utf8").split(`"rule":"${RULE}"`).length - 1,
    async end() {
      engine.kill("SIGINT");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

function holdingsOf(pid: number): Holdings {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]);
  const descriptors: Record<string, number> = {};
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(`/proc/${pid}/fd/${fd}`);
    if (kind !== null) descriptors[kind] = (descriptors[kind] ?? 0) + 1;
  }
  return { rss: kilobytes("VmRSS"), anonymous: kilobytes("RssAnon"), descriptors };
}

/** `bpf-map`, `bpf-prog`, `file`, … Null for a socket and for a descriptor that is gone by now. */
function kindOf(link: string): string | null {
  try {
    const target = readlinkSync(link);
    if (target.startsWith("socket:")) return null;
    return /^anon_inode:\[?([a-z_-]+)/.exec(target)?.[1] ?? (target.startsWith("pipe:") ? "pipe" : "file");
  } catch {
    return null;
  }
}
