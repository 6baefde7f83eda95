import type { Ordinals } from "../columns/column.ts";
import type { ColumnMeta, FileColumn } from "../columns/file-column.ts";
import { GrowableUint32 } from "../columns/growable.ts";
import { writeNumberTable } from "../columns/number-table.ts";
import { writeStringTable } from "../columns/string-table.ts";
import { makeHashes, type ValueHashes } from "../columns/value-hashes.ts";
import { writeWords } from "../columns/word-file.ts";
import type { Value } from "../values/value.ts";
import { edge, isAscending, makeOrdinals, ordinalWidth, toNumbers, writeHashes } from "./column-parts.ts";
import type { SegmentMeta } from "./file-segment.ts";
import type { MergeOrder } from "./merge.ts";
import { MergedValues } from "./merge-values.ts";
import { mergeWords } from "./merge-words.ts";
import type { SectionWriter } from "./sections.ts";

/** Writes one column out of the same column of several segments (null where a segment has none). */
export async function mergeColumn(
  writer: SectionWriter<SegmentMeta>,
  name: string,
  parts: readonly (FileColumn | null)[],
  deleted: readonly (Uint8Array | null)[],
  order: MergeOrder,
  isAnalyzed: boolean,
): Promise<ColumnMeta | null> {
  const remap = parts.map((part, i) => (part ? usedOrdinals(part, deleted[i] ?? null) : new Uint32Array(1)));
  const indexed = parts.every((part) => part?.fileWords() !== null);
  const merged = new MergedValues(parts, remap, isAnalyzed && !indexed);
  const dictionary = writeValues(writer, name, merged);
  if (merged.size === 0) {
    return null;
  }
  const multi = parts.some((part) => part?.starts);
  const counts = new Uint32Array(merged.size + 1);
  const { ordinals, starts } = multi
    ? placeMany(parts, remap, order, counts, merged.size)
    : placeOne(parts, remap, order, counts, merged.size);
  const ascending = !multi && isAscending(ordinals);
  const counted = ascending && merged.size === order.length;
  if (!counted) {
    writer.add(`${name}/ordinals`, Buffer.from(ordinals.buffer));
    writer.add(`${name}/counts`, Buffer.from(counts.buffer));
  }
  if (starts) {
    writer.add(`${name}/starts`, Buffer.from(starts.buffer));
  }
  writeHashes(writer, name, { dictionary, size: merged.size, counted }, () => mergeHashes(parts, remap, merged.size));
  let words: number | null = null;
  if (isAnalyzed && dictionary === "string") {
    words = merged.kept
      ? await writeWords(writer, name, merged.kept, async () => undefined)
      : mergeWords(writer, name, parts, remap, merged.size);
  }
  return {
    section: name,
    dictionary,
    size: merged.size,
    width: ordinalWidth(merged.size),
    multi,
    ascending,
    counted,
    longest: merged.longest,
    least: edge(merged.first),
    most: edge(merged.last),
    words,
  };
}

/** 1 for each ordinal that a kept document has: the values of deleted documents alone go. */
function usedOrdinals(column: FileColumn, deleted: Uint8Array | null): Uint32Array {
  const used = new Uint32Array(column.size + 1);
  if (!deleted) {
    return used.fill(1, 1);
  }
  const { ordinals, starts } = column;
  for (let document = 0; document < deleted.length; document++) {
    if (deleted[document] === 1) {
      continue;
    }
    const from = starts ? (starts[document] as number) : document;
    const to = starts ? (starts[document + 1] as number) : document + 1;
    for (let at = from; at < to; at++) {
      used[ordinals[at] as number] = 1;
    }
  }
  used[0] = 0;
  return used;
}

function mergeHashes(parts: readonly (FileColumn | null)[], remap: readonly Uint32Array[], size: number): ValueHashes {
  const hashes = makeHashes(size);
  parts.forEach((part, i) => {
    const own = part?.hashes();
    for (let ordinal = 1; part && own && ordinal <= part.size; ordinal++) {
      const at = (remap[i] as Uint32Array)[ordinal] as number;
      if (at > 0) {
        hashes.high[at] = own.high[ordinal] as number;
        hashes.low[at] = own.low[ordinal] as number;
      }
    }
  });
  return hashes;
}

function writeValues(writer: SectionWriter<SegmentMeta>, name: string, merged: MergedValues): ColumnMeta["dictionary"] {
  if (merged.isString) {
    writeStringTable(writer, name, merged as Iterable<Value> as Iterable<string>);
    return "string";
  }
  const numbers = toNumbers([...merged]);
  writeNumberTable(writer, name, numbers);
  return numbers instanceof BigInt64Array ? "int64" : "float64";
}

function placeOne(
  parts: readonly (FileColumn | null)[],
  remap: readonly Uint32Array[],
  order: MergeOrder,
  counts: Uint32Array,
  size: number,
): { ordinals: Ordinals; starts: null } {
  const ordinals = makeOrdinals(size, order.length);
  const old = parts.map((part) => part?.ordinals ?? null);
  for (let at = 0; at < order.length; at++) {
    const i = order.input[at] as number;
    const own = old[i];
    const ordinal = own ? ((remap[i] as Uint32Array)[own[order.document[at] as number] as number] as number) : 0;
    ordinals[at] = ordinal;
    counts[ordinal] = (counts[ordinal] as number) + 1;
  }
  return { ordinals, starts: null };
}

function placeMany(
  parts: readonly (FileColumn | null)[],
  remap: readonly Uint32Array[],
  order: MergeOrder,
  counts: Uint32Array,
  size: number,
): { ordinals: Ordinals; starts: Uint32Array } {
  const starts = new Uint32Array(order.length + 1);
  const flat = new GrowableUint32(order.length * 2);
  const old = parts.map((part) => (part ? { ordinals: part.ordinals, starts: part.starts } : null));
  for (let at = 0; at < order.length; at++) {
    const i = order.input[at] as number;
    const own = old[i];
    const document = order.document[at] as number;
    const begin = flat.length;
    if (own) {
      const from = own.starts ? (own.starts[document] as number) : document;
      const to = own.starts ? (own.starts[document + 1] as number) : document + 1;
      // Ordinals of a document ascend, and stay so: the dictionaries keep their order.
      for (let place = from; place < to; place++) {
        const ordinal = (remap[i] as Uint32Array)[own.ordinals[place] as number] as number;
        if (ordinal > 0) {
          const again = flat.length > begin && flat.data[flat.length - 1] === ordinal;
          counts[ordinal] = (counts[ordinal] as number) + (again ? 0 : 1);
          flat.push(ordinal);
        }
      }
    }
    starts[at + 1] = flat.length;
    counts[0] = (counts[0] as number) + (flat.length === begin ? 1 : 0);
  }
  const ordinals = makeOrdinals(size, flat.length);
  ordinals.set(flat.data.subarray(0, flat.length));
  return { ordinals, starts };
}
