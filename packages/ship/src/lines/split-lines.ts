import { isUtf8 } from "node:buffer";
import { FLAG, ROW } from "../batch.ts";
import { FALCO_TIME_LENGTH, falcoTimeStart } from "./falco-time.ts";
import { addRow, type LineTable } from "./line-table.ts";

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Searched for without its first quote: the search goes by the first byte, and quotes are everywhere. */
const OWN_TIMESTAMP = Buffer.from('@timestamp"');

/**
 * Finds the whole lines in `data[from, to)` and adds a row for each that isn't empty. Answers the position after the last
 * newline, which is `from` when there is none.
 *
 * This is the fast path: bytes are looked at, nothing is decoded. A line that isn't an object ending in Falco's `time` gets
 * the flag `odd` and is looked at closely by `mendLines`; so does every line of a chunk with invalid UTF-8, NUL bytes or
 * an `@timestamp` somewhere.
 */
export function splitLines(data: Buffer, from: number, to: number, table: LineTable): number {
  const last = data.lastIndexOf(NEWLINE, to - 1);
  if (last < from || to <= from) return from;
  const chunk = data.subarray(from, last + 1);
  const plain = isUtf8(chunk) && !chunk.includes(0) && !chunk.includes(OWN_TIMESTAMP);
  let start = from;
  while (start <= last) {
    const newline = data.indexOf(NEWLINE, start);
    let end = newline;
    if (end > start && data[end - 1] === CARRIAGE_RETURN) end -= 1;
    if (end > start) {
      const row = addRow(table, start, end);
      const time = plain && data[start] === 0x7b && data[end - 1] === 0x7d ? falcoTimeStart(data, start, end) : -1;
      if (time < 0) {
        table.rows[row + ROW.flags] = FLAG.odd;
        table.odd += 1;
      } else {
        table.rows[row + ROW.timeStart] = time;
        table.rows[row + ROW.timeEnd] = time + FALCO_TIME_LENGTH;
      }
    }
    start = newline + 1;
  }
  return last + 1;
}
