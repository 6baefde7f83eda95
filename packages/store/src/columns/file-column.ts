import type { ReadCache } from "../segments/cache.ts";
import type { SectionReader } from "../segments/sections.ts";
import { tokenize } from "../text/tokenize.ts";
import { canonicalInteger, compareValues, type Value } from "../values/value.ts";
import type { Column, Ordinals, WordIndex } from "./column.ts";
import { countedOrdinals } from "./counted.ts";
import { NumberTable } from "./number-table.ts";
import { memoryWords } from "./postings.ts";
import { StringTable } from "./string-table.ts";
import { makeHashes, setHash, type ValueHashes } from "./value-hashes.ts";
import { FileWords } from "./word-file.ts";

/** What a segment file says of a column. */
export interface ColumnMeta {
  /** What the names of the column's sections begin with. Not the field's name: that is the sender's choice. */
  readonly section: string;
  readonly dictionary: "string" | "float64" | "int64";
  readonly size: number;
  /** Bytes of an ordinal: 1, 2 or 4. */
  readonly width: 1 | 2 | 4;
  readonly multi: boolean;
  readonly ascending: boolean;
  readonly longest: number;
  /** The first and last number; 64-bit integers as text. Null for strings. */
  readonly least: number | string | null;
  readonly most: number | string | null;
  /** Whether ordinals count 1, 2, 3 … by document: then they are not stored. */
  readonly counted: boolean;
  /** How many words are indexed; null when the column was not analyzed. */
  readonly words: number | null;
}

/** A column of a segment file. Its parts are read when they are asked for. */
export class FileColumn implements Column {
  readonly size: number;
  readonly sorted = true;
  readonly ascending: boolean;
  readonly longest: number;
  readonly #reader: SectionReader<unknown>;
  readonly #cache: ReadCache;
  readonly #name: string;
  readonly #meta: ColumnMeta;
  readonly #strings: StringTable | null;
  readonly #numbers: NumberTable;

  constructor(reader: SectionReader<unknown>, cache: ReadCache, meta: ColumnMeta) {
    this.#reader = reader;
    this.#cache = cache;
    this.#name = meta.section;
    this.#meta = meta;
    this.size = meta.size;
    this.longest = meta.longest;
    this.ascending = meta.ascending;
    this.#numbers = new NumberTable(reader, cache, meta.section, meta.size, meta.dictionary === "int64");
    this.#strings = meta.dictionary === "string" ? new StringTable(reader, cache, meta.section, meta.size) : null;
  }

  get ordinals(): Ordinals {
    if (this.#meta.counted) {
      return countedOrdinals(this.size);
    }
    return this.#load("ordinals", (bytes) => {
      const { buffer, length } = bytes;
      return this.#meta.width === 1
        ? new Uint8Array(buffer, 0, length)
        : this.#meta.width === 2
          ? new Uint16Array(buffer, 0, length / 2)
          : new Uint32Array(buffer, 0, length / 4);
    });
  }

  get starts(): Uint32Array | null {
    return this.#meta.multi
      ? this.#load("starts", (bytes) => new Uint32Array(bytes.buffer, 0, bytes.length / 4))
      : null;
  }

  counts(): Uint32Array {
    if (this.#meta.counted) {
      return new Uint32Array(this.size + 1).fill(1, 1);
    }
    return this.#load("counts", (bytes) => new Uint32Array(bytes.buffer, 0, bytes.length / 4));
  }

  hashes(): ValueHashes {
    if (this.#reader.has(`${this.#name}/hashes`)) {
      return this.#load("hashes", (bytes) => {
        const half = this.size + 1;
        const all = new Uint32Array(bytes.buffer, 0, half * 2);
        return { high: all.subarray(0, half), low: all.subarray(half) };
      });
    }
    const hashes = makeHashes(this.size);
    let ordinal = 1;
    for (const value of this.values()) {
      setHash(hashes, ordinal++, value);
    }
    return hashes;
  }

  value(ordinal: number): Value {
    if (this.#strings) {
      return this.#strings.at(ordinal - 1);
    }
    const value = ordinal === 1 ? this.#least() : ordinal === this.size ? this.#most() : this.#numbers.at(ordinal - 1);
    return typeof value === "bigint" ? canonicalInteger(value) : value;
  }

  find(value: Value): number {
    const ordinal = this.lowerBound(value);
    return ordinal <= this.size && this.value(ordinal) === value ? ordinal : 0;
  }

  lowerBound(value: Value): number {
    if (this.#strings) {
      return this.#strings.lowerBound(String(value)) + 1;
    }
    // Most questions are about a span of time that a segment is wholly inside or outside of.
    if (compareValues(value, this.#least()) <= 0) {
      return 1;
    }
    if (compareValues(value, this.#most()) > 0) {
      return this.size + 1;
    }
    return this.#numbers.lowerBound(value as number | bigint) + 1;
  }

  scan(from: number, to: number, visit: (value: Value, ordinal: number) => void): void {
    const first = Math.max(from, 1);
    const last = Math.min(to, this.size);
    if (this.#strings) {
      this.#strings.scan(first - 1, last, (text, place) => visit(text, place + 1));
      return;
    }
    for (let ordinal = first; ordinal <= last; ordinal++) {
      visit(this.value(ordinal), ordinal);
    }
  }

  /** The words as they are in the file; null when the column was not analyzed when it was written. */
  fileWords(): FileWords | null {
    const { words } = this.#meta;
    return words === null ? null : new FileWords(this.#reader, this.#cache, this.#name, { words, values: this.size });
  }

  /** All values in order, without filling the cache. */
  values(): Iterable<Value> {
    return this.#strings ? this.#strings.strings() : this.#numbers.numbers();
  }

  words(): WordIndex {
    const words = this.fileWords();
    if (words) {
      return words;
    }
    return this.#cache.get(`${this.#reader.path}:${this.#name}/made`, () => this.#makeWords());
  }

  /** Words for a field that became a text only after the segment was written. */
  #makeWords(): { value: WordIndex; bytes: number } {
    const postings = new Map<string, number[]>();
    let bytes = 0;
    this.scan(1, this.size, (value, ordinal) => {
      for (const word of new Set(tokenize(String(value)))) {
        const list = postings.get(word);
        bytes += list ? 8 : 120;
        if (list) {
          list.push(ordinal);
        } else {
          postings.set(word, [ordinal]);
        }
      }
    });
    return { value: memoryWords(postings), bytes };
  }

  #least(): number | bigint {
    const { least } = this.#meta;
    return typeof least === "string" ? BigInt(least) : (least as number);
  }

  #most(): number | bigint {
    const { most } = this.#meta;
    return typeof most === "string" ? BigInt(most) : (most as number);
  }

  #load<T>(part: string, view: (bytes: Buffer<ArrayBuffer>) => T): T {
    return this.#cache.get(`${this.#reader.path}:${this.#name}/${part}`, () => {
      const bytes = this.#reader.section(`${this.#name}/${part}`) as Buffer<ArrayBuffer>;
      return { value: view(bytes), bytes: bytes.length };
    });
  }
}
