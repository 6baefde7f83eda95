import type { KernelFilter } from "@falco-efk/event";

/** A process told by what identifies it for good. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start, nanoseconds since boot; compared at the 10 ms that /proc/<pid>/stat shows. */
  readonly startTime: number | bigint;
}

/** Where a call's exit is seen: its own tracepoint, or the one that every call shares. */
export type AttachMode = "tracepoint" | "raw";

/** The builds of the kernel programs, newest first; the name is the first kernel that can load it. */
export const VARIANTS = ["6.2", "5.17", "5.8"] as const;
export type ProbeVariant = (typeof VARIANTS)[number];

export interface ProbeOptions {
  /** The event types to see, by id. Only their hooks are loaded and attached. */
  readonly types: Iterable<number>;
  /** What of them is wanted; absent: everything. Can be replaced later. */
  readonly filter?: KernelFilter;
  /** Processes whose calls are not seen (their execs, forks and exits are). At most 16. */
  readonly ignoreProcesses?: readonly ProcessIdentity[];
  /** Ring buffer, bytes; rounded up to a power of two. 8 MiB. */
  readonly ringBytes?: number;
  /** Longest argument list and environment carried, bytes. 16 KiB and 32 KiB, the most there is room for. */
  readonly maxArgs?: number;
  readonly maxEnv?: number;
  /** How much of a message's or module's bytes is carried. 80, Falco's snaplen. */
  readonly maxData?: number;
  /** Calls of 32-bit programs and `int 0x80`. On where the kernel runs 32-bit programs. */
  readonly compat?: boolean;
  /** How calls are attached; absent: the cheaper way, by their tracepoints where 32-bit calls are left out and tracefs can be had. */
  readonly attach?: AttachMode;
  /** Which build to load; absent: the first that the kernel takes. */
  readonly variant?: ProbeVariant;
  /** While there are frames, how often the ring is looked into, microseconds; the first after a quiet time wakes at once. 8000. */
  readonly batchDelayMicros?: number;
}

/** What was chosen and attached, for a person to read. */
export interface ProbeDescription {
  readonly variant: ProbeVariant;
  readonly attach: AttachMode;
  readonly compat: boolean;
  readonly cgroupController: string;
  readonly ringBytes: number;
  readonly tracepoints: readonly string[];
  readonly calls: readonly string[];
}
