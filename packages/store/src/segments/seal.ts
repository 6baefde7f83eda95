import { crc32, zstdCompressSync } from "node:zlib";
import type { Column, Ordinals } from "../columns/column.ts";
import type { ColumnMeta } from "../columns/file-column.ts";
import { writeNumberTable } from "../columns/number-table.ts";
import { writeStringTable } from "../columns/string-table.ts";
import { writeWords } from "../columns/word-file.ts";
import { compareValues, type Value } from "../values/value.ts";
import { type SegmentMeta, SOURCE_BLOCK } from "./file-segment.ts";
import { hashId, idHash } from "./id-hash.ts";
import { recordSize, writeRecord } from "./record.ts";
import { SectionWriter } from "./sections.ts";
import type { Segment } from "./segment.ts";

/** What sealing needs to know beside the segment. */
export interface SealOptions {
  /** Documents are stored in this column's order, so that a span of time is a run of documents. */
  readonly timeColumn: string;
  readonly analyzed: (column: string) => boolean;
  /** Lets other work run; called often. */
  readonly pause: () => Promise<void>;
}

/**
 * Writes a segment as a file. Gives, by old document number, the new one plus 1, and 0 for documents that were deleted
 * and so left out.
 */
export async function sealSegment(segment: Segment, path: string, options: SealOptions): Promise<Uint32Array> {
  const writer = new SectionWriter<SegmentMeta>(path);
  try {
    const order = await documentOrder(segment, options.timeColumn);
    const columns: Record<string, ColumnMeta> = Object.create(null);
    for (const name of segment.columnNames) {
      const column = segment.column(name);
      if (column) {
        const section = `c${Object.keys(columns).length}`;
        columns[name] = await writeColumn(writer, section, column, order, options, options.analyzed(name));
      }
    }
    await writeSources(writer, segment, order, options.pause);
    writer.finish({ documents: order.length, columns });
    const moved = new Uint32Array(segment.documents);
    order.forEach((old, at) => {
      moved[old] = at + 1;
    });
    return moved;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** The documents that are alive, by time, then by arrival. */
async function documentOrder(segment: Segment, timeColumn: string): Promise<Uint32Array> {
  const { deleted, documents } = segment;
  const alive = new Uint32Array(documents - segment.deletedCount);
  let count = 0;
  for (let document = 0; document < documents && count < alive.length; document++) {
    if (deleted?.[document] !== 1) {
      alive[count++] = document;
    }
  }
  const time = segment.column(timeColumn);
  if (!time || time.starts) {
    return alive;
  }
  const rank = ranks(time).newOrdinal;
  const { ordinals } = time;
  return alive.sort(
    (a, b) => (rank[ordinals[a] as number] as number) - (rank[ordinals[b] as number] as number) || a - b,
  );
}

/** The dictionary in order, and each old ordinal's new one. */
function ranks(column: Column): { values: Value[]; newOrdinal: Uint32Array } {
  const entries: Value[] = [];
  column.scan(1, column.size, (value) => entries.push(value));
  const places = Uint32Array.from(entries, (_, i) => i);
  places.sort((a, b) => compareValues(entries[a] as Value, entries[b] as Value));
  const newOrdinal = new Uint32Array(column.size + 1);
  places.forEach((old, place) => {
    newOrdinal[old + 1] = place + 1;
  });
  return { values: Array.from(places, (old) => entries[old] as Value), newOrdinal };
}

async function writeColumn(
  writer: SectionWriter<SegmentMeta>,
  name: string,
  column: Column,
  order: Uint32Array,
  options: SealOptions,
  isAnalyzed: boolean,
): Promise<ColumnMeta> {
  const { values, newOrdinal } = ranks(column);
  await options.pause();
  const size = values.length;
  const width = size < 256 ? 1 : size < 65_536 ? 2 : 4;
  const counts = new Uint32Array(size + 1);
  const { ordinals, starts } = place(column, order, newOrdinal, width, counts);
  const ascending = starts === null && isAscending(ordinals);
  const counted = ascending && size === order.length;
  if (!counted) {
    writer.add(`${name}/ordinals`, Buffer.from(ordinals.buffer));
    writer.add(`${name}/counts`, Buffer.from(counts.buffer));
  }
  if (starts) {
    writer.add(`${name}/starts`, Buffer.from(starts.buffer));
  }
  await options.pause();
  const dictionary = writeDictionary(writer, name, values);
  await options.pause();
  const analyzed = dictionary === "string" && isAnalyzed;
  const words = analyzed ? await writeWords(writer, name, values as string[], options.pause) : null;
  const [least, most] = [edge(values[0]), edge(values.at(-1))];
  return {
    section: name,
    dictionary,
    size,
    width,
    multi: starts !== null,
    ascending,
    counted,
    longest: column.longest,
    least,
    most,
    words,
  };
}

function edge(value: Value | undefined): number | string | null {
  return typeof value === "bigint" ? String(value) : typeof value === "number" ? value : null;
}

function isAscending(ordinals: Ordinals): boolean {
  for (let i = 1; i < ordinals.length; i++) {
    if ((ordinals[i] as number) < (ordinals[i - 1] as number)) {
      return false;
    }
  }
  return ordinals.length > 0 && ordinals[0] !== 0;
}

function place(
  column: Column,
  order: Uint32Array,
  newOrdinal: Uint32Array,
  width: 1 | 2 | 4,
  counts: Uint32Array,
): { ordinals: Ordinals; starts: Uint32Array | null } {
  const make = (length: number): Ordinals =>
    width === 1 ? new Uint8Array(length) : width === 2 ? new Uint16Array(length) : new Uint32Array(length);
  const old = column.ordinals;
  if (!column.starts) {
    const ordinals = make(order.length);
    for (let i = 0; i < order.length; i++) {
      const ordinal = newOrdinal[old[order[i] as number] as number] as number;
      ordinals[i] = ordinal;
      counts[ordinal] = (counts[ordinal] as number) + 1;
    }
    return { ordinals, starts: null };
  }
  const starts = new Uint32Array(order.length + 1);
  const flat: number[] = [];
  for (let i = 0; i < order.length; i++) {
    const document = order[i] as number;
    const own: number[] = [];
    for (let at = column.starts[document] as number; at < (column.starts[document + 1] as number); at++) {
      own.push(newOrdinal[old[at] as number] as number);
    }
    own.sort((a, b) => a - b);
    own.forEach((ordinal, at) => {
      flat.push(ordinal);
      counts[ordinal] = (counts[ordinal] as number) + (own[at - 1] === ordinal ? 0 : 1);
    });
    counts[0] = (counts[0] as number) + (own.length === 0 ? 1 : 0);
    starts[i + 1] = flat.length;
  }
  const ordinals = make(flat.length);
  ordinals.set(flat);
  return { ordinals, starts };
}

function writeDictionary(writer: SectionWriter<SegmentMeta>, name: string, values: Value[]): ColumnMeta["dictionary"] {
  if (typeof values[0] === "string") {
    writeStringTable(writer, name, values as string[]);
    return "string";
  }
  const integers = values.some((value) => typeof value === "bigint");
  const numbers = integers
    ? BigInt64Array.from(values as (number | bigint)[], (value) => BigInt(value))
    : Float64Array.from(values as number[]);
  writeNumberTable(writer, name, numbers);
  return integers ? "int64" : "float64";
}

async function writeSources(
  writer: SectionWriter<SegmentMeta>,
  segment: Segment,
  order: Uint32Array,
  pause: () => Promise<void>,
): Promise<void> {
  const blocks: Buffer[] = [];
  const index = new Uint32Array(Math.ceil(order.length / SOURCE_BLOCK) + 1);
  const high = new Uint32Array(order.length);
  const low = new Uint32Array(order.length);
  let offset = 0;
  for (let from = 0; from < order.length; from += SOURCE_BLOCK) {
    const records: Buffer[] = [];
    for (let at = from; at < Math.min(from + SOURCE_BLOCK, order.length); at++) {
      const { id, source, seqNo, version } = segment.read(order[at] as number);
      const record = Buffer.allocUnsafe(recordSize(Buffer.byteLength(id), source.length));
      source.copy(record, writeRecord(record, 0, { kind: 1, id, sourceBytes: source.length, seqNo, version }));
      records.push(record);
      hashId(id);
      high[at] = idHash.high;
      low[at] = idHash.low;
    }
    const packed = zstdCompressSync(Buffer.concat(records));
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(crc32(packed));
    blocks.push(crc, packed);
    offset += packed.length + 4;
    index[from / SOURCE_BLOCK + 1] = offset;
    await pause();
  }
  writer.add("source", blocks);
  writer.add("sourceIndex", Buffer.from(index.buffer));
  const byHash = Uint32Array.from(high, (_, i) => i).sort((a, b) => (high[a] as number) - (high[b] as number));
  writer.add("idHigh", Buffer.from(Uint32Array.from(byHash, (i) => high[i] as number).buffer));
  writer.add("idLow", Buffer.from(Uint32Array.from(byHash, (i) => low[i] as number).buffer));
  writer.add("idDocument", Buffer.from(byHash.buffer));
}
