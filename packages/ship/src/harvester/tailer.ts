import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import { keyText } from "../registry/generation.ts";
import type { Registry } from "../registry/registry.ts";
import { consider } from "./begin-file.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { closeFiles } from "./close-files.ts";
import { isRotatedName } from "./family.ts";
import { forgetInactive, forgetRemoved } from "./forget-removed.ts";
import { HEAD_BYTES } from "./head-print.ts";
import { ReadBuffers } from "./read-buffers.ts";
import { findOrphans, replaceFile } from "./rotation.ts";
import {
  CLOCK_SLACK_MS,
  isFull,
  isLive,
  type TailerEvents,
  type TailerOptions,
  type TailerState,
} from "./tailer-state.ts";
import { drainFile, type Intake, progressOf, type TrackedFile } from "./tracked-file.ts";
import type { FolderWatch } from "./watch.ts";

/** How often the registry is looked through for files that are long gone. */
const CLEAN_MS = 600_000;

/** Finds the files of one input, follows each through rotation, truncation and compression, and reads them. */
export class Tailer {
  readonly #state: TailerState;
  #timer: NodeJS.Timeout | null = null;
  readonly #stop = new AbortController();
  #watching: Promise<FolderWatch | null> = Promise.resolve(null);
  #scanning: Promise<void> | null = null;
  #cleaned = Number.NEGATIVE_INFINITY;

