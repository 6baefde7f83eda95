import { join } from "node:path";
import { containerIdOfCgroup } from "./container-id.ts";

/** What is read of `/proc`; both throw for what isn't there. */
export interface ProcFiles {
  readonly readText: (file: string) => string;
  readonly readLink: (file: string) => string;
}

/** Clock ticks in a second, as the kernel tells user space on every architecture that Node runs on. */
const TICKS = 100;
/** A process may be told of a little before its own start by the clock's grain. */
const SLACK_MS = 1000;

/**
 * Makes a function that answers the fields of a process, by dotted name, or null when it's gone or began after `atMs`.
 * `restricted` adds its environment.
 */
export function createProcessReader(
  root: string,
  files: ProcFiles,
  restricted: boolean,
): (pid: number, atMs: number) => Record<string, unknown> | null {
  const proc = join(root, "proc");
  const names = new Map<string, string>();
  let bootMs = 0;
  const optional = (act: () => string): string | null => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  const ownerName = (uid: string): string | null => {
    if (!names.has(uid)) {
      const text = optional(() => files.readText(join(root, "etc/passwd"))) ?? "";
      for (const line of text.split("\n")) {
        const [name = "", , id = ""] = line.split(":");
        if (!names.has(id)) names.set(id, name);
      }
      if (!names.has(uid)) names.set(uid, "");
    }
    return names.get(uid) || null;
  };
  return (pid, atMs) => {
    const of = (name: string): string => join(proc, String(pid), name);
    const stat = optional(() => files.readText(of("stat")));
    if (stat === null) return null;
    if (bootMs === 0) bootMs = readBoot(optional(() => files.readText(join(proc, "stat"))) ?? "");
    const { title, ppid, startTicks } = readStat(stat);
    const startMs = bootMs + (startTicks * 1000) / TICKS;
    if (startMs > atMs + SLACK_MS) return null;
    const args = splitZeros(optional(() => files.readText(of("cmdline"))) ?? "");
    const executable = optional(() => files.readLink(of("exe")))?.replace(/ \(deleted\)$/, "") ?? null;
    const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(optional(() => files.readText(of("status"))) ?? "")?.[1] ?? null;
    const environment = restricted ? optional(() => files.readText(of("environ"))) : null;
    const container = containerIdOfCgroup(optional(() => files.readText(of("cgroup"))) ?? "");
    const known: Record<string, unknown> = {
      "process.name": title,
      "process.title": args.join(" ") || null,
      "process.executable": executable,
      "process.args": args.length === 0 ? null : args,
      "process.pid": pid,
      "process.parent.pid": ppid,
      "process.start_time": bootMs === 0 ? null : new Date(startMs).toISOString(),
      "process.owner.id": uid,
      "process.owner.name": uid === null ? null : ownerName(uid),
      "process.env": environment === null ? null : readEnvironment(environment),
      "container.id": container,
    };
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null));
  };
}

/** The name stands in parentheses and may hold some itself. */
function readStat(stat: string): { readonly title: string; readonly ppid: number; readonly startTicks: number } {
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const rest = stat.slice(close + 2).split(" ");
  return { title: stat.slice(open + 1, close), ppid: Number(rest[1]), startTicks: Number(rest[19]) };
}

function readBoot(text: string): number {
  return Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) * 1000;
}

function splitZeros(text: string): string[] {
  return text.split("\0").filter((part, at, all) => part !== "" || at < all.length - 1);
}

function readEnvironment(text: string): Record<string, string> {
  return Object.fromEntries(
    splitZeros(text).flatMap((pair) => {
      const equals = pair.indexOf("=");
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)]] : [];
    }),
  );
}
