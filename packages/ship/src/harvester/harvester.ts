import { type Batch, FLAG, type Origin, ROW } from "../batch.ts";
import { groupLines, type LineGrouping } from "../lines/group-lines.ts";
import { createLineCodec, type LineCodec, needsMark, type SplitBytes } from "../lines/line-codec.ts";
import { clearLineTable, createLineTable, type LineTable } from "../lines/line-table.ts";
import { type InvalidLinePolicy, mendLines } from "../lines/mend-lines.ts";
import type { Carrier } from "./carrier.ts";
import { ANCHOR_BYTES } from "./head-print.ts";
import type { Progress } from "./progress.ts";
import type { ReadBuffers } from "./read-buffers.ts";

/** A line that is not shipped but kept with its reason. */
export interface RefusedRecord {
  readonly origin: Origin;
  readonly offset: number;
  readonly bytes: Buffer;
  /** Length of the whole line; `bytes` may hold its beginning alone. */
  readonly length: number;
  readonly reason: string;
}

export interface HarvesterOptions {
  /** Longer lines are dead-lettered. */
  readonly maxLineBytes: number;
  readonly invalidLines: InvalidLinePolicy;
  readonly encoding: string;
  /** Which lines make one record; null: each is one. */
  readonly grouping: LineGrouping | null;
  /** A record of several lines that gets no further line for so long is taken for whole, ms. */
  readonly groupTimeoutMs: number;
  readonly now: () => number;
  /** Resolves when the record is safely stored. */
  readonly refuse: (record: RefusedRecord) => Promise<void>;
}

/**
 * What one read gave: `batch` to be shipped and settled; `again` when something was passed over and more may follow;
 * `end` of what is written so far, where `againMs` says when a record that may still grow is taken for whole; `replaced` when the file no longer continues what was read (truncated, overwritten).
 */
export type ReadResult =
  | { readonly kind: "batch"; readonly batch: Batch; readonly bytes: number; readonly settle: () => void }
  | { readonly kind: "end"; readonly againMs?: number }
  | { readonly kind: "again" | "replaced" };

const EXCERPT_BYTES = 65_536;

/** The answer of `mendLines` where nothing needs mending. */
const PLAIN = { table: null, from: null, refused: [] } as const;

interface Found {
  readonly split: SplitBytes;
  /** A record that could still have grown was taken for whole. */
  readonly flushed: boolean;
  readonly againMs: number | null;
}

/** Reads one generation out of one carrier, a stretch of whole lines at a time. A half line at the end waits. */
export class Harvester {
  readonly carrier: Carrier;
  readonly progress: Progress;
  readonly #path: () => string;
  readonly #options: HarvesterOptions;
  readonly #buffers: ReadBuffers;
  readonly #table: LineTable = createLineTable();
  /** How far the line that is too long has been searched for its end; 0 when there is none. */
  #tooLongUpTo = 0;
  #codec: LineCodec | null = null;
  /** The file's size when a record that may still grow was last seen to grow, and when that was. */
  #growing = { size: -1, since: 0 };

  constructor(
    carrier: Carrier,
    progress: Progress,
    path: () => string,
    buffers: ReadBuffers,
    options: HarvesterOptions,
  ) {
    this.carrier = carrier;
    this.progress = progress;
    this.#path = path;
    this.#options = options;
    this.#buffers = buffers;
  }

