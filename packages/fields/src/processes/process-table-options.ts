import type { ProcessSnapshot } from "@falco-efk/event";

/** How the table is fed and bounded. */
export interface ProcessTableOptions {
  /** Wall-clock time of the boot, nanoseconds since the epoch: makes start times into dates. 0: they are unknown. */
  readonly bootTime?: bigint;
  /** Running processes kept at most; the one that was added first goes first. 65536 when absent. */
  readonly maxRunning?: number;
  /** Exited processes kept at most so that late events and ancestors still resolve. 2048 when absent. */
  readonly maxExited?: number;
  /** How long an exited process is kept, nanoseconds of event time. 60 s when absent. */
  readonly keepExited?: bigint;
  /** False saves memory and time where no rule asks for environments. True when absent. */
  readonly keepEnvironment?: boolean;
  /** Asks the system about a process the table missed; null when it can't say. Absent in a replay. */
  readonly lookup?: (pid: number) => ProcessSnapshot | null;
  /** Asks the system for a running process's working directory; null when it can't say. Absent in a replay. */
  readonly lookupCwd?: (pid: number) => string | null;
  /** Asks the system for a running process's parent, after the known one exited; 0 when it can't say. Absent in a replay. */
  readonly lookupParent?: (pid: number) => number;
}

/** What happened to the table since it was made. */
export interface ProcessTableCounters {
  running: number;
  exited: number;
  /** Processes that the kernel's events added, by a fork or an exec. */
  added: number;
  /** Running processes dropped because the table was full. */
  evicted: number;
  /** Exited processes dropped because they were too many or too old. */
  forgotten: number;
  /** Processes first met in the middle of their life, found through `lookup`. */
  lookedUp: number;
  /** The same, but `lookup` knew nothing: only what the event said is known. */
  unresolved: number;
  /** A pid that came back for another process. */
  reused: number;
}
