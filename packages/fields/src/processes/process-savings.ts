import { charactersOf, packStrings, unpackStrings } from "./packed-strings.ts";
import type { ProcessInfo, ProcessStrings } from "./process-info.ts";
import type { ProcessTable } from "./process-table.ts";

/** Fewer characters are not worth packing. */
const WORTH_PACKING = 1024;
/** Characters that are packed at once: it takes some tens of milliseconds. */
const PACKED_AT_ONCE = 1024 ** 2;
/** Arguments of fewer characters stay: they weigh little, and a process may have written over its own. */
const LONG_ARGUMENTS = 512;
/** Processes whose strings are kept a while after they were unpacked or read again. */
const REMEMBERED = 16;
const LEAST_EXITED = 64;
const LEAST_RUNNING = 512;

/** What became of strings that were let go and then asked for. */
export interface AskedAgain {
  /** The system still knew them. */
  reread: number;
  /** Nobody knew them any more. */
  missing: number;
}

/** Lets go of what a process table can do without for a while, most of which it reads again from the system when asked. */
export class ProcessSavings {
  readonly asked: Readonly<Record<ProcessStrings, AskedAgain>> = {
    args: { reread: 0, missing: 0 },
    env: { reread: 0, missing: 0 },
  };
  readonly #table: ProcessTable;
  readonly #usualExited: number;
  readonly #latest = new Map<ProcessInfo, Partial<Record<ProcessStrings, readonly string[]>>>();

  constructor(table: ProcessTable) {
    this.#table = table;
    this.#usualExited = table.maxExited;
  }

  /**
   * Packs long environments and arguments of running processes, a part of them at a time: nothing is lost by it. Answers
   * how many.
   */
  packStrings(): number {
    // Forked processes share theirs, and shall do so afterwards.
    const shared = new Map<readonly string[], Uint8Array | null>();
    const packed = (strings: readonly string[]): Uint8Array | null => {
      let bytes = shared.get(strings);
      if (bytes === undefined) {
        bytes = charactersOf(strings) < WORTH_PACKING ? null : packStrings(strings);
        shared.set(strings, bytes);
      }
      return bytes;
    };
    let count = 0;
    let characters = 0;
    for (const process of this.#table.running()) {
      for (const which of ["env", "args"] as const) {
        const length = process.pack(which, packed, this.#read);
        if (length > 0) count++;
        characters += length;
      }
      if (characters > PACKED_AT_ONCE) break;
    }
    return count;
  }

  /** Environments of running processes. Answers of how many. */
  letGoEnvironments(): number {
    return this.#letGo("env", 0);
  }

  /** Arguments of running processes where they are long. Answers of how many. */
  letGoLongArguments(): number {
    return this.#letGo("args", LONG_ARGUMENTS);
  }

  /** The older three quarters of the exited processes, and keeps no more than these from now on. Answers how many. */
  letGoExited(): number {
    const before = this.#table.counters.exited;
    this.#table.maxExited = Math.max(LEAST_EXITED, Math.floor(Math.min(before, this.#table.maxExited) / 4));
    this.#table.trimExited();
    for (const process of this.#table.exited()) process.dropEnvironment();
    return before - this.#table.counters.exited;
  }

  /** Keeps as many exited processes as before. */
  keepExited(): void {
    this.#table.maxExited = this.#usualExited;
  }

  /** Half of the running processes that have no children, oldest first; a small table stays whole. Answers how many. */
  letGoRunning(): number {
    const { running } = this.#table.counters;
    if (running <= LEAST_RUNNING) return 0;
    const parents = new Set<ProcessInfo | null>();
    for (const process of this.#table.running()) parents.add(process.parent);
    const leaves = [...this.#table.running()].filter((process) => !parents.has(process));
    const chosen = leaves.slice(0, Math.ceil(leaves.length / 2));
    for (const process of chosen) this.#table.evict(process);
    return chosen.length;
  }

  #letGo(which: ProcessStrings, atLeast: number): number {
    let count = 0;
    for (const process of this.#table.running()) {
      if (process.letGo(which, atLeast, this.#read)) count++;
    }
    return count;
  }

  readonly #read = (
    process: ProcessInfo,
    which: ProcessStrings,
    packed: Uint8Array | null,
  ): readonly string[] | null => {
    const known = this.#latest.get(process)?.[which];
    if (known !== undefined) return known;
    const strings = packed === null ? this.#readAgain(process, which) : unpackStrings(packed);
    if (strings !== null) this.#remember(process, which, strings);
    return strings;
  };

  #readAgain(process: ProcessInfo, which: ProcessStrings): readonly string[] | null {
    const strings = this.#table.askAgain(process)?.image[which] ?? null;
    if (strings === null) this.asked[which].missing++;
    else this.asked[which].reread++;
    return strings;
  }

  /** One event asks several times, and its parent's strings are asked for by the next. */
  #remember(process: ProcessInfo, which: ProcessStrings, strings: readonly string[]): void {
    const known = this.#latest.get(process);
    this.#latest.delete(process);
    this.#latest.set(process, { ...known, [which]: strings });
    for (const oldest of this.#latest.keys()) {
      if (this.#latest.size <= REMEMBERED) return;
      this.#latest.delete(oldest);
    }
  }
}
