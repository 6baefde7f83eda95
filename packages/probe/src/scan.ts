import { readdirSync, readFileSync } from "node:fs";
import { copyTask, type ProcessImage, type ProcessSnapshot } from "@falco-efk/event";
import { type FrameContext, FrameView } from "./frame-view.ts";
import type { ProcessIdentity } from "./options.ts";
import { readImage } from "./process-image.ts";

const NANOSECONDS_A_TICK = 10_000_000;

function strings(path: string): string[] {
  try {
    const text = readFileSync(path, "utf8");
    return text === "" ? [] : (text.endsWith("\0") ? text.slice(0, -1) : text).split("\0");
  } catch {
    // The process ended meanwhile, or its memory is not ours to read.
    return [];
  }
}

/** A process's arguments and environment. */
type ProcessStrings = Pick<ProcessImage, "exe" | "args" | "env">;

function stringsOf(pid: number): ProcessStrings {
  const [exe = "", ...args] = strings(`/proc/${pid}/cmdline`);
  return { exe, args, env: strings(`/proc/${pid}/environ`) };
}

/** Every process's arguments and environment from /proc: the kernel programs see only their own process's memory. */
function readAllStrings(): ReadonlyMap<number, ProcessStrings> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((pid) => [Number(pid), stringsOf(Number(pid))]));
}

/** The snapshots in the frames that the kernel's walk over the processes gave. */
function snapshotsOf(
  frames: Uint8Array<ArrayBuffer>,
  context: FrameContext,
  known: ReadonlyMap<number, ProcessStrings>,
): ProcessSnapshot[] {
  const view = new FrameView(context);
  const found: ProcessSnapshot[] = [];
  view.open(frames);
  for (let at = 0; at < frames.length; at += view.size) {
    view.move(at, 0);
    const image = readImage(view);
    const task = copyTask(view.task);
    if (image) found.push({ task, image: { ...image, ...(known.get(task.pid) ?? stringsOf(task.pid)) } });
  }
  return found;
}

/** The processes that run, in two walks: one before events are recorded and one after. */
export class ProcessScan {
  readonly #walk: () => Uint8Array<ArrayBuffer>;
  readonly #context: FrameContext;
  #strings: ReadonlyMap<number, ProcessStrings>;
  #before: readonly ProcessSnapshot[];

  /** Walks for the first time. */
  constructor(walk: () => Uint8Array<ArrayBuffer>, context: FrameContext) {
    this.#walk = walk;
    this.#context = context;
    // Before the walk: what ends meanwhile is known still.
    this.#strings = readAllStrings();
    this.#before = snapshotsOf(walk(), context, this.#strings);
  }

  /**
   * Walks again. A process of the first walk that has ended since is told of too: events may speak of it or of its
   * children.
   */
  finish(): ProcessSnapshot[] {
    const now = snapshotsOf(this.#walk(), this.#context, this.#strings);
    const known = new Set(now.map(identityOf));
    return [...this.#before.filter((snapshot) => !known.has(identityOf(snapshot))), ...now];
  }

  /** Lets go of the first walk, whose environments may weigh megabytes: from now on events tell what begins and ends. */
  forget(): void {
    this.#strings = new Map();
    this.#before = [];
  }
}

function identityOf({ task }: ProcessSnapshot): string {
  return `${task.pid} ${task.startTime}`;
}

/**
 * Who a running process is, for `ignoreProcesses`.
 * @throws when there is no such process.
 */
export function identifyProcess(pid: number): ProcessIdentity {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold spaces and parentheses: fields count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, startTime: Number(fields[19]) * NANOSECONDS_A_TICK };
}
