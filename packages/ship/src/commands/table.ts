/** How a table is fitted into a width. */
export interface TableOptions {
  /** Columns of the terminal; no line is longer. */
  readonly width?: number;
  /** Columns that are lined up to the right, by position; those of numbers. */
  readonly right?: readonly number[];
  /** The column that gives way when the width doesn't do: cut in its middle, or at its end. */
  readonly shrink?: { readonly column: number; readonly at: "middle" | "end" };
}

const GAP = 2;
const NARROWEST = 12;

/** Rows as lined-up columns; the first row is the head. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { width = Number.POSITIVE_INFINITY, right = [], shrink } = options;
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const total = widths.reduce((sum, next) => sum + next + GAP, -GAP);
  if (shrink !== undefined && total > width) {
    const least = Math.min(widths[shrink.column] ?? 0, NARROWEST);
    widths[shrink.column] = Math.max(least, (widths[shrink.column] ?? 0) - (total - width));
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const room = widths[column] ?? 0;
        const text = cell.length > room ? cut(cell, room, shrink?.at ?? "end") : cell;
        return right.includes(column) ? text.padStart(room) : text.padEnd(room);
      })
      .join(" ".repeat(GAP))
      .trimEnd();
  return rows.map((row) => `${line(row).slice(0, width)}\n`).join("");
}

/** A text cut to `room` characters; a path keeps its end, which tells most. */
function cut(text: string, room: number, at: "middle" | "end"): string {
  if (at === "end") return `${text.slice(0, room - 1)}…`;
  const front = Math.floor((room - 1) / 3);
  return `${text.slice(0, front)}…${text.slice(text.length - (room - 1 - front))}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Bytes for reading: `1.5 MiB`. */
export function readableBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A count with its thousands apart: `12,345`. */
export function readableCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** The width of the terminal that standard output is, or none. */
export function terminalWidth(): { readonly width?: number } {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? { width: columns } : {};
}
