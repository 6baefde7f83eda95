import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError, systemErrorCode } from "@falco-efk/kit";
import { createGeneration, type Generation, keyText, sameFile } from "../registry/generation.ts";
import type { Registry } from "../registry/registry.ts";
import { type Candidate, filesIn, findCandidates } from "./candidates.ts";
import type { Carrier } from "./carrier.ts";
import { isRotatedName } from "./family.ts";
import { forgetRemoved } from "./forget-removed.ts";
import { Harvester, type HarvesterOptions } from "./harvester.ts";
import { HEAD_BYTES, headPrint } from "./head-print.ts";
import { compare, identify, originalStands, readHead } from "./identify.ts";
import { openCarrier } from "./open-carrier.ts";
import { Progress } from "./progress.ts";
import { ReadBuffers } from "./read-buffers.ts";
import { drainFile, type Intake, progressOf, type TrackedFile } from "./tracked-file.ts";
import { type FolderWatch, watchFolders } from "./watch.ts";

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
const CLOCK_SLACK_MS = 2000;
/** How often the registry is looked through for files that are long gone. */
const CLEAN_MS = 600_000;

/** Finds the files of one input, follows each through rotation, truncation and compression, and reads them. */
export class Tailer {
  readonly #options: TailerOptions;
  readonly #registry: Registry;
  readonly #intake: Intake;
  readonly #events: TailerEvents;
  readonly #buffers: ReadBuffers;
  readonly #files = new Map<string, TrackedFile>();
  /** Files that need nothing now: their key, and size and time when that was found. */
  readonly #resting = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #watch: FolderWatch | null = null;
  #scanning: Promise<void> | null = null;
  #scanWanted = false;
  #stopped = false;
  #cleaned = Number.NEGATIVE_INFINITY;

  constructor(options: TailerOptions, registry: Registry, intake: Intake, events: TailerEvents) {
    this.#options = options;
    this.#registry = registry;
    this.#intake = intake;
    this.#events = events;
    this.#buffers = new ReadBuffers(options.readBytes, 8);
  }

  /** The files being read. */
  get files(): Iterable<TrackedFile> {
    return this.#files.values();
  }

  /** Looks for files once, then keeps watching. */
  async start(): Promise<void> {
    await this.scan();
    if (this.#options.watch) {
      this.#watch = watchFolders(this.#options.paths, (path) => this.#notice(path));
    }
    this.#timer = setInterval(() => void this.scan(), this.#options.scanMs);
  }

