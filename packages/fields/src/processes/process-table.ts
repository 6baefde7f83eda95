import {
  EVENT_TYPES,
  type EventRecord,
  eventTypeByName,
  type ProcessSnapshot,
  paramIndex,
  type TaskInfo,
} from "@falco-efk/event";
import { asDirectory } from "../paths.ts";
import { figuresOf } from "./exec-figures.ts";
import { nameAtExec } from "./name-at-exec.ts";
import { ProcessInfo, type ProcessOrigin } from "./process-info.ts";
import type { ProcessTableCounters, ProcessTableOptions } from "./process-table-options.ts";
import { isSameProcess, TICK } from "./same-process.ts";

const typeId = (name: string): number => eventTypeByName(name)?.id ?? -1;
const EXECVE = typeId("execve");
const EXECVEAT = typeId("execveat");
const CLONE = typeId("clone");
const PROCEXIT = typeId("procexit");
const CLONE_FLAGS = paramIndex(EVENT_TYPES[CLONE] as (typeof EVENT_TYPES)[number], "flags");
const REAPER = paramIndex(EVENT_TYPES[PROCEXIT] as (typeof EVENT_TYPES)[number], "reaper_tid");
const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x10000;
const MAX_DEPTH = 1024;
const KEEP_ENVIRONMENTS = 256;

/**
 * The tree of processes: seeded by a snapshot, kept by exec, fork and exit, bounded, and safe against pids that come back.
 *
 * Feed every record to `apply` before it is evaluated; ask `of` for the process behind an event.
 */
export class ProcessTable {
  readonly counters: ProcessTableCounters = {
    running: 0,
    exited: 0,
    added: 0,
    evicted: 0,
    forgotten: 0,
    lookedUp: 0,
    unresolved: 0,
    reused: 0,
  };
  readonly #running = new Map<number, ProcessInfo>();
  /** In the order of their exits. */
  readonly #exited = new Map<ProcessInfo, true>();
  readonly #exitedByPid = new Map<number, ProcessInfo>();
  /** A ring of the latest exits. */
  readonly #latestExits: ProcessInfo[] = [];
  #nextExit = 0;
  readonly #options: ProcessTableOptions;
  readonly #bootTime: bigint;
  /** Exited processes kept at most; may be lowered to save memory. */
  maxExited: number;
  #keepEnvironment: boolean;
  #nextExecId = 1;

  constructor(options: ProcessTableOptions = {}) {
    this.#options = options;
    this.#bootTime = options.bootTime ?? 0n;
    this.#keepEnvironment = options.keepEnvironment ?? true;
    this.maxExited = options.maxExited ?? 2048;
  }

  /** Wall-clock time of the boot, 0 where unknown. */
  get bootTime(): bigint {
    return this.#bootTime;
  }

  /**
   * Whether environments are kept, as rules that read them need. Turned off it drops them; turned on it asks the system
   * for those of running processes, where it may.
   */
  get keepEnvironment(): boolean {
    return this.#keepEnvironment;
  }

