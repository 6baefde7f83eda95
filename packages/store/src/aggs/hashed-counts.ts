import { compareValues, type Value } from "../values/value.ts";
import { type CountedValue, countOfRank, type SegmentCounts } from "./counted-value.ts";

/** Entries of one pass: it bounds the memory that a question about very many values takes. */
const PASS = 1 << 21;

interface Candidate {
  readonly part: number;
  readonly ordinal: number;
  readonly count: number;
}

/**
 * Brings the values of several segments together by 64 bits of hash, without reading their texts. Whatever comes out
 * of it as a value is verified against the texts, so that two values of one hash can't be told as one.
 */
export class HashedCounts {
  readonly #parts: readonly SegmentCounts[];
  readonly #passes: number;
  readonly #capacity: number;

  constructor(parts: readonly SegmentCounts[], entries: number) {
    this.#parts = parts;
    this.#passes = Math.ceil(entries / PASS);
    let capacity = 1024;
    while (capacity * 0.6 < (entries / this.#passes) * 1.05) {
      capacity *= 2;
    }
    this.#capacity = capacity;
  }

  /** How many distinct hashes there are. */
  distinct(): number {
    let sum = 0;
    for (let pass = 0; pass < this.#passes; pass++) {
      sum += this.#fill(pass).length;
    }
    return sum;
  }

  /** Values that include those with the most documents; null when two of one hash are different values. */
  most(size: number): CountedValue[] | null {
    let best: Candidate[] = [];
    for (let pass = 0; pass < this.#passes; pass++) {
      best = best.concat(this.#fill(pass).best(size, (part) => (this.#parts[part] as SegmentCounts).column.sorted));
    }
    const limit = countOfRank([0, ...best.map(({ count }) => count)], size);
    const rows: CountedValue[] = [];
    for (const candidate of this.#smallest(best, limit, size)) {
      if (candidate.count >= limit) {
        const key = this.#verified(candidate);
        if (key === null) {
          return null;
        }
        rows.push({ key, count: candidate.count });
      }
    }
    return rows;
  }

  /** Of the candidates that tie, only the smallest of each dictionary that is not in order: its texts are in memory. */
  #smallest(best: readonly Candidate[], limit: number, size: number): Candidate[] {
    const unordered = new Map<number, Candidate[]>();
    const kept: Candidate[] = [];
    for (const candidate of best) {
      const { part, count } = candidate;
      if (count !== limit || (this.#parts[part] as SegmentCounts).column.sorted) {
        kept.push(candidate);
      } else {
        const ties = unordered.get(part) ?? [];
        ties.push(candidate);
        unordered.set(part, ties);
      }
    }
    for (const [part, ties] of unordered) {
      const { column } = this.#parts[part] as SegmentCounts;
      const keyed = ties.map((candidate) => ({ candidate, key: column.value(candidate.ordinal) }));
      keyed.sort((a, b) => compareValues(a.key, b.key));
      kept.push(...keyed.slice(0, size).map(({ candidate }) => candidate));
    }
    return kept;
  }

  /** The text of a candidate; null when its count is not that of the text in every segment. */
  #verified({ part, ordinal, count }: Candidate): Value | null {
    const key = (this.#parts[part] as SegmentCounts).column.value(ordinal);
    let sum = 0;
    for (const { column, counts } of this.#parts) {
      const own = column.find(key);
      sum += own === 0 ? 0 : (counts()[own] ?? 0);
    }
    return sum === count ? key : null;
  }

  #fill(pass: number): HashTable {
    const table = new HashTable(this.#capacity);
    this.#parts.forEach(({ column, counts }, part) => {
      const { high, low } = column.hashes();
      const list = counts();
      for (let ordinal = 1; ordinal <= column.size; ordinal++) {
        const count = list[ordinal] as number;
        if (count > 0 && (this.#passes === 1 || (low[ordinal] as number) % this.#passes === pass)) {
          table.add(high[ordinal] as number, low[ordinal] as number, count, part, ordinal);
        }
      }
    });
    return table;
  }
}

/** An open table of counts by hash, with where each value was first seen. */
class HashTable {
  length = 0;
  #slots: Int32Array;
  #high: Uint32Array;
  #low: Uint32Array;
  #counts: Uint32Array;
  #parts: Uint16Array;
  #ordinals: Uint32Array;

  constructor(capacity: number) {
    const entries = Math.ceil(capacity * 0.7) + 1;
    this.#slots = new Int32Array(capacity);
    this.#high = new Uint32Array(entries);
    this.#low = new Uint32Array(entries);
    this.#counts = new Uint32Array(entries);
    this.#parts = new Uint16Array(entries);
    this.#ordinals = new Uint32Array(entries);
  }

  add(high: number, low: number, count: number, part: number, ordinal: number): void {
    const mask = this.#slots.length - 1;
    let slot = high & mask;
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0) {
        break;
      }
      if (this.#high[entry] === high && this.#low[entry] === low) {
        this.#counts[entry] = (this.#counts[entry] as number) + count;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.length += 1;
    if (this.length >= this.#counts.length) {
      this.#grow();
      this.length -= 1;
      this.add(high, low, count, part, ordinal);
      return;
    }
    const entry = this.length;
    this.#slots[slot] = entry;
    this.#high[entry] = high;
    this.#low[entry] = low;
    this.#counts[entry] = count;
    this.#parts[entry] = part;
    this.#ordinals[entry] = ordinal;
  }

  /**
   * The entries with the most documents. Of those that tie with the last of them, as many of each segment: in a segment's
   * order the first ones are the smallest, so the smallest of all are among them. A dictionary in the order of arrival
   * gives all of them.
   */
  best(size: number, sorted: (part: number) => boolean): Candidate[] {
    const limit = countOfRank(this.#counts.subarray(0, this.length + 1), size);
    const ties = new Map<number, number>();
    const best: Candidate[] = [];
    for (let entry = 1; entry <= this.length; entry++) {
      const count = this.#counts[entry] as number;
      if (count < limit || count === 0) {
        continue;
      }
      const part = this.#parts[entry] as number;
      if (count === limit) {
        const seen = ties.get(part) ?? 0;
        if (seen >= size && sorted(part)) {
          continue;
        }
        ties.set(part, seen + 1);
      }
      best.push({
        part,
        ordinal: this.#ordinals[entry] as number,
        count,
      });
    }
    return best;
  }

  #grow(): void {
    const wider = <T extends Uint32Array | Uint16Array>(list: T): T => {
      const grown = new (list.constructor as new (length: number) => T)(list.length * 2);
      grown.set(list);
      return grown;
    };
    [this.#high, this.#low, this.#counts, this.#ordinals] = [
      wider(this.#high),
      wider(this.#low),
      wider(this.#counts),
      wider(this.#ordinals),
    ];
    this.#parts = wider(this.#parts);
    this.#slots = new Int32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let entry = 1; entry < this.length; entry++) {
      let slot = (this.#high[entry] as number) & mask;
      while (this.#slots[slot] !== 0) {
        slot = (slot + 1) & mask;
      }
      this.#slots[slot] = entry;
    }
  }
}
