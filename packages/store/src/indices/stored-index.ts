import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Mappings } from "@falco-efk/elastic";
import { readDocument } from "../mapping/document-reader.ts";
import { IndexMapping } from "../mapping/index-mapping.ts";
import type { ReadCache } from "../segments/cache.ts";
import { FileSegment } from "../segments/file-segment.ts";
import { IdFilter } from "../segments/id-filter.ts";
import { MemorySegment } from "../segments/memory-segment.ts";
import { DELETE, readRecord } from "../segments/record.ts";
import { sealSegment } from "../segments/seal.ts";
import type { Segment } from "../segments/segment.ts";
import { syncDirectory } from "../segments/sync-directory.ts";
import { BATCH_HEADER, readBatches, type SyncFile, WriteLog } from "../segments/write-log.ts";
import { cleanDirectory } from "./clean-directory.ts";
import { carryDeletions, IndexMerger } from "./index-merger.ts";
import { type Manifest, readManifest, writeManifest } from "./manifest.ts";

/** Where a document lies. */
export interface Found {
  readonly segment: Segment;
  readonly document: number;
}

/** How indices read and write their files. */
export interface DiskAccess {
  readonly cache: ReadCache;
  /** Brings a log onto the disk; fdatasync when it is not given. */
  readonly sync?: SyncFile | undefined;
}

/** The column by which documents are laid out in files. */
const TIME = "@timestamp";

/** One index: its mapping, its segments, and the log of what is not yet in a file. */
export class StoredIndex {
  readonly name: string;
  readonly uuid: string;
  readonly created: number;
  readonly directory: string;
  readonly mapping: IndexMapping;
  settings: Record<string, unknown>;
  aliases: Record<string, unknown>;
  nextSeqNo: number;
  /** When the index was last written to, in milliseconds. */
  lastWrite = 0;
  readonly #disk: DiskAccess;
  #files: FileSegment[] = [];
  #frozen: MemorySegment[] = [];
  #memory: MemorySegment;
  #filter: IdFilter | null = null;
  #nextNumber: number;
  readonly #merger: IndexMerger = new IndexMerger();
  #closed = false;