  async read(): Promise<ReadResult> {
    const { progress } = this;
    const anchor = progress.anchor.length;
    let size = this.#buffers.size;
    for (;;) {
      const buffer = this.#buffers.take(size);
      const got = await this.carrier.read(buffer, buffer.length, progress.readOffset - anchor);
      if (got < anchor || !progress.continuesIn(buffer.subarray(0, got))) {
        this.#buffers.give(buffer);
        return { kind: "replaced" };
      }
      if (this.#tooLongUpTo > progress.readOffset) {
        this.#buffers.give(buffer);
        return this.#passTooLong();
      }
      this.#codec ??= await this.#openCodec();
      if (this.#codec === null) {
        this.#buffers.give(buffer);
        return { kind: "end" };
      }
      const limit = this.#limit(anchor, got);
      const view = buffer.subarray(anchor, limit);
      const atEnd = got < buffer.length;
      const found = this.#find(view, limit < got, atEnd);
      if (found.split.used > 0) return this.#finish(buffer, view.subarray(0, found.split.used), found);
      this.#buffers.give(buffer);
      if (atEnd) return found.againMs === null ? { kind: "end" } : { kind: "end", againMs: found.againMs };
      if (view.length > this.#options.maxLineBytes) {
        this.#tooLongUpTo = progress.readOffset + view.length - (view.length % this.#codec.unit);
        return this.#passTooLong();
      }
      size *= 2;
    }
  }

  /** Puts what follows the last whole line of a file that is gone for good among the dead letters. */
  async refuseRest(): Promise<void> {
    const { progress } = this;
    const from = progress.readOffset;
    const rest = Buffer.alloc(this.#buffers.size);
    const length = await this.carrier.read(rest, rest.length, from);
    if (length === 0) return;
    await this.#options.refuse({
      origin: { generation: progress.generation.id, path: this.#path() },
      offset: from,
      bytes: rest.subarray(0, length),
      length,
      reason: "the file ended in the middle of a line",
    });
    progress.advance(length, rest.subarray(0, length), rest.subarray(0, length))();
  }

