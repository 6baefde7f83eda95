import { tokenize } from "../text/tokenize.ts";
import type { Value } from "../values/value.ts";
import type { Column, Ordinals, WordIndex } from "./column.ts";
import { GrowableUint32 } from "./growable.ts";
import { memoryWords } from "./postings.ts";
import { makeHashes, setHash } from "./value-hashes.ts";

/** The column of a segment that is still written. Its dictionary is in the order of arrival. */
export class MemoryColumn {
  readonly #values: Value[] = [""];
  readonly #ordinalOf: Map<Value, number> = new Map();
  readonly #single: GrowableUint32 = new GrowableUint32(64);
  #starts: GrowableUint32 | null = null;
  #flat: GrowableUint32 = new GrowableUint32(0);
  #longest = 0;
  /** The last document with a value, and where its values begin in the flat list. */
  #lastDocument = -1;
  readonly #words: MemoryWords = new MemoryWords();

  /** Adds a value of a document. Documents come in order; several values of one come together. */
  add(document: number, value: Value): void {
    let ordinal = this.#ordinalOf.get(value);
    if (ordinal === undefined) {
      ordinal = this.#values.length;
      this.#values.push(value);
      this.#ordinalOf.set(value, ordinal);
      if (typeof value === "string" && value.length > this.#longest) {
        this.#longest = value.length;
      }
    }
    if (document === this.#lastDocument) {
      this.#addFurther(document, ordinal, typeof value === "string");
      return;
    }
    this.#lastDocument = document;
    if (this.#starts) {
      this.#fillStarts(document);
      this.#flat.push(ordinal);
      return;
    }
    this.#single.reserve(document + 1);
    this.#single.data[document] = ordinal;
    this.#single.length = document + 1;
  }

  #addFurther(document: number, ordinal: number, distinct: boolean): void {
    if (!this.#starts) {
      this.#makeMulti(document);
    }
    if (distinct) {
      const begin = this.#starts?.data[document] ?? 0;
      if (this.#flat.data.subarray(begin, this.#flat.length).includes(ordinal)) {
        return;
      }
    }
    this.#flat.push(ordinal);
  }

  #makeMulti(document: number): void {
    const starts = new GrowableUint32(document + 2);
    const flat = new GrowableUint32(document + 16);
    for (let d = 0; d <= document; d++) {
      starts.push(flat.length);
      const ordinal = this.#single.data[d] ?? 0;
      if (ordinal !== 0) {
        flat.push(ordinal);
      }
    }
    this.#starts = starts;
    this.#flat = flat;
  }

  #fillStarts(document: number): void {
    const starts = this.#starts as GrowableUint32;
    while (starts.length <= document) {
      starts.push(this.#flat.length);
    }
  }

  /** The column as it is for the first `documents` documents. Values that come later do not change it. */
  view(documents: number): Column {
    const size = this.#values.length - 1;
    let ordinals: Ordinals;
    let starts: Uint32Array | null = null;
    if (this.#starts) {
      this.#fillStarts(documents);
      starts = this.#starts.data.subarray(0, documents + 1);
      ordinals = this.#flat.data;
    } else {
      this.#single.reserve(documents);
      ordinals = this.#single.data.subarray(0, documents);
    }
    const values = this.#values;
    const ordinalOf = this.#ordinalOf;
    const words = this.#words;
    return {
      size,
      sorted: false,
      ascending: false,
      ordinals,
      starts,
      longest: this.#longest,
      value: (ordinal) => values[ordinal] as Value,
      find: (value) => ordinalOf.get(value) ?? 0,
      lowerBound: () => 1,
      scan: (from, to, visit) => {
        for (let ordinal = Math.max(from, 1); ordinal <= Math.min(to, size); ordinal++) {
          visit(values[ordinal] as Value, ordinal);
        }
      },
      words: () => words.extend(values),
      counts: () => null,
      hashes: () => {
        const hashes = makeHashes(size);
        for (let ordinal = 1; ordinal <= size; ordinal++) {
          setHash(hashes, ordinal, values[ordinal] as Value);
        }
        return hashes;
      },
    };
  }
}

/** Words of the values so far; extended only when somebody searches. */
class MemoryWords {
  readonly #lists: Map<string, number[]> = new Map();
  readonly #index: WordIndex = memoryWords(this.#lists);
  #done = 0;

  extend(values: readonly Value[]): WordIndex {
    for (let ordinal = this.#done + 1; ordinal < values.length; ordinal++) {
      for (const word of tokenize(String(values[ordinal]))) {
        const list = this.#lists.get(word);
        if (!list) {
          this.#lists.set(word, [ordinal]);
        } else if (list.at(-1) !== ordinal) {
          list.push(ordinal);
        }
      }
    }
    this.#done = values.length - 1;
    return this.#index;
  }
}