  /** Stops reading and closes all files. What was submitted may still be settled afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#watch?.close();
    await this.#scanning;
    await Promise.all([...this.#files.values()].map((file) => file.pumping));
    await Promise.all([...this.#files.values()].map((file) => file.carrier.close()));
    this.#files.clear();
  }

  /** Looks at folders and files now. Calls during a scan lead to one more. */
  scan(): Promise<void> {
    this.#scanWanted = true;
    this.#scanning ??= this.#scanLoop().finally(() => {
      this.#scanning = null;
    });
    return this.#scanning;
  }

  async #scanLoop(): Promise<void> {
    while (this.#scanWanted && !this.#stopped) {
      this.#scanWanted = false;
      try {
        await this.#scanOnce();
      } catch (error) {
        this.#events.trouble(this.#options.paths.join(", "), describeSystemError(error));
      }
    }
  }

  async #scanOnce(): Promise<void> {
    const candidates = await findCandidates(this.#options.paths, this.#options.exclude);
    const present = new Set<string>();
    const fresh: Candidate[] = [];
    for (const candidate of candidates) {
      const key = keyText(candidate.key);
      if (present.has(key)) continue;
      present.add(key);
      const tracked = this.#files.get(key);
      if (tracked === undefined) fresh.push(candidate);
      else this.#meet(tracked, candidate);
    }
    for (const [key, file] of this.#files) if (!present.has(key)) await this.#miss(file);
    for (const key of this.#resting.keys()) if (!present.has(key)) this.#resting.delete(key);
    if (fresh.some((candidate) => isRotatedName(candidate.path))) await this.#learnHeads();
    for (const candidate of fresh) {
      if (this.#stopped) return;
      await this.#consider(candidate, candidates);
    }
    await this.#findOrphans();
    await this.#closeQuiet();
    const now = this.#options.now();
    if (now - this.#cleaned >= CLEAN_MS) {
      this.#cleaned = now;
      await forgetRemoved(this.#registry, this.#options, now);
    }
  }

  /** Copies are known by their heads, so what is open and has none yet is read that far first. */
  async #learnHeads(): Promise<void> {
    for (const file of this.#files.values()) {
      while (file.pumping !== null && !this.#stopped && progressOf(file).generation.head.length < HEAD_BYTES) {
        await Promise.race([file.pumping, delay(5)]);
      }
    }
  }

  /** A notification: an open file is read at once, anything else waits for a scan. */
  #notice(path: string): void {
    for (const file of this.#files.values()) {
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
    const fresh = this.#options.now() - modified < CLOCK_SLACK_MS;
    if (fresh || size !== file.size || modified !== file.modified) this.#pump(file);
    file.size = size;
    file.modified = modified;
  }

  #rename(file: TrackedFile, path: string): void {
    file.path = path;
    const { generation } = progressOf(file);
    generation.path = path;
    this.#registry.touch(generation);
  }

  async #miss(file: TrackedFile): Promise<void> {
    file.missing = true;
    const { size, modified } = await file.carrier.stat();
    if (size !== file.size || modified !== file.modified) this.#pump(file);
    file.size = size;
    file.modified = modified;
  }

  async #consider(candidate: Candidate, all: readonly Candidate[]): Promise<void> {
    const key = keyText(candidate.key);
    const state = restingState(candidate.size, candidate.modified);
    if (this.#resting.get(key) === state) return;
    const carrier = await openCarrier(candidate.path).catch((error: unknown) => {
      // Renamed or deleted since it was listed: the next scan finds it under its new name.
      if (systemErrorCode(error) === "ENOENT") this.#scanWanted = true;
      else this.#events.trouble(candidate.path, describeSystemError(error));
      return null;
    });
    if (carrier === null) return;
    const kept = await this.#begin(candidate, carrier, all).catch(async (error: unknown) => {
      this.#events.trouble(candidate.path, describeSystemError(error));
      return false;
    });
    if (kept) return;
    await carrier.close();
    this.#resting.set(key, state);
  }

  /** Decides what a file is and tracks it if there is something to read. */
  async #begin(candidate: Candidate, carrier: Carrier, all: readonly Candidate[]): Promise<boolean> {
    // The path may lead to another file by now; the next scan sees that one.
    const { key } = await carrier.stat();
    if (keyText(key) !== keyText(candidate.key)) return false;
    const head = await readHead(carrier);
    const now = this.#options.now();
    const identity = await identify(candidate, carrier, head, this.#registry.generations.values());
    if (identity.kind === "new") {
      const since = this.#registry.watchedSince(candidate.pattern, now);
      if (!candidate.configured && candidate.modified < since - CLOCK_SLACK_MS) return false;
      const { ignoreOlderMs } = this.#options;
      if (ignoreOlderMs > 0 && candidate.modified < now - ignoreOlderMs) return false;
      const generation = createGeneration(this.#options.id, key, candidate.path, headPrint(head), now);
      await this.#registry.sync(generation);
      return this.#track(candidate, carrier, generation, head);
    }
    const { generation } = identity;
    if (this.#isLive(generation)) return false;
    if (identity.kind === "copy" && (await originalStands(generation, all))) return false;
    if (generation.done && !carrier.compressed && candidate.size <= generation.offset) return false;
    if (identity.kind === "copy" || generation.path !== candidate.path || generation.done) {
      generation.key = key;
      generation.path = candidate.path;
      generation.done = false;
      this.#registry.touch(generation);
    }
    return this.#track(candidate, carrier, generation, head);
  }

  #track(candidate: Candidate, carrier: Carrier, generation: Generation, head: Buffer): boolean {
    return this.#trackProgress(candidate, carrier, new Progress(generation, head, this.#registry, this.#options.now));
  }

  /** False when the file is tracked already: a copy may be adopted while a scan looks at it. */
  #trackProgress(candidate: Candidate, carrier: Carrier, progress: Progress): boolean {
    if (this.#stopped || this.#files.has(keyText(candidate.key))) return false;
    const file: TrackedFile = {
      carrier,
      configured: candidate.configured,
      path: candidate.path,
      harvester: new Harvester(carrier, progress, () => file.path, this.#buffers, this.#options),
      size: candidate.size,
      modified: candidate.modified,
      lastActive: this.#options.now(),
      missing: false,
      atEnd: false,
      pumping: null,
      wanted: false,
    };
    this.#files.set(keyText(candidate.key), file);
    this.#events.opened(candidate.path, progress.generation);
    this.#pump(file);
    return true;
  }

  #isLive(generation: Generation): boolean {
    for (const file of this.#files.values()) if (progressOf(file).generation === generation) return true;
    return false;
  }

  #pump(file: TrackedFile): void {
    file.wanted = true;
    file.pumping ??= this.#pumpLoop(file)
      .catch((error: unknown) => {
        this.#events.trouble(file.path, describeSystemError(error));
      })
      .finally(() => {
        file.pumping = null;
      });
  }

  async #pumpLoop(file: TrackedFile): Promise<void> {
    const options = { ...this.#options, stopped: () => this.#stopped };
    while (file.wanted && !this.#stopped) {
      file.wanted = false;
      file.atEnd = false;
      const reason = await drainFile(file, this.#intake, options);
      if (reason === "stopped") return;
      if (reason === "replaced" && !file.carrier.compressed) {
        await this.#replace(file);
        file.wanted = true;
      } else {
        file.atEnd = true;
      }
    }
  }

  /** The file was truncated or written anew: what follows is another generation, and a copy may hold the rest of the old one. */
  async #replace(file: TrackedFile): Promise<void> {
    const old = progressOf(file);
    const { key } = await file.carrier.stat();
    const generation = createGeneration(
      this.#options.id,
      key,
      file.path,
      headPrint(Buffer.alloc(0)),
      this.#options.now(),
    );
    await this.#registry.sync(generation);
    const lost = Math.max(0, file.size - old.readOffset);
    const progress = new Progress(generation, Buffer.alloc(0), this.#registry, this.#options.now);
    file.harvester = new Harvester(file.carrier, progress, () => file.path, this.#buffers, this.#options);
    const found = await this.#adoptCopy(old);
    if (!found) old.end();
    this.#events.replaced(file.path, found ? 0 : lost);
  }

  /** Goes on reading a truncated generation in the copy that copytruncate made, if there is one. */
  async #adoptCopy(old: Progress): Promise<boolean> {
    const { generation } = old;
    const wanted: Generation = { ...generation, offset: old.readOffset, anchor: old.anchor.toString("base64") };
    for (const entry of await filesIn(dirname(generation.path))) {
      const key = keyText(entry.key);
      if (this.#files.has(key) || sameFile(entry.key, generation.key)) continue;
      const candidate: Candidate = { ...entry, configured: false, pattern: generation.path };
      const carrier = await openCarrier(entry.path).catch(() => null);
      if (carrier === null) continue;
      const head = await readHead(carrier);
      const identity = await identify(candidate, carrier, head, [wanted]);
      if (identity.kind === "copy" && (await compare(carrier, head, wanted)) === "continues") {
        generation.key = entry.key;
        generation.path = entry.path;
        this.#registry.touch(generation);
        this.#resting.delete(key);
        if (this.#trackProgress(candidate, carrier, old)) return true;
      }
      await carrier.close();
    }
    return false;
  }

  /** Generations of this input that were not at any path: their file may have another name in the same folder by now. */
  async #findOrphans(): Promise<void> {
    for (const generation of this.#registry.generations.values()) {
      if (generation.done || generation.input !== this.#options.id || this.#isLive(generation)) continue;
      if (this.#resting.has(keyText(generation.key))) continue;
      const entries = await filesIn(dirname(generation.path));
      const entry = entries.find((other) => sameFile(other.key, generation.key));
      const candidate: Candidate | null =
        entry === undefined ? null : { ...entry, configured: false, pattern: generation.path };
      if (candidate !== null) {
        await this.#consider(candidate, []);
        // It's over when another incarnation has the file; a file that only can't be opened just now is tried again.
        if (!this.#files.has(keyText(candidate.key)) || this.#isLive(generation)) continue;
      }
      generation.done = true;
      generation.updated = this.#options.now();
      this.#registry.touch(generation);
      this.#events.vanished(generation.path, generation.offset);
    }
  }

  async #closeQuiet(): Promise<void> {
    const now = this.#options.now();
    const { closeRemovedMs, closeInactiveMs } = this.#options;
    for (const [key, file] of this.#files) {
      if (!file.atEnd || file.pumping !== null || !progressOf(file).settled) continue;
      const finished = file.missing || file.carrier.compressed;
      const limit = file.carrier.compressed ? 0 : file.missing ? closeRemovedMs : closeInactiveMs;
      if (now - file.lastActive < limit) continue;
      const { size, modified } = await file.carrier.stat();
      if (size !== file.size || file.pumping !== null) continue;
      this.#files.delete(key);
      if (finished) progressOf(file).end();
      if (!file.missing) this.#resting.set(key, restingState(size, modified));
      await file.carrier.close();
      this.#events.closed(file.path);
    }
  }
}

function restingState(size: number, modified: number): string {
  return `${size} ${modified}`;
}
