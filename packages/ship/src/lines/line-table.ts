import { ROW } from "../batch.ts";

/** Rows of records while they are being found; grows as needed and is used again for the next chunk. */
export interface LineTable {
  rows: Uint32Array;
  count: number;
  /** How many rows have the flag `odd`. */
  odd: number;
  /** How many rows have no time of their own. */
  timeless: number;
}

/** An empty table. */
export function createLineTable(): LineTable {
  return { rows: new Uint32Array(256 * ROW.width), count: 0, odd: 0, timeless: 0 };
}

/** Forgets the rows, keeps the memory. */
export function clearLineTable(table: LineTable): void {
  table.count = 0;
  table.odd = 0;
  table.timeless = 0;
}

/** Adds a row and answers its position in `rows`. */
export function addRow(table: LineTable, start: number, end: number): number {
  const row = table.count * ROW.width;
  if (row + ROW.width > table.rows.length) {
    const larger = new Uint32Array(table.rows.length * 2);
    larger.set(table.rows);
    table.rows = larger;
  }
  const { rows } = table;
  rows[row] = start;
  rows[row + ROW.end] = end;
  rows[row + ROW.timeStart] = 0;
  rows[row + ROW.timeEnd] = 0;
  rows[row + ROW.flags] = 0;
  table.count += 1;
  return row;
}
