import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { ProbeError } from "./errors.ts";

/** What an error thrown by the addon carries beside its message. */
export interface NativeFailure extends Error {
  readonly errno: number;
  readonly step: string;
  readonly log: string;
}

/** The addon's one class; see addon/binding.cc. */
export interface NativeProbe {
  attach(program: string, category?: string, event?: string): void;
  update(map: string, key: Uint8Array, value: Uint8Array): void;
  remove(map: string, key: Uint8Array): void;
  read(map: string, key: Uint8Array): Uint8Array;
  install(map: string, index: number, program: string): void;
  iterate(program: string): Uint8Array<ArrayBuffer>;
  start(
    callback: (batch: number, bytes: number) => void,
    batchBytes: number,
    batchCount: number,
    delayMicros: number,
  ): readonly ArrayBuffer[];
  release(batch: number): void;
  finish(): void;
  close(): void;
}

export interface NativeOptions {
  readonly path: string;
  readonly programs: readonly string[];
  readonly mapEntries: Readonly<Record<string, number>>;
  readonly settings: Uint8Array;
}

export interface NativeModule {
  /** Loads the programs on a thread of its own. Rejects with a NativeFailure. */
  readonly load: (options: NativeOptions) => Promise<NativeProbe>;
  readonly layout: Readonly<Record<string, number>>;
  /** Wall-clock time minus time since boot, nanoseconds. */
  readonly clockOffset: () => bigint;
  /** Gives free memory back to the system; with `code`, the pages of code and constants that nothing uses now, too. */
  readonly releaseMemory: (code: boolean) => void;
}

/** Where the addon and the kernel programs lie; the same from src/ and from dist/. */
export const PREBUILDS: string = join(import.meta.dirname, "..", "prebuilds");

let loaded: NativeModule | null = null;

/**
 * Loads the addon.
 * @throws ProbeError `unsupported-platform` or `not-built`.
 */
export function loadNative(): NativeModule {
  if (loaded) return loaded;
  const path = join(PREBUILDS, `${platform()}-${arch()}.node`);
  if (platform() !== "linux" || arch() !== "x64") {
    throw new ProbeError(
      "unsupported-platform",
      `the probe runs on Linux on x86-64, this is ${platform()} on ${arch()}`,
      "replay a capture instead",
    );
  }
  if (!existsSync(path)) {
    throw new ProbeError(
      "not-built",
      `the probe's addon is not built: ${path} is missing`,
      "run: npm run build:native",
    );
  }
  loaded = createRequire(import.meta.url)(path) as NativeModule;
  return loaded;
}

/**
 * Gives memory that is free, but still this process's, back to the system. With `code` Node's own code and constants go as
 * well, and what of them is used comes back by itself: worth it once the program has started. Does nothing before a probe
 * was opened.
 */
export function releaseMemory(code: boolean): void {
  loaded?.releaseMemory(code);
}

/** Tells the addon's errors from others. */
export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && "errno" in error && "step" in error;
}
