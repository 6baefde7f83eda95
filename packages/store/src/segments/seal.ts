import type { Column, Ordinals } from "../columns/column.ts";
import type { ColumnMeta } from "../columns/file-column.ts";
import { writeNumberTable } from "../columns/number-table.ts";
import { writeStringTable } from "../columns/string-table.ts";
import { makeHashes, setHash } from "../columns/value-hashes.ts";
import { writeWords } from "../columns/word-file.ts";
import { compareValues, type Value } from "../values/value.ts";
import { edge, isAscending, makeOrdinals, ordinalWidth, toNumbers, writeHashes } from "./column-parts.ts";
import type { SegmentMeta } from "./file-segment.ts";
import { hashId, idHash } from "./id-hash.ts";
import type { MemorySegment } from "./memory-segment.ts";
import { SectionWriter } from "./sections.ts";
import { packSources, SOURCE_BLOCK, sourceRecord, writeIds } from "./sources.ts";

/** What sealing needs to know beside the segment. */
export interface SealOptions {
  /** Documents are stored in this column's order, so that a span of time is a run of documents. */
  readonly timeColumn: string;
  /** Columns whose words are indexed. */
  readonly analyzed: ReadonlySet<string>;
  /** Lets other work run; called often. */
  readonly pause: () => Promise<void>;
}

/**
 * Writes a segment as a file. Gives, by old document number, the new one plus 1, and 0 for documents that were deleted
 * and so left out.
 */
export async function sealSegment(segment: MemorySegment, path: string, options: SealOptions): Promise<Uint32Array> {
  const writer = new SectionWriter<SegmentMeta>(path);
  try {
    const order = await documentOrder(segment, options.timeColumn);
    const columns: Record<string, ColumnMeta> = Object.create(null);
    for (const name of segment.columnNames) {
      const column = segment.column(name);
      if (column) {
        const section = `c${Object.keys(columns).length}`;
        columns[name] = await writeColumn(writer, section, column, order, options, options.analyzed.has(name));
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
async function documentOrder(segment: MemorySegment, timeColumn: string): Promise<Uint32Array> {
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
  // One number holds the rank and the place of arrival, so that sorting needs no comparison of ours.
  const keys = Float64Array.from(alive, (d) => (rank[ordinals[d] as number] as number) * documents + d);
  keys.sort();
  return Uint32Array.from(keys, (key) => key % documents);
}

/** The dictionary in order, and each old ordinal's new one. */
function ranks(column: Column): { values: Value[]; newOrdinal: Uint32Array } {
  const entries: Value[] = [];
  column.scan(1, column.size, (value) => entries.push(value));
  const places = sortedPlaces(entries);
  const newOrdinal = new Uint32Array(column.size + 1);
  places.forEach((old, place) => {
    newOrdinal[old + 1] = place + 1;
  });
  return { values: Array.from(places, (old) => entries[old] as Value), newOrdinal };
}

/** Where the values of a dictionary are, in their order. */
function sortedPlaces(entries: readonly Value[]): Uint32Array {
  const places = Uint32Array.from(entries, (_, i) => i);
  let inOrder = true;
  for (let i = 1; i < entries.length && inOrder; i++) {
    inOrder = (entries[i - 1] as Value) < (entries[i] as Value);
  }
  return inOrder ? places : places.sort((a, b) => compareValues(entries[a] as Value, entries[b] as Value));
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
  const counts = new Uint32Array(size + 1);
  const { ordinals, starts } = place(column, order, newOrdinal, size, counts);
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
  writeHashes(writer, name, { dictionary, size, counted }, () => {
    const hashes = makeHashes(size);
    values.forEach((value, i) => {
      setHash(hashes, i + 1, value);
    });
    return hashes;
  });
  await options.pause();
  const analyzed = dictionary === "string" && isAnalyzed;
  const words = analyzed ? await writeWords(writer, name, values as string[], options.pause) : null;
  const [least, most] = [edge(values[0]), edge(values.at(-1))];
  return {
    section: name,
    dictionary,
    size,
    width: ordinalWidth(size),
    multi: starts !== null,
    ascending,
    counted,
    longest: column.longest,
    least,
    most,
    words,
  };
}

function place(
  column: Column,
  order: Uint32Array,
  newOrdinal: Uint32Array,
  size: number,
  counts: Uint32Array,
): { ordinals: Ordinals; starts: Uint32Array | null } {
  const old = column.ordinals;
  if (!column.starts) {
    const ordinals = makeOrdinals(size, order.length);
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
  const ordinals = makeOrdinals(size, flat.length);
  ordinals.set(flat);
  return { ordinals, starts };
}

function writeDictionary(writer: SectionWriter<SegmentMeta>, name: string, values: Value[]): ColumnMeta["dictionary"] {
  if (typeof values[0] === "string") {
    writeStringTable(writer, name, values as string[]);
    return "string";
  }
  const numbers = toNumbers(values);
  writeNumberTable(writer, name, numbers);
  return numbers instanceof BigInt64Array ? "int64" : "float64";
}

async function writeSources(
  writer: SectionWriter<SegmentMeta>,
  segment: MemorySegment,
  order: Uint32Array,
  pause: () => Promise<void>,
): Promise<void> {
  const read = segment.reader();
  const blocks: Buffer[] = [];
  const index = new Uint32Array(Math.ceil(order.length / SOURCE_BLOCK) + 1);
  const high = new Uint32Array(order.length);
  const low = new Uint32Array(order.length);
  let offset = 0;
  for (let from = 0; from < order.length; from += SOURCE_BLOCK) {
    const records: Buffer[] = [];
    for (let at = from; at < Math.min(from + SOURCE_BLOCK, order.length); at++) {
      const stored = read(order[at] as number);
      records.push(sourceRecord(stored));
      hashId(stored.id);
      high[at] = idHash.high;
      low[at] = idHash.low;
    }
    const block = packSources(records);
    blocks.push(block);
    offset += block.length;
    index[from / SOURCE_BLOCK + 1] = offset;
    await pause();
  }
  writer.add("source", blocks);
  writer.add("sourceIndex", Buffer.from(index.buffer));
  writeIds(writer, high, low);
}