  constructor(options: TailerOptions, registry: Registry, intake: Intake, events: TailerEvents) {
    this.#state = {
      options,
      registry,
      intake,
      events,
      buffers: new ReadBuffers(options.readBytes, 8),
      files: new Map(),
      resting: new Map(),
      draining: new Set(),
      pump: (file) => this.#pump(file),
      scanWanted: false,
      stopped: false,
    };
  }

  /** The files being read. */
  get files(): Iterable<TrackedFile> {
    return this.#state.files.values();
  }

  /** Looks for files once, then keeps watching. */
  async start(): Promise<void> {
    await this.scan();
    if (this.#state.options.watch) this.#watching = this.#watchSoon();
    this.#timer = setInterval(() => void this.scan(), this.#state.options.scanMs);
  }

  /** Stops reading and closes all files. What was submitted may still be settled afterwards. */
  async stop(): Promise<void> {
    this.#state.stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stop.abort();
    await (await this.#watching)?.close();
    await this.#scanning;
    for (const { again } of this.#state.files.values()) if (again !== null) clearTimeout(again);
    await Promise.all([...this.#state.files.values()].map((file) => file.pumping));
    await Promise.all([...this.#state.files.values()].map((file) => file.carrier.close()));
    this.#state.files.clear();
  }

  /** Watches once what was there is read, or a scan is due: loading the watcher takes longer than to send the first lines. */
  async #watchSoon(): Promise<FolderWatch | null> {
    const { options, files } = this.#state;
    const read = Promise.all([...files.values()].map((file) => file.pumping));
    await Promise.race([read, delay(options.scanMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)]);
    const { watchFolders } = await import("./watch.ts");
    if (this.#state.stopped) return null;
    const watch = watchFolders(options.paths, (path) => this.#notice(path));
    void this.scan();
    return watch;
  }

  /** Looks at folders and files now. Calls during a scan lead to one more. */
  scan(): Promise<void> {
    this.#state.scanWanted = true;
    this.#scanning ??= this.#scanLoop().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  async #scanLoop(): Promise<void> {
    while (this.#state.scanWanted && !this.#state.stopped) {
      this.#state.scanWanted = false;
      try {
        await this.#scanOnce();
      } catch (error) {
        this.#state.events.trouble(this.#state.options.paths.join(", "), describeSystemError(error));
      }
    }
  }

  async #scanOnce(): Promise<void> {
    const candidates = await findCandidates(this.#state.options.paths, this.#state.options.exclude);
    const present = new Set<string>();
    const fresh: Candidate[] = [];
    for (const candidate of candidates) {
      const key = keyText(candidate.key);
      if (present.has(key)) continue;
      present.add(key);
      const tracked = this.#state.files.get(key);
      if (tracked === undefined) fresh.push(candidate);
      else this.#meet(tracked, candidate);
    }
    for (const [key, file] of this.#state.files) if (!present.has(key)) await this.#miss(file);
    for (const [key, { because }] of this.#state.resting) {
      if (!present.has(key) || (because !== null && !present.has(because))) this.#state.resting.delete(key);
    }
    if (fresh.some((candidate) => isRotatedName(candidate.path))) await this.#learnHeads();
    for (const candidate of fresh) {
      if (this.#state.stopped) return;
      if (isFull(this.#state)) break;
      await consider(this.#state, candidate, candidates);
    }
    await findOrphans(this.#state);
    await closeFiles(this.#state);
    const now = this.#state.options.now();
    if (now - this.#cleaned >= CLEAN_MS) {
      this.#cleaned = now;
      await forgetRemoved(this.#state.registry, this.#state.options, now);
      forgetInactive(this.#state.registry, this.#state.options, (known) => isLive(this.#state, known), now);
    }
  }

  /** Copies are known by their heads, so what is open and has none yet is read that far first. */
  async #learnHeads(): Promise<void> {
    for (const file of this.#state.files.values()) {
      while (file.pumping !== null && !this.#state.stopped && progressOf(file).generation.head.length < HEAD_BYTES) {
        await Promise.race([file.pumping, delay(5)]);
      }
    }
  }

  /** A notification: an open file is read at once, anything else waits for a scan. */
  #notice(path: string): void {
    for (const file of this.#state.files.values()) {
      if (file.path === path) {
        this.#pump(file);
        return;
      }
    }
    void this.scan();
  }

  #meet(file: TrackedFile, { path, size, modified }: Candidate): void {
    file.missing = false;
    if (file.path !== path) this.#rename(file, path);
    // A change within the clock's grain may leave size and time as they were, so a fresh file is read in any case.
    const fresh = this.#state.options.now() - modified < CLOCK_SLACK_MS;
    if (fresh || size !== file.size || modified !== file.modified) this.#pump(file);
    file.size = size;
    file.modified = modified;
  }

  #rename(file: TrackedFile, path: string): void {
    file.path = path;
    file.renamed = true;
    const { generation } = progressOf(file);
    generation.path = path;
    this.#state.registry.touch(generation);
  }

  async #miss(file: TrackedFile): Promise<void> {
    file.missing = true;
    const { size, modified } = await file.carrier.stat();
    if (size !== file.size || modified !== file.modified) this.#pump(file);
    file.size = size;
    file.modified = modified;
  }

  #pump(file: TrackedFile): void {
    file.wanted = true;
    if (file.again !== null) clearTimeout(file.again);
    file.again = null;
    file.pumping ??= this.#pumpLoop(file)
      .catch((error: unknown) => {
        this.#state.events.trouble(file.path, describeSystemError(error));
      })
      .finally(() => {
        file.pumping = null;
      });
  }

  async #pumpLoop(file: TrackedFile): Promise<void> {
    const options = { ...this.#state.options, stopped: () => this.#state.stopped };
    while (file.wanted && !this.#state.stopped && !file.closing) {
      file.wanted = false;
      file.atEnd = false;
      const drained = await drainFile(file, this.#state.intake, options);
      if (drained.kind === "stopped") return;
      if (drained.kind === "replaced" && !file.carrier.compressed) {
        await replaceFile(this.#state, file);
        file.wanted = true;
        continue;
      }
      file.atEnd = true;
      if (drained.kind === "end" && drained.againMs !== undefined && !file.wanted) {
        file.again = setTimeout(() => this.#pump(file), drained.againMs);
      }
    }
  }
}
