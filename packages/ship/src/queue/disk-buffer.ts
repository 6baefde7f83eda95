import { mkdir, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import type { Batch } from "../batch.ts";
import { packBatch, unpackBatch } from "./packed-batch.ts";
import { readPiece, SegmentWriter } from "./segment-file.ts";

export interface DiskBufferOptions {
  readonly directory: string;
  /** A segment is finished after so many bytes. */
  readonly segmentBytes: number;
  /** The disk is full (the reason), or takes batches again (null). */
  readonly trouble: (reason: string | null) => void;
}

/** A batch out of the buffer; `done` is called when it's delivered. */
export interface TakenBatch {
  readonly batch: Batch;
  readonly done: () => void;
}

/** A file of the buffer; it goes when all of it has been taken and delivered. */
interface Segment {
  readonly file: string;
  bytes: number;
  /** Taken and not delivered. */
  out: number;
  /** Nothing more is to be taken from it. */
  taken: boolean;
}

const RETRY_MS = 500;

/**
 * Batches on disk, in order. What was appended survives the process; what wasn't yet delivered of a segment when it ended
 * is given out again, so the sink sees it at least once.
 */
export class DiskBuffer {
  readonly #options: DiskBufferOptions;
  #segments: Segment[] = [];
  #writer: SegmentWriter | null = null;
  #number = 0;
  #position = 0;
  #waiting: { readonly piece: Buffer; readonly resolve: () => void }[] = [];
  #writing: Promise<void> | null = null;
  #closed = false;

  constructor(options: DiskBufferOptions) {
    this.#options = options;
  }

  /** Finds what an earlier run left. */
  async open(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true });
    for (const name of (await readdir(directory)).filter((entry) => /^\d{12}\.batches$/.test(entry)).sort()) {
      const file = join(directory, name);
      this.#segments.push({ file, bytes: (await stat(file)).size, out: 0, taken: false });
      this.#number = Number(name.slice(0, 12)) + 1;
    }
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** True when nothing is left to be taken. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#segments.every(({ taken }) => taken);
  }

  /** Adds a batch and resolves when it's on disk, however long the disk is full. Never resolves once closed. */
  append(batch: Batch): Promise<void> {
    const stored = new Promise<void>((resolve) => this.#waiting.push({ piece: packBatch(batch), resolve }));
    this.#writing ??= this.#write();
    return stored;
  }

  /** The next batch, or null when there is none just now. One caller at a time. */
  async take(): Promise<TakenBatch | null> {
    for (;;) {
      const segment = this.#segments.find(({ taken }) => !taken);
      if (segment === undefined) return null;
      const live = segment.file === this.#writer?.file;
      const found = live && this.#position >= segment.bytes ? null : await readPiece(segment.file, this.#position);
      if (found !== null) {
        this.#position = found.next;
        segment.out += 1;
        return { batch: unpackBatch(found.piece), done: () => this.#done(segment) };
      }
      // The one being written grows just now; otherwise the next append begins another.
      if (live && (segment.bytes === 0 || this.#writing !== null)) return null;
      await this.#finish(segment, live);
    }
  }

  /** Finishes the write under way. What is on disk stays for the next run. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#writer?.close();
    this.#writer = null;
  }

  async #finish(segment: Segment, live: boolean): Promise<void> {
    if (live) {
      const writer = this.#writer;
      this.#writer = null;
      await writer?.close();
    }
    segment.taken = true;
    this.#position = 0;
    this.#removeWhenDone(segment);
  }

  #done(segment: Segment): void {
    segment.out -= 1;
    this.#removeWhenDone(segment);
  }

  #removeWhenDone(segment: Segment): void {
    if (!segment.taken || segment.out > 0) return;
    this.#segments = this.#segments.filter((other) => other !== segment);
    // A file that can't be removed is given out again by the next run, which does no harm.
    unlink(segment.file).catch(() => undefined);
  }

  /** Writes what has gathered with one sync, again and again until nothing waits. */
  async #write(): Promise<void> {
    let full = false;
    while (this.#waiting.length > 0 && !this.#closed) {
      const batch = this.#waiting.slice();
      try {
        const segment = await this.#openSegment();
        await this.#writer?.append(batch.map(({ piece }) => piece));
        segment.bytes = this.#writer?.length ?? 0;
      } catch (error) {
        full = true;
        this.#options.trouble(describeSystemError(error));
        await this.#leaveSegment();
        await delay(RETRY_MS);
        continue;
      }
      if (full) this.#options.trouble(null);
      full = false;
      this.#waiting = this.#waiting.slice(batch.length);
      for (const { resolve } of batch) resolve();
    }
    // Here, not in a callback of the promise: who was just told may append before that runs.
    this.#writing = null;
  }

  /** Lets go of the segment that couldn't be written on, so that it can be delivered and removed: that makes room. */
  async #leaveSegment(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.close().catch(() => undefined);
    const last = this.#segments.at(-1);
    if (last === undefined || last.bytes > 0 || last.out > 0) return;
    this.#segments.pop();
    await unlink(last.file).catch(() => undefined);
  }

  async #openSegment(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.file === this.#writer?.file && last.bytes < this.#options.segmentBytes) return last;
    const file = join(this.#options.directory, `${String(this.#number).padStart(12, "0")}.batches`);
    const writer = await SegmentWriter.create(file);
    await this.#writer?.close();
    this.#writer = writer;
    this.#number += 1;
    const segment: Segment = { file, bytes: 0, out: 0, taken: false };
    this.#segments.push(segment);
    return segment;
  }
}