  /** Finds the whole records of a stretch. One that may still grow is left until it has stood still for a while, or an edge cuts it. */
  #find(view: Buffer, edge: boolean, atEnd: boolean): Found {
    const { grouping, groupTimeoutMs, now } = this.#options;
    clearLineTable(this.#table);
    const split = (this.#codec as LineCodec).split(view, this.#table);
    if (grouping === null) return { split, flushed: false, againMs: null };
    const end = this.progress.readOffset + view.length;
    if (this.#growing.size !== end) this.#growing = { size: end, since: now() };
    const stood = now() - this.#growing.since;
    const flushed = edge || view.length > this.#options.maxLineBytes || (atEnd && stood >= groupTimeoutMs);
    const grouped = groupLines(split, this.#table, grouping, flushed);
    const waits = grouped.used === 0 && split.used > 0;
    return { split: grouped, flushed, againMs: waits ? Math.max(1, groupTimeoutMs - stood) : null };
  }

  /** Null while a file hasn't yet the two bytes that tell its encoding. */
  async #openCodec(): Promise<LineCodec | null> {
    const { encoding } = this.#options;
    const mark = Buffer.alloc(2);
    if (needsMark(encoding) && (await this.carrier.read(mark, 2, 0)) < 2) return null;
    return createLineCodec(encoding, mark);
  }

  /** A stretch never reaches over the edge of a time mark, so that each has one fallback time. */
  #limit(anchor: number, got: number): number {
    const { progress } = this;
    const mark = progress.nextMark();
    if (mark === null) return got;
    const edge = mark.from > progress.readOffset ? mark.from : mark.to;
    return Math.min(got, anchor + edge - progress.readOffset);
  }

  async #finish(buffer: Buffer, bytes: Buffer, { split, flushed }: Found): Promise<ReadResult> {
    const { progress } = this;
    const base = progress.readOffset;
    const origin: Origin = { generation: progress.generation.id, path: this.#path() };
    const decoded = split.data.buffer !== buffer.buffer;
    // From here on `bytes` may be somebody else's: only what is held is ours.
    const held = this.#buffers.keepOrCopy(buffer, bytes);
    const data = decoded ? split.data : held.data;
    const table = this.#table;
    const mended = table.odd > 0 || this.#flagTooLong() ? mendLines(data, table, this.#options) : { ...PLAIN, data };
    const lines = mended.table ?? table;
    const startOf = (index: number): number => base + (split.starts?.[index] ?? table.rows[index * ROW.width] ?? 0);
    const offsets = new Float64Array(lines.count);
    for (let index = 0; index < lines.count; index++) offsets[index] = startOf(mended.from?.[index] ?? index);
    // A record that was taken for whole must be cut at the same place after a crash, so that is written down too.
    const fallbackTime = await this.#fallbackTime(base, base + bytes.length, lines.timeless > 0 || flushed);
    for (const { index, reason } of mended.refused) {
      const row = index * ROW.width;
      const line = Buffer.from(data.subarray(table.rows[row], table.rows[row + ROW.end]));
      await this.#options.refuse({ origin, offset: startOf(index), bytes: line, length: line.length, reason });
    }
    const settleStretch = progress.advance(bytes.length, held.data, held.data);
    await progress.secureHead();
    if (mended.data !== held.data) held.done();
    const settle = (): void => {
      held.done();
      settleStretch();
    };
    const { count } = lines;
    if (count === 0) {
      settle();
      return { kind: "again" };
    }
    const rows = lines.rows.slice(0, count * ROW.width);
    const batch: Batch = { origin, data: mended.data, count, rows, offsets, fallbackTime };
    return { kind: "batch", batch, bytes: mended.data.length, settle };
  }

  /** With a limit below the read size a line can be too long and yet whole in the buffer. */
  #flagTooLong(): boolean {
    const { rows, count } = this.#table;
    const limit = this.#options.maxLineBytes;
    if (limit >= this.#buffers.size) return false;
    let found = false;
    for (let row = 0; row < count * ROW.width; row += ROW.width) {
      if ((rows[row + ROW.end] ?? 0) - (rows[row] ?? 0) <= limit) continue;
      rows[row + ROW.flags] = FLAG.odd;
      found = true;
    }
    return found;
  }

  /** The time for records without one: what the registry holds for this stretch, else now, written down first. */
  async #fallbackTime(from: number, to: number, needed: boolean): Promise<string> {
    const { progress } = this;
    const mark = progress.nextMark();
    if (mark !== null && mark.from <= from) return mark.time;
    const time = new Date(this.#options.now()).toISOString();
    if (needed) await progress.mark({ from, to, time });
    return time;
  }

  /** Looks for the end of a line that is too long, buffer by buffer, and refuses it once found. */
  async #passTooLong(): Promise<ReadResult> {
    const { progress } = this;
    const buffer = this.#buffers.take(this.#buffers.size);
    try {
      for (;;) {
        const got = await this.carrier.read(buffer, buffer.length, this.#tooLongUpTo);
        if (got === 0) return { kind: "end" };
        const { lineEnd, unit } = this.#codec as LineCodec;
        const end = lineEnd(buffer.subarray(0, got));
        if (end < 0) {
          this.#tooLongUpTo += got - (got % unit);
          if (got < unit) return { kind: "end" };
          continue;
        }
        await this.#refuseTooLong(this.#tooLongUpTo + end - progress.readOffset, unit);
        return { kind: "again" };
      }
    } finally {
      this.#buffers.give(buffer);
    }
  }

  async #refuseTooLong(length: number, unit: number): Promise<void> {
    const { progress } = this;
    const from = progress.readOffset;
    const first = Buffer.alloc(Math.min(EXCERPT_BYTES, length));
    await this.carrier.read(first, first.length, from);
    await this.#options.refuse({
      origin: { generation: progress.generation.id, path: this.#path() },
      offset: from,
      bytes: first.subarray(0, length - unit),
      length: length - unit,
      reason: `the line has ${length - unit} bytes, more than max_line_bytes (${this.#options.maxLineBytes})`,
    });
    const last = Buffer.alloc(Math.min(ANCHOR_BYTES, length));
    await this.carrier.read(last, last.length, from + length - last.length);
    this.#tooLongUpTo = 0;
    progress.advance(length, first, last)();
  }
}
