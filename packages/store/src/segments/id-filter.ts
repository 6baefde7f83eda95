import { hashId, idHash } from "./id-hash.ts";

/**
 * Tells ids that an index surely does not have from those it may have, in about 6 bytes an id. A 32-bit mark of each
 * id is kept in an open table; a "may have" is settled by the segments.
 */
export class IdFilter {
  #marks: Uint32Array<ArrayBuffer>;
  #count = 0;

  constructor(expected = 0) {
    this.#marks = new Uint32Array(capacityFor(expected));
  }

  /** False when the id was never added. */
  mayHave(id: string): boolean {
    hashId(id);
    const mask = this.#marks.length - 1;
    for (let slot = idHash.high & mask; ; slot = (slot + 1) & mask) {
      const mark = this.#marks[slot];
      if (mark === 0) {
        return false;
      }
      if (mark === idHash.low) {
        return true;
      }
    }
  }

  /** Adds an id. */
  add(id: string): void {
    hashId(id);
    this.addHash(idHash.high, idHash.low);
  }

  /** Adds an id by its hashes. */
  addHash(high: number, low: number): void {
    if (this.full) {
      throw new RangeError("the id filter is full: make a larger one from the segments' hashes");
    }
    const mask = this.#marks.length - 1;
    let slot = high & mask;
    while (this.#marks[slot] !== 0) {
      if (this.#marks[slot] === low) {
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.#marks[slot] = low;
    this.#count += 1;
  }

  /** Whether the next id needs a larger filter. */
  get full(): boolean {
    return this.#count >= this.#marks.length * 0.75;
  }

  /** How many ids are in it, up to equal hashes. */
  get size(): number {
    return this.#count;
  }
}

function capacityFor(expected: number): number {
  let capacity = 1024;
  while (capacity * 0.7 < expected) {
    capacity *= 2;
  }
  return capacity;
}