  set keepEnvironment(keep: boolean) {
    if (keep === this.#keepEnvironment) return;
    this.#keepEnvironment = keep;
    for (const process of this.#running.values()) {
      if (!keep) process.dropEnvironment();
      else process.setEnvironment(this.#options.lookup?.(process.pid)?.image.env ?? process.env);
    }
  }

  /** Adds processes that already ran. What events have said already wins over a snapshot. */
  seed(snapshots: Iterable<ProcessSnapshot>): void {
    for (const snapshot of snapshots) {
      const known = this.#running.get(snapshot.task.pid);
      if (known !== undefined && this.#isSame(known, snapshot.task)) {
        if (known.origin === "event") this.#fill(known, snapshot, "snapshot");
        continue;
      }
      if (known === undefined) this.#fromSnapshot(snapshot, "snapshot");
    }
    for (const process of this.#running.values()) {
      process.parent ??= this.#parentOf(process);
    }
  }

  /** Lets an event change the tree. Cheap for those that don't. */
  apply(record: EventRecord): void {
    const type = record.type;
    if (type === EXECVE || type === EXECVEAT) this.#applyExec(record);
    else if (type === CLONE) this.#applyClone(record);
    else if (type === PROCEXIT) this.#applyExit(record);
  }

  /** The process behind an event. Never null: at worst it knows only what the event said. */
  of(record: EventRecord): ProcessInfo {
    const task = record.task;
    const known = this.#find(task);
    if (known !== null) {
      this.#refresh(known, task);
      return known;
    }
    return this.#meet(task);
  }

  /** The running process with this pid, else the last one that had it and is still kept. */
  get(pid: number): ProcessInfo | null {
    return this.#running.get(pid) ?? this.#exitedByPid.get(pid) ?? null;
  }

  /**
   * The parent at a time (nanoseconds since the epoch): a parent that had exited by then has left its children to its
   * reaper. Null at the top.
   */
  parentOf(process: ProcessInfo, time: bigint): ProcessInfo | null {
    const parent = process.parent ?? this.#parentOf(process);
    process.parent = parent;
    if (parent === null || parent.exitedAt === 0n || time <= parent.exitedAt || process.exitedAt !== 0n) return parent;
    const pid = this.#reaperOf(process, parent);
    const reaper = pid === 0 || pid === process.pid ? null : (this.#running.get(pid) ?? null);
    // Nobody knows who took the children: the one that was their parent says most.
    if (reaper === null) return parent;
    process.parent = reaper;
    process.parentPid = pid;
    return reaper;
  }

  /** Who took the children of a parent that exited: its exit said so, or the system knows; 0 where neither does. */
  #reaperOf(process: ProcessInfo, parent: ProcessInfo): number {
    for (let at: ProcessInfo | undefined = parent, depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      if (at.reaperPid === 0) break;
      if (this.#running.has(at.reaperPid)) return at.reaperPid;
      at = this.#exitedByPid.get(at.reaperPid);
    }
    return this.#options.lookupParent?.(process.pid) ?? 0;
  }

  /** The ancestor `level` steps up; 0 is the process itself. Null above the top. */
  ancestor(process: ProcessInfo, level: number, time: bigint): ProcessInfo | null {
    let at: ProcessInfo | null = process;
    for (let step = 0; step < level && at !== null; step++) at = this.parentOf(at, time);
    return at;
  }

  /** Calls `visit` for each ancestor from the parent up, until it says false or the top is reached. */
  walk(process: ProcessInfo, time: bigint, visit: (ancestor: ProcessInfo) => boolean): void {
    let at = this.parentOf(process, time);
    for (let depth = 0; at !== null && depth < MAX_DEPTH; depth++) {
      if (!visit(at)) return;
      at = this.parentOf(at, time);
    }
  }

  /** The working directory of a running process, with its slash: asked from the system where it can be. */
  cwdOf(process: ProcessInfo): string {
    const now = process.exitedAt === 0n ? (this.#options.lookupCwd?.(process.pid) ?? null) : null;
    if (now !== null) process.cwd = asDirectory(now);
    return process.cwd;
  }

  /** Every running process, oldest entry first. */
  running(): Iterable<ProcessInfo> {
    return this.#running.values();
  }

  /** Every exited process that is kept, oldest exit first. */
  exited(): Iterable<ProcessInfo> {
    return this.#exited.keys();
  }

  /** Forgets exited processes above `maxExited`. */
  trimExited(): void {
    this.#forgetOld(0n);
    this.#count();
  }

  /** Forgets a running process: its next event brings it back, as far as the system can tell of it. */
  evict(process: ProcessInfo): void {
    this.#running.delete(process.pid);
    process.parent = null;
    this.counters.evicted++;
    this.counters.running = this.#running.size;
  }

  /** What the system says of a process now; null where it can't, or where another program runs under its pid. */
  askAgain(process: ProcessInfo): ProcessSnapshot | null {
    const now = process.exitedAt === 0n ? (this.#options.lookup?.(process.pid) ?? null) : null;
    if (now === null || !this.#isSame(process, now.task)) return null;
    return BigInt(now.image.exeInode) === process.exeInode ? now : null;
  }

  #applyExec(record: EventRecord): void {
    if (record.result < 0 || record.image === null) return;
    const task = record.task;
    let process = this.#find(task);
    if (process === null) {
      process = this.#add(task, "exec");
      process.parent = this.#parentOf(process);
      this.counters.added++;
    } else {
      this.#refresh(process, task);
      process.origin = "exec";
    }
    process.setImage(record.image, this.#keepEnvironment);
    // What was too long for the event, the system may still tell: so nothing hides behind kilobytes of padding.
    const now = record.marks.truncated ? this.askAgain(process) : null;
    if (now !== null) process.complete(now.image, this.#keepEnvironment);
    process.execId = this.#nextExecId++;
    process.lastExecAt = record.time;
    process.figures = figuresOf(record);
  }

  #applyClone(record: EventRecord): void {
    const flags = Number(record.param(CLONE_FLAGS) ?? 0);
    if (record.result < 0 || (flags & CLONE_THREAD) !== 0) return;
    const task = record.task;
    if (task.tid !== task.pid && record.result === 0) return;
    if (record.result > 0) {
      this.#addChildOf(this.of(record), Number(record.result), (flags & CLONE_PARENT) !== 0, record);
      return;
    }
    if (this.#find(task) !== null) return;
    const child = this.#add(task, "fork");
    child.startedAt = record.time;
    child.parent = this.#parentOf(child);
    this.#giveImage(child, record);
  }

  /** The parent's side of a fork: the child's own start time is not known yet. */
  #addChildOf(parent: ProcessInfo, pid: number, sibling: boolean, record: EventRecord): void {
    const known = this.#running.get(pid);
    if (known !== undefined && known.parentPid === parent.pid) return;
    const owner = sibling ? (this.parentOf(parent, record.time) ?? parent) : parent;
    const child = this.#insert(new ProcessInfo(pid, 0, "fork"));
    child.setTask({ ...record.task, pid, tid: pid, vpid: pid, vtid: pid, ppid: owner.pid });
    child.startedAt = record.time;
    child.parent = owner;
    this.#giveImage(child, record);
  }

  #giveImage(child: ProcessInfo, record: EventRecord): void {
    const parent = child.parent;
    if (record.image !== null) child.setImage(record.image, this.#keepEnvironment);
    else if (parent !== null) child.inheritImage(parent);
    if (this.#keepEnvironment && !child.hasEnvironment && parent !== null) child.inheritEnvironment(parent);
    child.execId = parent?.execId ?? this.#nextExecId++;
    this.counters.added++;
  }

  #applyExit(record: EventRecord): void {
    const task = record.task;
    if (task.tid !== task.pid) return;
    const process = this.#find(task) ?? this.#meet(task);
    if (process.exitedAt !== 0n) return;
    process.exitedAt = record.time;
    process.reaperPid = Number(record.param(REAPER) ?? 0);
    if (this.#running.get(process.pid) === process) this.#running.delete(process.pid);
    this.#exited.set(process, true);
    this.#exitedByPid.set(process.pid, process);
    this.#thin(process);
    this.#forgetOld(record.time);
    this.#count();
  }

  /** Environments are most of a process's weight: of those that exited, the latest keep theirs for events still on their way. */
  #thin(process: ProcessInfo): void {
    const before = this.#latestExits[this.#nextExit];
    if (before !== undefined) before.dropEnvironment();
    this.#latestExits[this.#nextExit] = process;
    this.#nextExit = (this.#nextExit + 1) % KEEP_ENVIRONMENTS;
  }

  #forgetOld(now: bigint): void {
    const most = this.maxExited;
    const oldest = now - (this.#options.keepExited ?? 60_000_000_000n);
    for (const process of this.#exited.keys()) {
      if (this.#exited.size <= most && process.exitedAt >= oldest) return;
      this.#exited.delete(process);
      if (this.#exitedByPid.get(process.pid) === process) this.#exitedByPid.delete(process.pid);
      // Its children may still point here: without this, a chain of forks would keep every dead ancestor.
      process.parent = null;
      process.parentPid = 0;
      this.counters.forgotten++;
    }
  }

  #find(task: TaskInfo): ProcessInfo | null {
    const running = this.#running.get(task.pid);
    if (running !== undefined && this.#isSame(running, task)) return running;
    const exited = this.#exitedByPid.get(task.pid);
    if (exited !== undefined && this.#isSame(exited, task)) return exited;
    return null;
  }

  #isSame(process: ProcessInfo, task: TaskInfo): boolean {
    return isSameProcess(process, task, this.#bootTime);
  }

  #setStart(process: ProcessInfo, start: number | bigint): void {
    process.startTime = start;
    if (this.#bootTime !== 0n && Number(start) !== 0) process.startedAt = this.#bootTime + BigInt(start);
  }

  /** A process of which no exec, fork or snapshot told. */
  #meet(task: TaskInfo): ProcessInfo {
    const found = this.#options.lookup?.(task.pid) ?? null;
    if (found !== null && Math.abs(Number(found.task.startTime) - Number(task.startTime)) < TICK) {
      this.counters.lookedUp++;
      return this.#fromSnapshot(found, "lookup");
    }
    this.counters.unresolved++;
    const process = this.#add(task, "event");
    process.comm = task.comm;
    process.execId = this.#nextExecId++;
    process.parent = this.#parentOf(process);
    return process;
  }

  #fromSnapshot(snapshot: ProcessSnapshot, origin: ProcessOrigin): ProcessInfo {
    const process = this.#add(snapshot.task, origin);
    this.#fill(process, snapshot, origin);
    return process;
  }

  #fill(process: ProcessInfo, snapshot: ProcessSnapshot, origin: ProcessOrigin): void {
    process.origin = origin;
    process.setTask(snapshot.task);
    process.setImage({ ...snapshot.image, comm: nameAtExec(snapshot.image) }, this.#keepEnvironment);
    process.execId = this.#nextExecId++;
  }

  #add(task: TaskInfo, origin: ProcessOrigin): ProcessInfo {
    const process = new ProcessInfo(task.pid, 0, origin);
    this.#setStart(process, task.startTime);
    process.setTask(task);
    return this.#insert(process);
  }

  #insert(process: ProcessInfo): ProcessInfo {
    const before = this.#running.get(process.pid);
    if (before !== undefined) {
      // Its exit was missed: the kernel would not give the pid away otherwise.
      this.counters.reused++;
      this.#running.delete(process.pid);
      before.exitedAt = process.startedAt !== 0n ? process.startedAt : 1n;
      this.#exited.set(before, true);
    }
    this.#running.set(process.pid, process);
    const most = this.#options.maxRunning ?? 65536;
    for (const old of this.#running.values()) {
      if (this.#running.size <= most) break;
      this.evict(old);
    }
    this.#count();
    return process;
  }

  #refresh(process: ProcessInfo, task: TaskInfo): void {
    if (process.exitedAt !== 0n) return;
    if (process.parentPid !== task.ppid) {
      process.parentPid = task.ppid;
      process.parent = this.#parentOf(process);
    }
    process.setTask(task);
  }

  #parentOf(process: ProcessInfo): ProcessInfo | null {
    const pid = process.parentPid;
    if (pid === 0 || pid === process.pid) return null;
    const parent = this.#running.get(pid) ?? this.#exitedByPid.get(pid);
    if (parent !== undefined) return parent;
    const found = this.#options.lookup?.(pid) ?? null;
    if (found === null) return null;
    this.counters.lookedUp++;
    return this.#fromSnapshot(found, "lookup");
  }

  #count(): void {
    this.counters.running = this.#running.size;
    this.counters.exited = this.#exited.size;
  }
}
