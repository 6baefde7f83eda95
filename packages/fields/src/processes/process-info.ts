import type { ProcessImage, TaskInfo } from "@falco-efk/event";
import { asDirectory } from "../paths.ts";
import type { ExecFigures } from "./exec-figures.ts";
import { charactersOf } from "./packed-strings.ts";

/** What told the table about a process. */
export type ProcessOrigin = "snapshot" | "exec" | "fork" | "lookup" | "event";

const NOTHING: readonly string[] = [];

/** The strings of a process that can weigh much. */
export type ProcessStrings = "args" | "env";

/** Strings as they are kept: as they are, packed, or not at all. */
type KeptStrings = readonly string[] | Uint8Array | null;

/** Gives strings that are kept packed, or were let go to save memory (null); null where nobody knows them any more. */
export type ReadStrings = (
  process: ProcessInfo,
  which: ProcessStrings,
  packed: Uint8Array | null,
) => readonly string[] | null;

/**
 * One process of the tree. Plain mutable data, owned by the table: read it during the event, keep values, not the object.
 * Times are nanoseconds since the epoch, 0 where unknown.
 */
export class ProcessInfo {
  readonly pid: number;
  /** Nanoseconds since boot, 0 where unknown: with the pid it identifies the process for good. */
  startTime: number | bigint;
  /** Start of the process as wall-clock time. */
  startedAt = 0n;
  /** A number that no other execution in this run has: every exec gets a new one. */
  execId = 0;
  parentPid = 0;
  /** The parent as the tree knows it; null where it is unknown or long gone. */
  parent: ProcessInfo | null = null;
  /** When it exited, 0 while it runs. */
  exitedAt = 0n;
  /** Who takes its children when it exits, 0 where unknown. */
  reaperPid = 0;
  origin: ProcessOrigin;

  /** The name since the last exec or fork. As in Falco neither a thread that renames itself changes it nor prctl. */
  comm = "";
  exe = "";
  exePath = "";
  /** Ends with a slash. */
  cwd = "";
  exeInode: bigint = 0n;
  exeCtime: bigint = 0n;
  exeMtime: bigint = 0n;
  exeWritable = false;
  exeUpperLayer = false;
  exeLowerLayer = false;
  exeFromMemfd = false;
  fdLimit: number | bigint = -1;
  cgroups: readonly string[] = NOTHING;
  /** Null where the exec did not tell them. */
  figures: ExecFigures | null = null;
  /** Time of the last exec that was seen, nanoseconds since the epoch; 0 for none. */
  lastExecAt = 0n;

  vpid = 0;
  uid = 0;
  gid = 0;
  sid = 0;
  vsid = 0;
  pgid = 0;
  vpgid = 0;
  tty = 0;
  pidNamespace = 0;

  #args: KeptStrings = NOTHING;
  #env: KeptStrings = NOTHING;
  #readStrings: ReadStrings | null = null;
  #cmdline: string | null = null;
  #argsText: string | null = null;

  constructor(pid: number, startTime: number | bigint, origin: ProcessOrigin) {
    this.pid = pid;
    this.startTime = startTime;
    this.origin = origin;
  }

