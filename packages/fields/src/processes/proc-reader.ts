import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { ProcessSnapshot } from "@falco-efk/event";
import { parseCgroups, parseStat, parseStatus, splitNul } from "./proc-parse.ts";

/** The few file system calls that reading /proc takes; a test may give its own. Each may throw. */
export interface ProcFiles {
  readText(path: string): string;
  readLink(path: string): string;
  list(path: string): readonly string[];
  /** Inode number, times in nanoseconds since the epoch. */
  stat(path: string): { readonly inode: bigint; readonly ctime: bigint; readonly mtime: bigint };
}

/** The machine's own files. */
export const HOST_FILES: ProcFiles = {
  readText: (path) => readFileSync(path, "latin1"),
  readLink: (path) => readlinkSync(path),
  list: (path) => readdirSync(path),
  stat: (path) => {
    const stats = statSync(path, { bigint: true });
    return { inode: stats.ino, ctime: stats.ctimeNs, mtime: stats.mtimeNs };
  },
};

const utf8 = (latin1: string): string => Buffer.from(latin1, "latin1").toString("utf8");

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const namespaceOf = (files: ProcFiles, path: string): number =>
  attempt(() => Number(/\[(\d+)\]/.exec(files.readLink(path))?.[1] ?? 0), 0);

/**
 * Reads one process from /proc. Null when it is gone or is no process.
 * What can't be read (another user's environment, a kernel thread's executable) is left empty.
 */
export function readProcess(pid: number, files: ProcFiles = HOST_FILES, proc = "/proc"): ProcessSnapshot | null {
  const dir = `${proc}/${pid}`;
  const stat = attempt(() => parseStat(files.readText(`${dir}/stat`)), null);
  const status = attempt(() => parseStatus(files.readText(`${dir}/status`)), null);
  if (stat === null || status === null) return null;
  const argv = splitNul(utf8(attempt(() => files.readText(`${dir}/cmdline`), "")));
  const link = attempt(() => files.readLink(`${dir}/exe`), "");
  const exeStat = link === "" ? null : attempt(() => files.stat(`${dir}/exe`), null);
  const cgroups = parseCgroups(attempt(() => files.readText(`${dir}/cgroup`), ""));
  const comm = utf8(stat.comm);
  const fromMemfd = link.startsWith("/memfd:");
  const exePath = fromMemfd ? link.slice(1).replace(/ \(deleted\)$/, "") : link;
  return {
    task: {
      tid: pid,
      pid,
      ppid: stat.ppid,
      vtid: status.vpid ?? pid,
      vpid: status.vpid ?? pid,
      startTime: stat.startTicks * 10_000_000,
      comm,
      uid: status.uid,
      gid: status.gid,
      euid: status.euid,
      egid: status.egid,
      loginUid: Number(attempt(() => files.readText(`${dir}/loginuid`), "4294967295").trim()),
      sid: stat.sid,
      vsid: status.vsid ?? stat.sid,
      pgid: stat.pgid,
      vpgid: status.vpgid ?? stat.pgid,
      tty: stat.tty,
      capInheritable: status.capInheritable,
      capPermitted: status.capPermitted,
      capEffective: status.capEffective,
      cgroup: cgroups.deepest,
      pidNamespace: namespaceOf(files, `${dir}/ns/pid`),
      mountNamespace: namespaceOf(files, `${dir}/ns/mnt`),
      pidNamespaceStart: 0,
    },
    image: {
      exe: argv[0] ?? comm,
      exePath,
      args: argv.slice(1),
      env: splitNul(utf8(attempt(() => files.readText(`${dir}/environ`), ""))),
      cwd: attempt(() => files.readLink(`${dir}/cwd`), ""),
      comm,
      exeInode: exeStat?.inode ?? 0n,
      exeCtime: exeStat?.ctime ?? 0n,
      exeMtime: exeStat?.mtime ?? 0n,
      exeWritable: false,
      exeUpperLayer: false,
      exeLowerLayer: false,
      exeFromMemfd: fromMemfd,
      fdLimit: attempt(() => Number(/Max open files\s+(\d+)/.exec(files.readText(`${dir}/limits`))?.[1] ?? -1), -1),
      cgroups: cgroups.lines,
    },
  };
}

/** Reads the parent of a running process from /proc, 0 when it is gone. */
export function readParentPid(pid: number, files: ProcFiles = HOST_FILES, proc = "/proc"): number {
  return attempt(() => parseStat(files.readText(`${proc}/${pid}/stat`)).ppid, 0);
}

/** Reads the working directory of a running process from /proc; null when it can't be read. */
export function readCwd(pid: number, files: ProcFiles = HOST_FILES, proc = "/proc"): string | null {
  return attempt(() => files.readLink(`${proc}/${pid}/cwd`), null);
}

/** Reads every process of the machine. Those that go away meanwhile are left out. */
export function scanProcesses(files: ProcFiles = HOST_FILES, proc = "/proc"): ProcessSnapshot[] {
  const found: ProcessSnapshot[] = [];
  for (const name of files.list(proc)) {
    if (!/^\d+$/.test(name)) continue;
    const snapshot = readProcess(Number(name), files, proc);
    if (snapshot !== null) found.push(snapshot);
  }
  return found;
}

/** Wall-clock time in milliseconds with its fraction. */
const preciseNow = (): number => performance.timeOrigin + performance.now();

/**
 * Wall-clock time of the boot in nanoseconds since the epoch, from /proc/uptime and the clock; 0n when it can't be read.
 * The file counts in hundredths of a second: it is read until it changes, which takes 10 ms, so that the answer is good
 * to a fraction of a millisecond.
 */
export function readBootTime(now: () => number = preciseNow, files: ProcFiles = HOST_FILES, proc = "/proc"): bigint {
  const read = (): number => attempt(() => Number.parseFloat(files.readText(`${proc}/uptime`)), 0);
  const first = read();
  if (!(first > 0)) return 0n;
  const deadline = now() + 30;
  let uptime = first;
  while (uptime === first && now() < deadline) uptime = read();
  return BigInt(Math.round((now() - uptime * 1000) * 1000)) * 1000n;
}

/**
 * The namespaces of the host's init, 0 where they can't be read: what tells a container from a host process. Where init's
 * own are out of reach, kthreadd's are taken: kernel threads live in the first namespaces.
 */
export function readHostNamespaces(
  files: ProcFiles = HOST_FILES,
  proc = "/proc",
): { readonly pid: number; readonly mount: number } {
  const kernel = attempt(() => files.readText(`${proc}/2/comm`).trim() === "kthreadd", false);
  const read = (name: string): number =>
    namespaceOf(files, `${proc}/1/ns/${name}`) || (kernel ? namespaceOf(files, `${proc}/2/ns/${name}`) : 0);
  return { pid: read("pid"), mount: read("mnt") };
}
