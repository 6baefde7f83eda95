/** Where records come from: one incarnation of a file, or one run of another input. */
export interface Origin {
  /** 128 random bits as 32 hexadecimal digits. */
  readonly generation: string;
  /** The file's path when it was read, or the input's name. */
  readonly path: string;
}

/** Columns of a record's row in `Batch.rows`; positions count from the start of `Batch.data`. */
export const ROW = {
  start: 0,
  end: 1,
  /** The text of the event's time without its quotes; `timeStart === timeEnd` when the record has none. */
  timeStart: 2,
  timeEnd: 3,
  /** See `FLAG`. */
  flags: 4,
  width: 5,
} as const;

/** What a record's `flags` column can say. */
export const FLAG = {
  /** The record carries its own `@timestamp`, so none is added. */
  ownTimestamp: 1,
  /** The line isn't a plain JSON object in valid UTF-8 and must be mended before it goes on. */
  odd: 2,
} as const;

/**
 * Records that travel together from one origin to a sink. Each record is one JSON object in UTF-8 without line breaks,
 * as bytes of `data`: nothing parses it unless a processor asks.
 */
export interface Batch {
  readonly origin: Origin;
  readonly data: Buffer;
  readonly count: number;
  /** `count` rows of `ROW.width` numbers. */
  readonly rows: Uint32Array;
  /** Offset of each record's first byte within its generation: with it, the record's identity. */
  readonly offsets: Float64Array;
  /** `@timestamp` of records without a time of their own: fixed when they were first read, so that a resend gives the same. */
  readonly fallbackTime: string;
}

/** The bytes of record `index`, shared with the batch. */
export function recordBytes(batch: Batch, index: number): Buffer {
  const row = index * ROW.width;
  return batch.data.subarray(batch.rows[row + ROW.start], batch.rows[row + ROW.end]);
}

/** The event's time of record `index` as text: its own, else the batch's. */
export function recordTime(batch: Batch, index: number): string {
  const row = index * ROW.width;
  const start = batch.rows[row + ROW.timeStart] ?? 0;
  const end = batch.rows[row + ROW.timeEnd] ?? 0;
  return start === end ? batch.fallbackTime : batch.data.toString("latin1", start, end);
}

/** The batch in parts of at most `size` records; they share its bytes. */
export function sliceBatch(batch: Batch, size: number): readonly Batch[] {
  if (batch.count <= size) return [batch];
  const parts: Batch[] = [];
  for (let from = 0; from < batch.count; from += size) {
    const count = Math.min(size, batch.count - from);
    parts.push({
      ...batch,
      count,
      rows: batch.rows.subarray(from * ROW.width, (from + count) * ROW.width),
      offsets: batch.offsets.subarray(from, from + count),
    });
  }
  return parts;
}
