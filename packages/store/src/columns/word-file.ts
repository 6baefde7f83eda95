import type { ReadCache } from "../segments/cache.ts";
import { DamagedFileError, type SectionReader, type SectionWriter } from "../segments/sections.ts";
import type { Postings, WordIndex } from "./column.ts";
import { GrowableUint32 } from "./growable.ts";
import { PLACE_MORE, PostingsWriter, packPosting, placeByte, readPostings } from "./postings.ts";
import { StringTable, writeStringTable } from "./string-table.ts";
import { WordTable } from "./word-table.ts";

/** Bytes of postings that are read at once when all are. */
const WINDOW = 1 << 18;

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
  const postings = new PostingsWriter();
  for (let word = 0; word < words.length; word++) {
    postings.add(grouped.subarray(starts[word] as number, starts[word + 1] as number));
    if (word % 4096 === 4095) {
      await pause();
    }
  }
  writeStringTable(writer, `${name}/words`, words);
  postings.finish(writer, name);
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
  readonly #cache: ReadCache;
  readonly #name: string;
  readonly #table: StringTable;

  constructor(reader: SectionReader<unknown>, cache: ReadCache, name: string, count: number) {
    this.#reader = reader;
    this.#cache = cache;
    this.#name = name;
    this.#table = new StringTable(reader, cache, `${name}/words`, count);
  }

  find(word: string): Postings {
    const place = this.#table.find(word);
    return place < 0 ? { ordinals: new Uint32Array(0), places: new Uint8Array(0) } : this.#postings(place);
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
      return this.#checked(readPostings(window, from - start, to - start));
    };
  }

  #postings(place: number): Postings {
    const edges = this.#reader.part(`${this.#name}/postingsIndex`, place * 4, place * 4 + 8);
    const [from, to] = [edges.readUInt32LE(0), edges.readUInt32LE(4)];
    if (to - from > 1 << 14) {
      return this.#cache.get(`${this.#reader.path}:${this.#name}/postings/${place}`, () => {
        const value = this.#decode(from, to);
        return { value, bytes: value.ordinals.length * 5 };
      });
    }
    return this.#decode(from, to);
  }

  #decode(from: number, to: number): Postings {
    const bytes = this.#reader.part(`${this.#name}/postings`, from, to);
    return this.#checked(readPostings(bytes, 0, bytes.length));
  }

  #checked(postings: Postings | null): Postings {
    if (!postings) {
      throw new DamagedFileError(this.#reader.path, `the places of a word in ${this.#name} have a wrong checksum`);
    }
    return postings;
  }
}
