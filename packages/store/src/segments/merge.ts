import type { ColumnMeta } from "../columns/file-column.ts";
import { ReadCache } from "./cache.ts";
import { FileSegment, type SegmentMeta } from "./file-segment.ts";
import { mergeColumn } from "./merge-columns.ts";
import { mergeSources } from "./merge-sources.ts";
import { SectionWriter } from "./sections.ts";

/** A segment to be merged, and the deletions to leave out. */
export interface MergeInput {
  readonly path: string;
  /** 1 for each document that is left out; null when all are kept. */
  readonly deleted: Uint8Array | null;
}

/** What to merge, and into which file. */
export interface MergeRequest {
  readonly inputs: readonly MergeInput[];
  readonly path: string;
  /** The column by which documents are laid out. */
  readonly timeColumn: string;
  /** Columns whose words are indexed. */
  readonly analyzed: readonly string[];
}

/** The documents of the new segment: which input each comes from, and its number there. */
export interface MergeOrder {
  readonly length: number;
  readonly input: Uint8Array;
  readonly document: Uint32Array;
}

/**
 * Writes several segments as one. Values, words and sources are read and written as streams, so memory is a few bytes
 * a document. Gives, for each input and old document number, the new one plus 1, and 0 for what was left out.
 */
export async function mergeSegments(request: MergeRequest): Promise<Uint32Array<ArrayBuffer>[]> {
  const cache = new ReadCache(16 << 20);
  const segments: FileSegment[] = [];
  try {
    for (const { path } of request.inputs) {
      segments.push(new FileSegment(segments.length, path, cache));
    }
    const deleted = request.inputs.map((input) => input.deleted);
    const order = mergeOrder(segments, deleted, request.timeColumn);
    const writer = new SectionWriter<SegmentMeta>(request.path);
    try {
      const names = new Set(segments.flatMap((segment) => [...segment.columnNames]));
      const columns: Record<string, ColumnMeta> = Object.create(null);
      for (const [number, name] of [...names].entries()) {
        const parts = segments.map((segment) => segment.column(name));
        const meta = await mergeColumn(writer, `c${number}`, parts, deleted, order, request.analyzed.includes(name));
        if (meta) {
          columns[name] = meta;
        }
      }
      const moved = segments.map((segment) => new Uint32Array(segment.documents));
      for (let at = 0; at < order.length; at++) {
        (moved[order.input[at] as number] as Uint32Array)[order.document[at] as number] = at + 1;
      }
      mergeSources(writer, segments, order, moved);
      writer.finish({ documents: order.length, columns });
      return moved;
    } catch (error) {
      writer.abandon();
      throw error;
    }
  } finally {
    for (const segment of segments) {
      segment.release();
    }
  }
}

/** The documents that are kept, by time; those of one time in the order of the segments. */
function mergeOrder(
  segments: readonly FileSegment[],
  deleted: readonly (Uint8Array | null)[],
  timeColumn: string,
): MergeOrder {
  const times = segments.map((segment) => documentTimes(segment, timeColumn));
  const total = segments.reduce((sum, segment) => sum + segment.documents, 0);
  const input = new Uint8Array(total);
  const document = new Uint32Array(total);
  const next = segments.map(() => 0);
  let length = 0;
  for (;;) {
    // The segment whose next document is the oldest goes on until another one's is older.
    let first = -1;
    let least = Infinity;
    let second = Infinity;
    for (let i = 0; i < segments.length; i++) {
      if ((next[i] as number) < (segments[i] as FileSegment).documents) {
        const time = times[i]?.[next[i] as number] ?? -Infinity;
        if (first < 0 || time < least) {
          second = least;
          least = time;
          first = i;
        } else if (time < second) {
          second = time;
        }
      }
    }
    if (first < 0) {
      return { length, input, document };
    }
    const own = times[first] ?? null;
    const mask = deleted[first];
    const end = (segments[first] as FileSegment).documents;
    let at = next[first] as number;
    do {
      if (mask?.[at] !== 1) {
        input[length] = first;
        document[length++] = at;
      }
      at += 1;
    } while (at < end && (own === null || (own[at] as number) < second));
    next[first] = at;
  }
}

/** The time of each document, as far as it orders them; null when the segment has none, or several in a document. */
function documentTimes(segment: FileSegment, name: string): Float64Array | null {
  const column = segment.column(name);
  if (!column || column.starts || column.size === 0) {
    return null;
  }
  const values = new Float64Array(column.size + 1).fill(-Infinity, 0, 1);
  let ordinal = 1;
  for (const value of column.values()) {
    if (typeof value === "string") {
      return null;
    }
    values[ordinal++] = Number(value);
  }
  const { ordinals } = column;
  const times = new Float64Array(segment.documents);
  for (let i = 0; i < times.length; i++) {
    times[i] = values[ordinals[i] as number] as number;
  }
  return times;
}
