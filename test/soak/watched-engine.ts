import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { DEFAULT_RULES, startEngine } from "../support/engine.ts";

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

/** A falco-engine with the default rules and one more, on a marked file. */
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
  const condition = `evt.type in (open, openat, openat2) and fd.name = ${marked}`;
  const rules = [{ rule: RULE, condition, output: "%proc.name" }];
  const engine = await startEngine({ folder, rulesFiles: [DEFAULT_RULES], rules });
  return {
    holdings: () => holdingsOf(engine.pid),
    status: async () => (await (await fetch(`${engine.url}/status`)).json()) as Status,
    marks: () => engine.alerts().filter(({ rule }) => rule === RULE).length,
    end: engine.end,
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