  private constructor(directory: string, manifest: Manifest, disk: DiskAccess) {
    this.directory = directory;
    this.name = manifest.name;
    this.uuid = manifest.uuid;
    this.created = manifest.created;
    this.settings = { ...manifest.settings };
    this.aliases = { ...manifest.aliases };
    this.mapping = new IndexMapping(manifest.mappings, mappingSettings(manifest.settings));
    this.nextSeqNo = manifest.nextSeqNo;
    this.#nextNumber = manifest.nextNumber;
    this.#disk = disk;
    for (const number of manifest.segments) {
      this.#files.push(new FileSegment(number, this.#segmentPath(number), disk.cache));
    }
    const logs = cleanDirectory(directory, new Set(manifest.segments));
    for (const number of logs) {
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
      this.#frozen.push(new MemorySegment(number, new WriteLog(this.#logPath(number), this.#disk.sync)));
    }
    this.#memory = this.#frozen.pop() ?? this.#newMemory();
    for (const segment of [...this.#frozen, this.#memory]) {
      this.#replay(segment);
    }
  }

  /** Makes an index in a directory that is not there yet. Throws what the mapping refuses before anything is written. */
  static create(
    directory: string,
    options: {
      readonly name: string;
      readonly settings: Readonly<Record<string, unknown>>;
      readonly mappings: Mappings;
      readonly aliases: Readonly<Record<string, unknown>>;
      readonly now: number;
    },
    disk: DiskAccess,
  ): StoredIndex {
    const { name, settings, aliases, now } = options;
    const mappings = new IndexMapping(options.mappings, mappingSettings(settings)).toJson();
    const uuid = randomBytes(16).toString("base64url");
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    syncDirectory(directory);
    const manifest = {
      name,
      uuid,
      created: now,
      settings,
      mappings,
      aliases,
      segments: [],
      nextNumber: 1,
      nextSeqNo: 0,
    };
    writeManifest(directory, manifest);
    return new StoredIndex(directory, manifest, disk);
  }

  /** Opens an index; null for a directory that a crash left before the index existed. */
  static open(directory: string, disk: DiskAccess): StoredIndex | null {
    const manifest = readManifest(directory);
    return manifest ? new StoredIndex(directory, manifest, disk) : null;
  }

  /** All segments, the oldest first. */
  get segments(): readonly Segment[] {
    return [...this.#files, ...this.#frozen, this.#memory];
  }

  /** The segment that takes new documents. */
  get memory(): MemorySegment {
    return this.#memory;
  }

  /** Segments that wait for being written as files. */
  get frozen(): readonly MemorySegment[] {
    return this.#frozen;
  }

  /** Documents that are alive. */
  get documents(): number {
    return this.segments.reduce((sum, segment) => sum + segment.documents - segment.deletedCount, 0);
  }

  /** Documents that are only in logs. */
  get unsealed(): number {
    return this.#frozen.reduce((sum, segment) => sum + segment.documents, this.#memory.documents);
  }

  /** Bytes on the disk. */
  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Where the document with an id is; null when there is none. */
  find(id: string): Found | null {
    if (this.#filter && !this.#filter.mayHave(id)) {
      return null;
    }
    const segments = this.segments;
    for (let i = segments.length - 1; i >= 0; i--) {
      const segment = segments[i] as Segment;
      const document = segment.findId(id);
      if (document >= 0) {
        return { segment, document };
      }
    }
    return null;
  }

  /** Prepares the filter that makes "this id is new" cheap. */
  prepareWrites(): void {
    if (this.#filter) {
      return;
    }
    const filter = new IdFilter(this.segments.reduce((sum, segment) => sum + segment.documents, 0));
    for (const file of this.#files) {
      const { high, low } = file.ids.all();
      for (let i = 0; i < high.length; i++) {
        filter.addHash(high[i] as number, low[i] as number);
      }
    }
    for (const segment of [...this.#frozen, this.#memory]) {
      for (const id of segment.liveIds.keys()) {
        filter.add(id);
      }
    }
    this.#filter = filter;
  }

  /** Remembers an id as one that may be there. */
  rememberId(id: string): void {
    this.#filter?.add(id);
  }

  /** Frees what only writing needs. */
  forgetFilter(): void {
    this.#filter = null;
  }

  /** Starts a new segment; the current one waits to be sealed. */
  rotate(): void {
    if (this.#memory.documents > 0 || this.#memory.log.length > 0) {
      // A full disk may refuse the new log: then the current segment goes on.
      const next = this.#newMemory();
      this.#frozen.push(this.#memory);
      this.#memory = next;
    }
  }

  /** Writes the oldest waiting segment as a file, then removes its log. */
  async sealOldest(pause: () => Promise<void>): Promise<void> {
    const segment = this.#frozen[0];
    if (!segment || this.#closed) {
      return;
    }
    const path = this.#segmentPath(segment.number);
    const analyzed = this.#analyzedColumns();
    segment.retain();
    try {
      const moved = await sealSegment(segment, path, { timeColumn: TIME, analyzed, pause });
      if (this.#closed) {
        return;
      }
      this.#install(segment, moved, path);
    } finally {
      segment.release();
    }
  }

  #install(segment: MemorySegment, moved: Uint32Array, path: string): void {
    const live = moved.some((place) => place > 0);
    if (live) {
      const file = new FileSegment(segment.number, path, this.#disk.cache);
      const { deleted } = segment;
      for (let document = 0; deleted && document < moved.length; document++) {
        if (deleted[document] === 1 && (moved[document] as number) > 0) {
          file.delete((moved[document] as number) - 1);
        }
      }
      this.#files.push(file);
    } else {
      rmSync(path, { force: true });
    }
    // The log also holds deletions in older files: they must be on the disk before it goes.
    this.#saveDeletions();
    this.#frozen = this.#frozen.filter((other) => other !== segment);
    this.saveManifest();
    rmSync(this.#logPath(segment.number), { force: true });
    segment.release();
  }

  /** Writes what was deleted in files. A replacement is on the disk before the deletion of what it replaces. */
  #saveDeletions(): void {
    if (this.#files.some((file) => file.hasUnsavedDeletions)) {
      for (const { log } of [...this.#frozen, this.#memory]) {
        log.syncNow();
      }
    }
    for (const file of this.#files) {
      file.saveDeletions();
    }
  }

  /** Merges segments in a thread of its own if there are too many of a size. Gives whether it did. */
  async merge(): Promise<boolean> {
    const chosen = this.#closed ? [] : this.#merger.choose(this.#files);
    if (chosen.length === 0) {
      return false;
    }
    const number = this.#nextNumber++;
    const path = this.#segmentPath(number);
    try {
      const target = { path, timeColumn: TIME, analyzed: [...this.#analyzedColumns()] };
      const merged = await this.#merger.run(chosen, [...this.#frozen, this.#memory], target);
      if (!this.#closed) {
        const file = new FileSegment(number, path, this.#disk.cache);
        carryDeletions(chosen, merged, file);
        this.#replace(chosen, file);
      }
    } catch (error) {
      if (!this.#closed) {
        throw error;
      }
    }
    return !this.#closed;
  }

  /** Puts a merged segment in the place of those it was made of. Before the manifest is written they count, then it. */
  #replace(chosen: readonly FileSegment[], merged: FileSegment): void {
    const before = this.#files;
    this.#files = before.flatMap((file) => (file === chosen[0] ? [merged] : chosen.includes(file) ? [] : [file]));
    try {
      this.#saveDeletions();
      if (merged.documents === 0) {
        this.#files = this.#files.filter((file) => file !== merged);
      }
      this.saveManifest();
    } catch (error) {
      // The file stays until the next opening finds that no manifest names it.
      this.#files = before;
      merged.release();
      throw error;
    }
    if (merged.documents === 0) {
      merged.remove();
    }
    for (const file of chosen) {
      file.remove();
    }
  }

  /** Ends a merge that runs. Its segments stay as they are. */
  async stopMerge(): Promise<void> {
    await this.#merger.stop();
  }

  #analyzedColumns(): Set<string> {
    return new Set(
      [...this.mapping.fields.values()].filter((field) => field.type.analyzed).map((field) => field.column),
    );
  }

  /** Writes mapping, settings, aliases and the list of segments. */
  saveManifest(): void {
    writeManifest(this.directory, {
      name: this.name,
      uuid: this.uuid,
      created: this.created,
      settings: this.settings,
      mappings: this.mapping.toJson(),
      aliases: this.aliases,
      segments: this.#files.map((file) => file.number),
      nextNumber: this.#nextNumber,
      nextSeqNo: this.nextSeqNo,
    });
  }

  /** Closes the files. What is in the log stays there for the next opening. */
  close(): void {
    if (!this.#closed) {
      this.#closed = true;
      for (const segment of this.segments) {
        segment.release();
      }
    }
  }

  /** Closes the index and removes its directory. */
  remove(): void {
    this.close();
    void this.stopMerge();
    // A merge may still be making its file.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    syncDirectory(this.directory);
  }

  #newMemory(): MemorySegment {
    const number = this.#nextNumber++;
    const segment = new MemorySegment(number, new WriteLog(this.#logPath(number), this.#disk.sync));
    syncDirectory(segment.log.path);
    return segment;
  }

  #replay(segment: MemorySegment): void {
    const { log } = segment;
    for (const { start, bytes } of readBatches(log, (tail) => log.truncate(tail))) {
      for (let at = 0; at < bytes.length; ) {
        const record = readRecord(bytes, at);
        // A first version replaces nothing, and most are first versions: no need to look for one.
        const old = record.kind === DELETE || record.version > 1 ? this.find(record.id) : null;
        old?.segment.delete(old.document);
        if (record.kind !== DELETE) {
          const read = readDocument(this.mapping, record.source.toString());
          segment.add(record.id, start + BATCH_HEADER + at, read);
        }
        this.nextSeqNo = Math.max(this.nextSeqNo, record.seqNo + 1);
        at = record.end;
      }
    }
  }

  #segmentPath(number: number): string {
    return join(this.directory, `${String(number).padStart(6, "0")}.seg`);
  }

  #logPath(number: number): string {
    return join(this.directory, `${String(number).padStart(6, "0")}.log`);
  }
}

function mappingSettings(settings: Readonly<Record<string, unknown>>): {
  ignoreMalformed: boolean;
  maxFields?: number;
} {
  const limit = Number(settings["index.mapping.total_fields.limit"]);
  return {
    ignoreMalformed: String(settings["index.mapping.ignore_malformed"]) === "true",
    ...(Number.isFinite(limit) ? { maxFields: limit } : {}),
  };
}
