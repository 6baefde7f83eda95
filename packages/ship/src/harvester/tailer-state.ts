import type { Generation } from "../registry/generation.ts";
import type { Registry } from "../registry/registry.ts";
import type { HarvesterOptions } from "./harvester.ts";
import type { Progress } from "./progress.ts";
import type { ReadBuffers } from "./read-buffers.ts";
import { type Intake, progressOf, type TrackedFile } from "./tracked-file.ts";

/** What a tailer tells: each is counted and, where it's trouble, logged in one place. */
export interface TailerEvents {
  opened(path: string, generation: Generation): void;
  closed(path: string): void;
  replaced(path: string, lostBytes: number): void;
  vanished(path: string, offset: number): void;
  trouble(path: string, reason: string): void;
}

export interface TailerOptions extends HarvesterOptions {
  /** Names the input in the registry. */
  readonly id: string;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly readBytes: number;
  /** How often folders and files are looked at, beside being watched, ms. */
  readonly scanMs: number;
  readonly closeInactiveMs: number;
  /** A deleted file that gives nothing for so long is closed, ms. */
  readonly closeRemovedMs: number;
  /** A file that was renamed is closed at its end. */
  readonly closeRenamed: boolean;
  /** Every file is closed at its end, until it changes. */
  readonly closeEof: boolean;
  /** A file is closed so long after it was opened, read or not, ms; 0: never. What a deleted one still held is lost. */
  readonly closeTimeoutMs: number;
  /** Files open at once at most; 0: as many as there are. */
  readonly harvesterLimit: number;
  /** What is known of a file that gives nothing for so long is forgotten, ms; 0: never. */
  readonly cleanInactiveMs: number;
  /** Files not written to for longer are not begun; 0: all are. */
  readonly ignoreOlderMs: number;
  /** What is known of a deleted file is forgotten after this time, ms; 0: never. */
  readonly cleanRemovedMs: number;
  /** How long a trickle of lines is gathered, ms. */
  readonly gatherMs: number;
  /** Use file system notifications beside the scans. */
  readonly watch: boolean;
}

/** File times come from a coarser clock than ours, on some file systems by two seconds. */
export const CLOCK_SLACK_MS = 2000;

/** Why a file needs nothing now. */
export interface Rest {
  /** What it was when that was found: see `restingState`. */
  readonly as: string;
  /** The key of the file that it's a copy of, as long as which stands it adds nothing. */
  readonly because: string | null;
}

/** What the parts of a tailer share. */
export interface TailerState {
  readonly options: TailerOptions;
  readonly registry: Registry;
  readonly intake: Intake;
  readonly events: TailerEvents;
  readonly buffers: ReadBuffers;
  readonly files: Map<string, TrackedFile>;
  /** Files that need nothing now, by key. */
  readonly resting: Map<string, Rest>;
  /** Of files that were closed before all that was read is acknowledged. */
  readonly draining: Set<Progress>;
  /** Reads a file, now or when its present reading has ended. */
  readonly pump: (file: TrackedFile) => void;
  /** A scan found something that only another one can settle. */
  scanWanted: boolean;
  stopped: boolean;
}

/** True while a generation is being read, or waits for acknowledgements. */
export function isLive(state: TailerState, generation: Generation): boolean {
  for (const file of state.files.values()) if (progressOf(file).generation === generation) return true;
  for (const progress of state.draining) if (progress.generation === generation) return true;
  return false;
}

/** True when as many files are open as may be. */
export function isFull({ options, files }: TailerState): boolean {
  return options.harvesterLimit > 0 && files.size >= options.harvesterLimit;
}

/** What of a resting file must change for it to be looked at again. */
export function restingState(size: number, modified: number): string {
  return `${size} ${modified}`;
}
