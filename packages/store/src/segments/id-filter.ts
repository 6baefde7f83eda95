import { hashId, idHash } from "./id-hash.ts";

/** Places of the first table, and how much larger each next one is. */
const FIRST = 1 << 14;
const STEP = 4;

interface Table {
  readonly marks: Uint16Array<ArrayBuffer>;
  count: number;
}

/**
 * Tells ids that an index surely does not have from those it may have, in 3 to 6 bytes an id. A 16-bit mark of each id is
 * kept in an open table; when one is full the next goes to a larger one beside it. About one new id in ten thousand "may"
 * be there; that is settled by the segments.
 */
export class IdFilter {
  readonly #tables: Table[] = [];

  constructor(expected = 0) {
    this.#begin(capacityFor(expected));
  }

  /** False when the id was never added. */
  mayHave(id: string): boolean {
    hashId(id);
    const mark = idHash.low & 0xffff || 1;
    for (const { marks } of this.#tables) {
      const mask = marks.length - 1;
      for (let slot = idHash.high & mask; marks[slot] !== 0; slot = (slot + 1) & mask) {
        if (marks[slot] === mark) {
          return true;
        }
      }
    }
    return false;
  }

  /** Adds an id. */
  add(id: string): void {
    hashId(id);
    this.addHash(idHash.high, idHash.low);
  }

  /** Adds an id by its hashes. */
  addHash(high: number, low: number): void {
    let table = this.#tables[0] as Table;
    if (table.count >= table.marks.length * 0.7) {
      table = this.#begin(table.marks.length * STEP);
    }
    const { marks } = table;
    const mark = low & 0xffff || 1;
    const mask = marks.length - 1;
    let slot = high & mask;
    while (marks[slot] !== 0) {
      if (marks[slot] === mark) {
        return;
      }
      slot = (slot + 1) & mask;
    }
    marks[slot] = mark;
    table.count += 1;
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.#tables.reduce((sum, { marks }) => sum + marks.byteLength, 0);
  }

  /** The newest table comes first: it is the one that is written to. */
  #begin(capacity: number): Table {
    const table = { marks: new Uint16Array(capacity), count: 0 };
    this.#tables.unshift(table);
    return table;
  }
}

function capacityFor(expected: number): number {
  let capacity = FIRST;
  while (capacity * 0.7 < expected) {
    capacity *= 2;
  }
  return capacity;
}
