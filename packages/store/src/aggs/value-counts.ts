import type { Column } from "../columns/column.ts";
import { compareValues, type Value } from "../values/value.ts";
import { type CountedValue, countOfRank, type SegmentCounts } from "./counted-value.ts";
import { HashedCounts } from "./hashed-counts.ts";

/** Beyond so many dictionary entries, values of several segments are brought together by their hashes. */
const FEW = 50_000;

/**
 * Documents by value, over segments: counted by ordinal, so that a value's text is only read when it may be among those
 * that are answered.
 */
export class ValueCounts {
  readonly #parts: SegmentCounts[] = [];
  readonly #few: number;
  #entries = 0;

  constructor(few: number = FEW) {
    this.#few = few;
  }

  /** Adds the documents of a segment; `documents` is null for all of it. `hidden` flags values that are not seen. */
  add(column: Column, documents: Uint32Array | null, hidden: Uint8Array | null): void {
    if (column.size === 0) {
      return;
    }
    const known = documents === null && !hidden && column.counts() !== null;
    if (known) {
      this.#parts.push({ column, bytes: 0, counts: () => column.counts() as Uint32Array });
    } else {
      const counts = countOrdinals(column, documents);
      for (let ordinal = 1; hidden && ordinal <= column.size; ordinal++) {
        counts[ordinal] = hidden[ordinal] === 1 ? 0 : (counts[ordinal] as number);
      }
      this.#parts.push({ column, bytes: counts.byteLength, counts: () => counts });
    }
    this.#entries += column.size;
  }

  /** Takes over what another one has counted. */
  absorb(other: ValueCounts): void {
    this.#parts.push(...other.#parts);
    this.#entries += other.#entries;
  }

  /** About how many bytes the counts take. */
  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes + 100, 0);
  }

  /** The sum over all values. */
  get total(): number {
    let sum = 0;
    for (const { counts } of this.#parts) {
      const list = counts();
      for (let ordinal = 1; ordinal < list.length; ordinal++) {
        sum += list[ordinal] as number;
      }
    }
    return sum;
  }

  /** How many distinct values have documents. */
  distinct(): number {
    return this.#entries <= this.#few ? this.#all().size : new HashedCounts(this.#parts, this.#entries).distinct();
  }

  /** The values with the most documents, equal ones by value. */
  most(size: number): CountedValue[] {
    const byCount = (a: CountedValue, b: CountedValue): number => b.count - a.count || compareValues(a.key, b.key);
    const few = this.#entries <= this.#few || this.#parts.length === 1;
    const hashed = few ? null : new HashedCounts(this.#parts, this.#entries).most(size);
    const rows = hashed ?? (this.#parts.length === 1 ? this.#mostOfOne(size) : listed(this.#all()));
    return rows.sort(byCount).slice(0, size);
  }

  /** The first or last values in order, with their documents. */
  byKey(size: number, ascending: boolean): CountedValue[] {
    if (this.#entries <= this.#few) {
      const side = ascending ? 1 : -1;
      return listed(this.#all())
        .sort((a, b) => compareValues(a.key, b.key) * side)
        .slice(0, size);
    }
    const keys = new Set<Value>();
    for (const { column, counts } of this.#parts) {
      for (const key of endKeys(column, counts(), size, ascending)) {
        keys.add(key);
      }
    }
    const chosen = [...keys].sort(compareValues);
    return (ascending ? chosen : chosen.reverse()).slice(0, size).map((key) => ({
      key,
      count: this.#parts.reduce((sum, { column, counts }) => {
        const ordinal = column.find(key);
        return sum + (ordinal === 0 ? 0 : (counts()[ordinal] ?? 0));
      }, 0),
    }));
  }

  #all(): Map<Value, number> {
    const all = new Map<Value, number>();
    for (const { column, counts } of this.#parts) {
      const list = counts();
      column.scan(1, column.size, (value, ordinal) => {
        const count = list[ordinal] as number;
        if (count > 0) {
          all.set(value, (all.get(value) ?? 0) + count);
        }
      });
    }
    return all;
  }

  /** One dictionary: the values are distinct already, and in a file in order. */
  #mostOfOne(size: number): CountedValue[] {
    const { column, counts } = this.#parts[0] as SegmentCounts;
    const list = counts();
    if (!column.sorted) {
      return listed(this.#all());
    }
    const limit = countOfRank(list, size);
    const rows: CountedValue[] = [];
    let ties = 0;
    for (let ordinal = 1; ordinal <= column.size; ordinal++) {
      const count = list[ordinal] as number;
      if (count > limit || (count === limit && count > 0 && ties++ < size)) {
        rows.push({ key: column.value(ordinal), count });
      }
    }
    return rows;
  }
}

function listed(all: ReadonlyMap<Value, number>): CountedValue[] {
  return Array.from(all, ([key, count]) => ({ key, count }));
}

function countOrdinals(column: Column, documents: Uint32Array | null): Uint32Array {
  const counts = new Uint32Array(column.size + 1);
  const { ordinals, starts } = column;
  if (!starts) {
    const length = documents ? documents.length : ordinals.length;
    for (let i = 0; i < length; i++) {
      const ordinal = ordinals[documents ? (documents[i] as number) : i] as number;
      counts[ordinal] = (counts[ordinal] as number) + 1;
    }
    counts[0] = 0;
    return counts;
  }
  const length = documents ? documents.length : starts.length - 1;
  for (let i = 0; i < length; i++) {
    const document = documents ? (documents[i] as number) : i;
    const from = starts[document] as number;
    for (let at = from; at < (starts[document + 1] as number); at++) {
      const ordinal = ordinals[at] as number;
      let again = false;
      for (let before = from; before < at && !again; before++) {
        again = ordinals[before] === ordinal;
      }
      counts[ordinal] = (counts[ordinal] as number) + (again ? 0 : 1);
    }
  }
  counts[0] = 0;
  return counts;
}

/** The first or last values of a dictionary that have documents. */
function endKeys(column: Column, counts: Uint32Array, size: number, ascending: boolean): Value[] {
  const keys: Value[] = [];
  if (!column.sorted) {
    column.scan(1, column.size, (value, ordinal) => {
      if ((counts[ordinal] as number) > 0) {
        keys.push(value);
      }
    });
    return keys;
  }
  for (let i = 1; i <= column.size && keys.length < size; i++) {
    const ordinal = ascending ? i : column.size + 1 - i;
    if ((counts[ordinal] as number) > 0) {
      keys.push(column.value(ordinal));
    }
  }
  return keys;
}
