import type { Batch } from "../batch.ts";
import type { Carrier } from "./carrier.ts";
import type { Harvester } from "./harvester.ts";
import type { Progress } from "./progress.ts";

/** A file that is open and being read. */
export interface TrackedFile {
  readonly carrier: Carrier;
  readonly configured: boolean;
  path: string;
  harvester: Harvester;
  /** Size when it was last looked at, bytes. */
  size: number;
  /** Its time of change then, ms. */
  modified: number;
  /** When it last gave something, ms. */
  lastActive: number;
  /** It's no longer at any path that is looked at. */
  missing: boolean;
  /** Nothing more is there just now. */
  atEnd: boolean;
  pumping: Promise<void> | null;
  wanted: boolean;
  /** When it was opened, ms. */
  readonly opened: number;
  /** It has another name than when it was opened. */
  renamed: boolean;
  /** Nothing more is read from it; its carrier may be closed already. */
  closing: boolean;
  /** Its reading stands before the intake, so nobody uses the carrier. */
  waiting: boolean;
  /** Looks again when a record that may still grow is to be taken for whole. */
  again: NodeJS.Timeout | null;
}

/** Where a tailer's batches go. */
export interface Intake {
  /** Resolves when there is room for another batch and nothing stands in the way of reading. */
  room(): Promise<void>;
  /** Takes a batch over; `settle` is called once when all its records are delivered or dead-lettered. */
  submit(batch: Batch, bytes: number, settle: () => void): void;
}

/** The progress of a tracked file's generation. */
export function progressOf(file: TrackedFile): Progress {
  return file.harvester.progress;
}

const SMALL_BYTES = 65_536;

/** Why reading a file ended; `againMs` says when to look again though nothing was written. */
export type Drained = { readonly kind: "end"; readonly againMs?: number } | { readonly kind: "replaced" | "stopped" };

/** Reads a file until its end, or until `stopped`. */
export async function drainFile(
  file: TrackedFile,
  intake: Intake,
  options: { readonly gatherMs: number; readonly now: () => number; readonly stopped: () => boolean },
): Promise<Drained> {
  for (;;) {
    file.waiting = true;
    await intake.room();
    file.waiting = false;
    if (options.stopped() || file.closing) return { kind: "stopped" };
    const result = await file.harvester.read();
    if (result.kind === "end") return result;
    if (result.kind === "replaced") return { kind: "replaced" };
    file.lastActive = options.now();
    if (result.kind !== "batch") continue;
    intake.submit(result.batch, result.bytes, result.settle);
    // A trickle of lines is gathered for a moment, so that it doesn't become one request a line.
    if (result.bytes < SMALL_BYTES) await new Promise((resolve) => setTimeout(resolve, options.gatherMs));
  }
}
