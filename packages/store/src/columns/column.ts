import type { Value } from "../values/value.ts";
import type { ValueHashes } from "./value-hashes.ts";

/** Ordinals by document: 0 is "no value", others are 1-based places in the column's dictionary. */
export type Ordinals = Uint8Array | Uint16Array | Uint32Array;

/**
 * One column of a segment: every distinct value once (the dictionary), and an ordinal for each document's value.
 * What is asked of a field is first answered for the dictionary, then looked up for documents by ordinal.
 */
export interface Column {
  /** Distinct values; ordinals run from 1 to this. */
  readonly size: number;
  /** Whether ordinals are in the values' order. */
  readonly sorted: boolean;
  /** Whether every document has one value and their ordinals never go down: a range is then a run of documents. */
  readonly ascending: boolean;
  /** By document when `starts` is null, else the values of document d are at `[starts[d], starts[d + 1])`. */
  readonly ordinals: Ordinals;
  readonly starts: Uint32Array | null;
  /** The longest string, in characters. */
  readonly longest: number;
  value(ordinal: number): Value;
  /** The ordinal of a value; 0 when no document has it. */
  find(value: Value): number;
  /** Sorted columns: the first ordinal whose value is not below the given one; size + 1 when all are. */
  lowerBound(value: Value): number;
  /** Calls back for ordinals `from` to `to`, both included, in order. */
  scan(from: number, to: number, visit: (value: Value, ordinal: number) => void): void;
  /** The words of an analyzed column. */
  words(): WordIndex;
  /** The values' hashes, by ordinal. */
  hashes(): ValueHashes;
  /** How many documents have each ordinal (index 0: none); null when it is not known without a scan. */
  counts(): Uint32Array | null;
}

/** The values that hold a word. */
export interface Postings {
  /** How many values there are. */
  readonly count: number;
  /** Ascending. The list may be shared: it must not be changed. Read when it is asked for. */
  readonly ordinals: Uint32Array | readonly number[];
  /** By posting: its byte of place, see postings.ts; null when places are not known. Read when they are asked for. */
  readonly places: Uint8Array | null;
  /** By ascending ordinal: which posting is its own, −1 when the value does not hold the word. */
  locate(ordinals: Uint32Array): Int32Array;
}

/** Which dictionary entries hold a word. */
export interface WordIndex {
  /** Null when no value holds the word. */
  find(word: string): Postings | null;
  /** Calls back for every word with the prefix and gives its values when asked. */
  scan(prefix: string, visit: (word: string, postings: () => Postings) => void): void;
}
