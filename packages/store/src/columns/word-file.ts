import type { ReadCache } from "../segments/cache.ts";
import { DamagedFileError, type SectionReader, type SectionWriter } from "../segments/sections.ts";
import type { Postings, WordIndex } from "./column.ts";
import { GrowableUint32 } from "./growable.ts";
import { FilePostings, LIST_HEAD, PLACE_MORE, packPosting, placeByte, placesAt, type StoredList } from "./postings.ts";
import { PostingsWriter } from "./postings-writer.ts";
import { StringTable, writeStringTable } from "./string-table.ts";
import { WordTable } from "./word-table.ts";

/** Bytes of postings that are read at once when all are. */
const WINDOW = 1 << 18;
/** A list of up to so many bytes is read in one go. */
const AT_ONCE = 1 << 12;

/**
 * Writes the words of sorted strings: a table of words, and for each the ordinals that hold it and its place there.
 * Gives the number of words.
 */
export async function writeWords(
  writer: SectionWriter<unknown>,
  name: string,
  strings: readonly string[],
  pause: () => Promise<void>,
): Promise<number> {
  const table = new WordTable();
  const pairWords = new GrowableUint32(strings.length * 4);
  const pairs = new GrowableUint32(strings.length * 4);
  // By word: the last value that had it, and the pair made for it.
  const last = new GrowableUint32(1024);
  const lastPair = new GrowableUint32(1024);
  let ordinal = 0;
  const visit = (word: number, place: number): void => {
    if (word === last.length) {
      last.push(0);
      lastPair.push(0);
    }
    if (last.data[word] !== ordinal) {
      last.data[word] = ordinal;
      lastPair.data[word] = pairs.length;
      pairWords.push(word);
      pairs.push(packPosting(ordinal, placeByte(place)));
    } else {
      const pair = lastPair.data[word] as number;
      pairs.data[pair] = (pairs.data[pair] as number) | PLACE_MORE;
    }
  };
  for (const text of strings) {
    ordinal += 1;
    table.each(text, visit);
    if (ordinal % 512 === 0) {
      await pause();
    }
  }
  const found = table.words();
  const byWord = Uint32Array.from(found, (_, i) => i).sort((a, b) =>
    (found[a] as string) < (found[b] as string) ? -1 : 1,
  );
  const words = Array.from(byWord, (number) => found[number] as string);
  const place = new Uint32Array(words.length);
  byWord.forEach((number, i) => {
    place[number] = i;
  });
  await pause();
  const { starts, grouped } = groupPairs(pairWords, pairs, place);
  const postings = new PostingsWriter(strings.length);
  const parts: (Buffer | null)[] = [];
  for (let word = 0; word < words.length; word++) {
    parts.push(postings.add(grouped.subarray(starts[word] as number, starts[word + 1] as number)));
    if (word % 4096 === 4095) {
      await pause();
    }
  }
  parts.push(postings.take());
  writeStringTable(writer, `${name}/words`, words);
  writer.add(
    `${name}/postings`,
    parts.filter((part) => part !== null),
  );
  writer.add(`${name}/postingsIndex`, postings.index());
  return words.length;
}

/** Sorts (word, posting) pairs by word, keeping the postings' order, by counting. */
function groupPairs(
  pairWords: GrowableUint32,
  pairs: GrowableUint32,
  place: Uint32Array,
): { starts: Uint32Array; grouped: Uint32Array } {
  const starts = new Uint32Array(place.length + 1);
  for (let i = 0; i < pairWords.length; i++) {
    const at = (place[pairWords.data[i] as number] as number) + 1;
    starts[at] = (starts[at] as number) + 1;
  }
  for (let i = 0; i < place.length; i++) {
    starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  }
  const next = starts.slice();
  const grouped = new Uint32Array(pairs.length);
  for (let i = 0; i < pairWords.length; i++) {
    const word = place[pairWords.data[i] as number] as number;
    const at = next[word] as number;
    grouped[at] = pairs.data[i] as number;
    next[word] = at + 1;
  }
  return { starts, grouped };
}

/** The words of a column in a segment file. */
export class FileWords implements WordIndex {
  readonly #reader: SectionReader<unknown>;
  readonly #name: string;
  readonly #table: StringTable;
  readonly #values: number;
  readonly #damaged: () => Error;

  constructor(
    reader: SectionReader<unknown>,
    cache: ReadCache,
    name: string,
    { words, values }: { readonly words: number; readonly values: number },
  ) {
    this.#reader = reader;
    this.#name = name;
    this.#table = new StringTable(reader, cache, `${name}/words`, words);
    this.#values = values;
    this.#damaged = () => new DamagedFileError(reader.path, `the places of a word in ${name} have a wrong checksum`);
  }

  find(word: string): Postings | null {
    const place = this.#table.find(word);
    return place < 0 ? null : this.#postings(place);
  }

  scan(prefix: string, visit: (word: string, postings: () => Postings) => void): void {
    const from = this.#table.lowerBound(prefix);
    const to = prefix === "" ? this.#table.length : this.#table.lowerBound(`${prefix}\uffff`);
    this.#table.scan(from, to, (word, place) => visit(word, () => this.#postings(place)));
  }

  /** All words, in order, without filling the cache. */
  words(): Generator<string> {
    return this.#table.strings();
  }

  /** Reads the postings of words in their order, from a window that moves over the file. */
  walk(): (place: number) => Postings {
    const index = this.#reader.section(`${this.#name}/postingsIndex`);
    const edge = (place: number): number => index.readUInt32LE(place * 4);
    let window: Buffer = Buffer.alloc(0);
    let start = 0;
    const most = edge(index.length / 4 - 1);
    return (place) => {
      const [from, to] = [edge(place), edge(place + 1)];
      if (to > start + window.length) {
        start = from;
        window = this.#reader.part(`${this.#name}/postings`, from, Math.min(most, Math.max(to, from + WINDOW)));
      }
      return this.#list({ bytes: window, from: from - start, to: to - start });
    };
  }

  #postings(place: number): Postings {
    const edges = this.#reader.part(`${this.#name}/postingsIndex`, place * 4, place * 4 + 8);
    const [from, to] = [edges.readUInt32LE(0), edges.readUInt32LE(4)];
    const read = (a: number, b: number): Buffer => this.#reader.part(`${this.#name}/postings`, from + a, from + b);
    const length = to - from;
    if (length <= AT_ONCE) {
      return this.#list({ bytes: read(0, length), from: 0, to: length });
    }
    const end = placesAt(read(0, LIST_HEAD), length);
    return this.#list({ bytes: read(0, end), from: 0, to: end, readPlaces: () => read(end, length) });
  }

  #list(list: StoredList): Postings {
    return new FilePostings(list, this.#values, this.#damaged);
  }
}
