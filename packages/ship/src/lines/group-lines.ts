import { FLAG, ROW } from "../batch.ts";
import type { SplitBytes } from "./line-codec.ts";
import type { LineTable } from "./line-table.ts";

/** Which lines make one record. */
export interface LineGrouping {
  /**
   * `pattern`: lines that match belong to the line before (`after`) or to the one that follows (`before`); `while_pattern`:
   * lines that match in a row belong together; `count`: always so many.
   */
  readonly type: "pattern" | "while_pattern" | "count";
  readonly pattern: RegExp | null;
  /** Lines that don't match are meant instead. */
  readonly negate: boolean;
  readonly match: "after" | "before";
  /** A line that matches ends its record. */
  readonly flushPattern: RegExp | null;
  readonly countLines: number;
  /** A longer record is cut here and goes on as another: no line is thrown away. */
  readonly maxLines: number;
  readonly maxBytes: number;
}

/**
 * Joins the table's rows to records of several lines. Answers how many of the file's bytes they take: what may still grow
 * is left, unless `flush` says that it won't. Each record begins where one ended, so the same bytes always give the same.
 */
export function groupLines(split: SplitBytes, table: LineTable, grouping: LineGrouping, flush: boolean): SplitBytes {
  const { rows, count } = table;
  const starts = new Float64Array(count);
  const startOf = (index: number): number => split.starts?.[index] ?? rows[index * ROW.width] ?? 0;
  const lines = new Lines(split.data, table, grouping);
  let groups = 0;
  let odd = 0;
  let at = 0;
  let used = 0;
  while (at < count) {
    const { end, open } = lines.group(at);
    if (open && !flush) break;
    const from = at * ROW.width;
    const row = groups * ROW.width;
    const last = rows[(end - 1) * ROW.width + ROW.end] ?? 0;
    starts[groups] = startOf(at);
    rows.copyWithin(row, from, from + ROW.width);
    if (end > at + 1) {
      rows[row + ROW.end] = last;
      rows[row + ROW.timeStart] = 0;
      rows[row + ROW.timeEnd] = 0;
      rows[row + ROW.flags] = FLAG.odd;
    }
    if (((rows[row + ROW.flags] ?? 0) & FLAG.odd) !== 0) odd += 1;
    groups += 1;
    at = end;
    used = at < count ? startOf(at) : split.used;
  }
  // Nothing but empty lines: they are passed over.
  if (count === 0) used = split.used;
  table.count = groups;
  table.odd = odd;
  return { used, data: split.data, starts: starts.subarray(0, groups) };
}

/** The lines of one stretch, looked at in order. */
class Lines {
  readonly #data: Buffer;
  readonly #table: LineTable;
  readonly #grouping: LineGrouping;
  /** `group` overwrites rows of groups that are done, never those of lines still to come. */
  readonly #count: number;

  constructor(data: Buffer, table: LineTable, grouping: LineGrouping) {
    this.#data = data;
    this.#table = table;
    this.#grouping = grouping;
    this.#count = table.count;
  }

  /** Where the group that begins at `from` ends; `open` when the next line could still belong to it. */
  group(from: number): { readonly end: number; readonly open: boolean } {
    const { type, match, maxLines, maxBytes, countLines } = this.#grouping;
    const start = this.#table.rows[from * ROW.width] ?? 0;
    const most = type === "count" ? countLines : maxLines;
    if (type === "while_pattern" && !this.#belongs(from)) return { end: from + 1, open: false };
    for (let end = from + 1; ; end++) {
      if (end - from >= most || this.#flushes(end - 1)) return { end, open: false };
      if (type === "pattern" && match === "before" && !this.#belongs(end - 1)) return { end, open: false };
      if (end === this.#count) return { end, open: true };
      const tooLong = (this.#table.rows[end * ROW.width + ROW.end] ?? 0) - start > maxBytes;
      const joins = type === "count" || (type === "pattern" && match === "before") || this.#belongs(end);
      if (tooLong || !joins) return { end, open: false };
    }
  }

  #belongs(index: number): boolean {
    const { pattern, negate } = this.#grouping;
    return pattern?.test(this.#text(index)) !== negate;
  }

  #flushes(index: number): boolean {
    return this.#grouping.flushPattern?.test(this.#text(index)) === true;
  }

  #text(index: number): string {
    const row = index * ROW.width;
    return this.#data.toString("utf8", this.#table.rows[row], this.#table.rows[row + ROW.end]);
  }
}