  get args(): readonly string[] {
    return isPlain(this.#args) ? this.#args : this.#read("args", this.#args);
  }

  get env(): readonly string[] {
    return isPlain(this.#env) ? this.#env : this.#read("env", this.#env);
  }

  /** The strings stay as they are kept: memory is short, and who asked may be the only one. */
  #read(which: ProcessStrings, packed: Uint8Array | null): readonly string[] {
    const strings = this.#readStrings?.(this, which, packed) ?? null;
    if (strings === null) this.#keep(which, NOTHING);
    return strings ?? NOTHING;
  }

  /** False where there are no variables at all, or nobody knows of any. */
  get hasEnvironment(): boolean {
    return !isPlain(this.#env) || this.#env.length > 0;
  }

  /** Takes what the kernel said about the task. Its name is the thread's and of the moment, so it stays out. */
  setTask(task: TaskInfo): void {
    this.parentPid = task.ppid;
    this.vpid = task.vpid;
    this.uid = task.uid;
    this.gid = task.gid;
    this.sid = task.sid;
    this.vsid = task.vsid;
    this.pgid = task.pgid;
    this.vpgid = task.vpgid;
    this.tty = task.tty;
    this.pidNamespace = task.pidNamespace;
  }

  /** Takes a new program: after an exec, or from a snapshot. */
  setImage(image: ProcessImage, keepEnvironment: boolean): void {
    this.comm = image.comm;
    this.exe = image.exe;
    this.exePath = image.exePath;
    this.#args = image.args;
    this.#env = keepEnvironment ? image.env : NOTHING;
    this.cwd = asDirectory(image.cwd);
    this.exeInode = BigInt(image.exeInode);
    this.exeCtime = BigInt(image.exeCtime);
    this.exeMtime = BigInt(image.exeMtime);
    this.exeWritable = image.exeWritable;
    this.exeUpperLayer = image.exeUpperLayer;
    this.exeLowerLayer = image.exeLowerLayer;
    this.exeFromMemfd = image.exeFromMemfd;
    this.fdLimit = image.fdLimit;
    this.cgroups = image.cgroups;
    this.#forgetTexts();
  }

  /** Takes the whole argument list and environment where more is known of them than the exec's event had room for. */
  complete(image: ProcessImage, keepEnvironment: boolean): void {
    if (image.args.length >= this.args.length) this.#args = image.args;
    if (keepEnvironment && image.env.length >= this.env.length) this.#env = image.env;
    this.#forgetTexts();
  }

  /** A fork: the child runs its parent's program. */
  inheritImage(parent: ProcessInfo): void {
    this.comm = parent.comm;
    this.exe = parent.exe;
    this.exePath = parent.exePath;
    this.#args = parent.#args;
    this.#readStrings = parent.#readStrings;
    this.inheritEnvironment(parent);
    this.cwd = parent.cwd;
    this.exeInode = parent.exeInode;
    this.exeCtime = parent.exeCtime;
    this.exeMtime = parent.exeMtime;
    this.exeWritable = parent.exeWritable;
    this.exeUpperLayer = parent.exeUpperLayer;
    this.exeLowerLayer = parent.exeLowerLayer;
    this.exeFromMemfd = parent.exeFromMemfd;
    this.fdLimit = parent.fdLimit;
    this.cgroups = parent.cgroups;
    this.#forgetTexts();
  }

  /** The part of a fork that its event leaves out. */
  inheritEnvironment(parent: ProcessInfo): void {
    this.#env = parent.#env;
    this.#readStrings = parent.#readStrings;
  }

  /** Takes another environment than the program was started with. */
  setEnvironment(env: readonly string[]): void {
    this.#env = env;
  }

  /** Frees what weighs most once hardly any event asks for it. */
  dropEnvironment(): void {
    this.#env = NOTHING;
  }

  /**
   * Packs strings with a function that may find them not worth it (null); `read` unpacks them for who asks. Answers how
   * many characters they were.
   */
  pack(which: ProcessStrings, packed: (strings: readonly string[]) => Uint8Array | null, read: ReadStrings): number {
    const strings = which === "args" ? this.#args : this.#env;
    const bytes = isPlain(strings) ? packed(strings) : null;
    if (bytes === null) return 0;
    this.#readStrings = read;
    this.#keep(which, bytes);
    return charactersOf(strings as readonly string[]);
  }

  /**
   * Frees strings of at least so many characters, and packed ones; who asks for them makes `read` get them again. Answers
   * whether there was anything to free.
   */
  letGo(which: ProcessStrings, atLeast: number, read: ReadStrings): boolean {
    const strings = which === "args" ? this.#args : this.#env;
    if (strings === null || strings.length === 0) return false;
    if (isPlain(strings) && charactersOf(strings) < atLeast) return false;
    this.#readStrings = read;
    this.#keep(which, null);
    return true;
  }

  #keep(which: ProcessStrings, strings: KeptStrings): void {
    if (which === "env") {
      this.#env = strings;
      return;
    }
    this.#args = strings;
    this.#forgetTexts();
  }

  /** A copy that later events don't change; it shares the parent. */
  clone(): ProcessInfo {
    const copy = new ProcessInfo(this.pid, this.startTime, this.origin);
    Object.assign(copy, this);
    copy.#args = this.#args;
    copy.#env = this.#env;
    copy.#readStrings = this.#readStrings;
    return copy;
  }

  /** `proc.cmdline`: the name and the arguments. */
  get cmdline(): string {
    this.#cmdline ??= this.args.length === 0 ? this.comm : `${this.comm} ${this.argsText}`;
    return this.#cmdline;
  }

  /** `proc.args`: the arguments joined with spaces. */
  get argsText(): string {
    this.#argsText ??= this.args.join(" ");
    return this.#argsText;
  }

  #forgetTexts(): void {
    this.#cmdline = null;
    this.#argsText = null;
  }
}

function isPlain(strings: KeptStrings): strings is readonly string[] {
  return Array.isArray(strings);
}
