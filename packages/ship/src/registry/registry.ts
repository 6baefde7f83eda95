import { join } from "node:path";
import { describeSystemError } from "@falco-efk/kit";
import type { Generation } from "./generation.ts";
import { RecordLog, readRecordLog } from "./record-log.ts";

type RegistryRecord =
  | { readonly kind: "generation"; readonly value: Generation }
  | { readonly kind: "forget"; readonly id: string }
  | { readonly kind: "path"; readonly path: string; readonly since: number };

/** What a registry file says, whoever has it open. */
export interface RegistryContent {
  readonly generations: Map<string, Generation>;
  /** Configured paths, and since when (ms) they are watched. */
  readonly paths: Map<string, number>;
  readonly damaged: number;
}

export interface RegistryOptions {
  readonly directory: string;
  /** Acknowledged offsets reach the disk within this time, ms; until then a crash means a resend that changes nothing. */
  readonly flushMs?: number;
  /** The registry can't be written (the reason), or can again (null). */
  readonly onTrouble?: (reason: string | null) => void;
}

const COMPACT_BYTES = 1 << 20;
const RETRY_MS = 500;

/**
 * The shipper's memory on disk: generations with their acknowledged offsets. `sync` waits for the disk; `touch` lets changes
 * gather. While the disk is full nothing is lost: changes stay in memory, `trouble` says why, and writing is tried again.
 */
export class Registry {
  readonly generations: Map<string, Generation> = new Map();
  readonly paths: Map<string, number> = new Map();
  readonly #log: RecordLog;
  readonly #options: RegistryOptions;
  #pending = new Map<string, RegistryRecord>();
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;
  #trouble: string | null = null;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#log = new RecordLog(registryFile(options.directory));
  }

  /** Why the registry can't be written just now, or null. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Opens the file. Answers how many damaged records were left out. */
  async open(): Promise<number> {
    const { records, damaged } = await this.#log.open();
    apply(records as RegistryRecord[], this.generations, this.paths);
    return damaged;
  }

  /** Notes that a generation changed; it's on disk within `flushMs`. */
  touch(generation: Generation): void {
    this.generations.set(generation.id, generation);
    this.#add(generation.id, { kind: "generation", value: generation });
  }

  /** Notes a change and waits until it's on disk, however long that takes. Rejects only when the registry is closed first. */
  async sync(generation: Generation): Promise<void> {
    this.touch(generation);
    await this.flush();
  }

  forget(id: string): void {
    this.generations.delete(id);
    this.#add(id, { kind: "forget", id });
  }

  /** Since when (ms) a configured path is watched; the first question is the beginning. */
  watchedSince(path: string, now: number): number {
    const known = this.paths.get(path);
    if (known !== undefined) return known;
    this.paths.set(path, now);
    this.#add(`path ${path}`, { kind: "path", path, since: now });
    return now;
  }

  /** Waits until everything noted so far is on disk. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0 || this.#flushing !== null) {
      if (this.#flushing === null) {
        if (this.#closed) throw new Error("the registry is closed");
        this.#flushing = this.#write().finally(() => {
          this.#flushing = null;
        });
      }
      await this.#flushing;
    }
  }

  /** Writes what can be written once, then closes. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#flushing?.catch(() => undefined);
    if (this.#pending.size > 0) await this.#write();
    await this.#log.close();
  }

  #add(key: string, record: RegistryRecord): void {
    this.#pending.set(key, record);
    if (this.#timer !== null || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.flush().catch(() => undefined);
    }, this.#options.flushMs ?? 100);
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    try {
      if (this.#log.length > COMPACT_BYTES) await this.#log.rewrite(this.#everything());
      else await this.#log.append([...batch.values()]);
      this.#setTrouble(null);
    } catch (error) {
      for (const [key, record] of batch) if (!this.#pending.has(key)) this.#pending.set(key, record);
      this.#setTrouble(describeSystemError(error));
      if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #everything(): RegistryRecord[] {
    return [
      ...[...this.paths].map(([path, since]) => ({ kind: "path", path, since }) as const),
      ...[...this.generations.values()].map((value) => ({ kind: "generation", value }) as const),
    ];
  }

  #setTrouble(reason: string | null): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#options.onTrouble?.(reason);
  }
}

/** Where a registry directory keeps its file. */
export function registryFile(directory: string): string {
  return join(directory, "registry.log");
}

/** Reads a registry that may be in use by a running shipper. */
export async function readRegistry(directory: string): Promise<RegistryContent> {
  const { records, damaged } = await readRecordLog(registryFile(directory));
  const content: RegistryContent = { generations: new Map(), paths: new Map(), damaged };
  apply(records as RegistryRecord[], content.generations, content.paths);
  return content;
}

function apply(
  records: readonly RegistryRecord[],
  generations: Map<string, Generation>,
  paths: Map<string, number>,
): void {
  for (const record of records) {
    if (record.kind === "generation") generations.set(record.value.id, record.value);
    else if (record.kind === "forget") generations.delete(record.id);
    else paths.set(record.path, record.since);
  }
}
