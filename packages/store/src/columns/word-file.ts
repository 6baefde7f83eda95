import type { ReadCache } from "../segments/cache.ts";
import type { SectionReader, SectionWriter } from "../segments/sections.ts";
import { tokenize } from "../text/tokenize.ts";
import type { WordIndex } from "./column.ts";
import { GrowableUint32 } from "./growable.ts";
import { StringTable, writeStringTable } from "./string-table.ts";

/**
 * Writes the words of sorted strings: a table of words, and for each the ordinals that hold it, as differences.
 * Gives the number of words.
 */
export async function writeWords(
  writer: SectionWriter<unknown>,
  name: string,
  strings: readonly string[],
  pause: () => Promise<void>,
): Promise<number> {
  const numberOf = new Map<string, number>();
  const pairWords = new GrowableUint32(strings.length * 4);
  const pairOrdinals = new GrowableUint32(strings.length * 4);
  const last = new GrowableUint32(1024);
  for (let at = 0; at < strings.length; at++) {
    for (const word of tokenize(strings[at] as string)) {
      let number = numberOf.get(word);
      if (number === undefined) {
        number = numberOf.size;
        numberOf.set(word, number);
        last.push(0);
      }
      if (last.data[number] !== at + 1) {
        last.data[number] = at + 1;
        pairWords.push(number);
        pairOrdinals.push(at + 1);
      }
    }
    if (at % 1024 === 1023) {
      await pause();
    }
  }
  const words = [...numberOf.keys()].sort();
  const place = new Uint32Array(words.length);
  words.forEach((word, i) => {
    place[numberOf.get(word) as number] = i;
  });
  await pause();
  const { starts, ordinals } = groupPairs(pairWords, pairOrdinals, place);
  const index = new Uint32Array(words.length + 1);
  const bytes = Buffer.allocUnsafe(ordinals.length * 5);
  let at = 0;
  for (let word = 0; word < words.length; word++) {
    let before = 0;
    for (let i = starts[word] as number; i < (starts[word + 1] as number); i++) {
      const ordinal = ordinals[i] as number;
      at = writeVarint(bytes, at, ordinal - before);
      before = ordinal;
    }
    index[word + 1] = at;
    if (word % 8192 === 8191) {
      await pause();
    }
  }
  writeStringTable(writer, `${name}/words`, words);
  writer.add(`${name}/postings`, bytes.subarray(0, at));
  writer.add(`${name}/postingsIndex`, Buffer.from(index.buffer));
  return words.length;
}

/** Sorts (word, ordinal) pairs by word, keeping the ordinals' order, by counting. */
function groupPairs(
  pairWords: GrowableUint32,
  pairOrdinals: GrowableUint32,
  place: Uint32Array,
): { starts: Uint32Array; ordinals: Uint32Array } {
  const starts = new Uint32Array(place.length + 1);
  for (let i = 0; i < pairWords.length; i++) {
    const at = (place[pairWords.data[i] as number] as number) + 1;
    starts[at] = (starts[at] as number) + 1;
  }
  for (let i = 0; i < place.length; i++) {
    starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  }
  const next = starts.slice();
  const ordinals = new Uint32Array(pairOrdinals.length);
  for (let i = 0; i < pairWords.length; i++) {
    const word = place[pairWords.data[i] as number] as number;
    const at = next[word] as number;
    ordinals[at] = pairOrdinals.data[i] as number;
    next[word] = at + 1;
  }
  return { starts, ordinals };
}

function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest > 127) {
    bytes[end++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

/** The words of a column in a segment file. */
export class FileWords implements WordIndex {
  readonly #reader: SectionReader<unknown>;
  readonly #name: string;
  readonly #table: StringTable;

  constructor(reader: SectionReader<unknown>, cache: ReadCache, name: string, count: number) {
    this.#reader = reader;
    this.#name = name;
    this.#table = new StringTable(reader, cache, `${name}/words`, count);
  }

  find(word: string): Uint32Array {
    const place = this.#table.find(word);
    return place < 0 ? new Uint32Array(0) : this.#ordinals(place);
  }

  scan(prefix: string, visit: (word: string, ordinals: () => Uint32Array) => void): void {
    const from = this.#table.lowerBound(prefix);
    const to = prefix === "" ? this.#table.length : this.#table.lowerBound(`${prefix}\uffff`);
    this.#table.scan(from, to, (word, place) => visit(word, () => this.#ordinals(place)));
  }

  #ordinals(place: number): Uint32Array {
    const edges = this.#reader.part(`${this.#name}/postingsIndex`, place * 4, place * 4 + 8);
    const [from, to] = [edges.readUInt32LE(0), edges.readUInt32LE(4)];
    const bytes = this.#reader.part(`${this.#name}/postings`, from, to);
    const ordinals = new GrowableUint32(bytes.length);
    let value = 0;
    let shift = 0;
    let before = 0;
    for (const byte of bytes) {
      value += (byte & 127) * 2 ** shift;
      shift += 7;
      if (byte < 128) {
        before += value;
        ordinals.push(before);
        value = 0;
        shift = 0;
      }
    }
    return ordinals.data.subarray(0, ordinals.length);
  }
}
