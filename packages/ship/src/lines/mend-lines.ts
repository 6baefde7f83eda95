import { isUtf8 } from "node:buffer";
import { FLAG, ROW } from "../batch.ts";
import { toUtcTime } from "./falco-time.ts";
import { addRow, createLineTable, type LineTable } from "./line-table.ts";
import { eachMember } from "./top-level.ts";

/** What becomes of a line that is no JSON object: shipped as `{"message": …}`, or put among the dead letters. */
export type InvalidLinePolicy = "wrap" | "dead_letter";

export interface MendOptions {
  readonly invalidLines: InvalidLinePolicy;
  readonly maxLineBytes: number;
}

/** A line that can't be shipped, with the row's position in the table it stood in. */
export interface RefusedLine {
  readonly index: number;
  readonly reason: string;
}

/** What `mendLines` gives: records fit to be shipped, and where each came from. */
export interface MendedLines {
  readonly data: Buffer;
  readonly table: LineTable;
  /** For each mended row, the index of the row it was made from. */
  readonly from: Uint32Array;
  readonly refused: readonly RefusedLine[];
}

/**
 * Looks closely at the lines that the fast path set aside, and copies all lines into a new buffer in their order.
 * - NUL bytes before a line (the hole that a truncated file keeps for a writer without O_APPEND) are cut off.
 * - Invalid UTF-8 becomes U+FFFD, as Falco itself does.
 * - `@timestamp`, else `time`, is found wherever it stands and brought to UTC.
 * - What isn't a JSON object is wrapped or refused.
 */
export function mendLines(data: Buffer, table: LineTable, options: MendOptions): MendedLines {
  const parts: Buffer[] = [];
  const mended = createLineTable();
  const from = new Uint32Array(table.count);
  const refused: RefusedLine[] = [];
  let size = 0;
  for (let index = 0; index < table.count; index++) {
    const row = index * ROW.width;
    const start = table.rows[row] ?? 0;
    const line = data.subarray(start, table.rows[row + ROW.end]);
    const odd = ((table.rows[row + ROW.flags] ?? 0) & FLAG.odd) !== 0;
    const piece = odd ? mendLine(line, options) : null;
    if (typeof piece === "string") {
      refused.push({ index, reason: piece });
      continue;
    }
    const bytes = piece === null ? line : piece.bytes;
    if (bytes.length === 0) continue;
    from[mended.count] = index;
    const added = addRow(mended, size, size + bytes.length);
    if (piece === null) {
      mended.rows[added + ROW.timeStart] = size + (table.rows[row + ROW.timeStart] ?? 0) - start;
      mended.rows[added + ROW.timeEnd] = size + (table.rows[row + ROW.timeEnd] ?? 0) - start;
    } else {
      mended.rows[added + ROW.timeStart] = size + piece.timeStart;
      mended.rows[added + ROW.timeEnd] = size + piece.timeEnd;
      mended.rows[added + ROW.flags] = piece.flags;
      if (piece.timeStart === piece.timeEnd) mended.timeless += 1;
    }
    parts.push(bytes);
    size += bytes.length;
  }
  return { data: Buffer.concat(parts, size), table: mended, from, refused };
}

interface MendedLine {
  readonly bytes: Buffer;
  readonly timeStart: number;
  readonly timeEnd: number;
  readonly flags: number;
}

const EMPTY: MendedLine = { bytes: Buffer.alloc(0), timeStart: 0, timeEnd: 0, flags: 0 };

function mendLine(raw: Buffer, { invalidLines, maxLineBytes }: MendOptions): MendedLine | string {
  let line = raw;
  let start = 0;
  while (start < line.length && isBlank(line[start])) start += 1;
  let end = line.length;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  line = line.subarray(start, end);
  if (line.length === 0) return EMPTY;
  if (line.length > maxLineBytes)
    return `the line has ${line.length} bytes, more than max_line_bytes (${maxLineBytes})`;
  // A byte order mark says nothing in UTF-8.
  if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) line = line.subarray(3);
  if (!isUtf8(line)) line = Buffer.from(line.toString("utf8"), "utf8");
  return (looksLikeObject(line) ? stampObject(onOneLine(line)) : null) ?? invalidLine(line, invalidLines);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0 || byte === 0x20 || byte === 0x09 || byte === 0x0d;
}

function looksLikeObject(line: Buffer): boolean {
  return line[0] === 0x7b && line[line.length - 1] === 0x7d && isJson(line);
}

/** An object that was written over several lines: between its tokens a line break is as good as a space. */
function onOneLine(line: Buffer): Buffer {
  if (!line.includes(0x0a)) return line;
  return Buffer.from(line.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)));
}

function isJson(line: Buffer): boolean {
  try {
    JSON.parse(line.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function invalidLine(line: Buffer, policy: InvalidLinePolicy): MendedLine | string {
  if (policy === "dead_letter") return "the line is not a JSON object";
  const bytes = Buffer.from(JSON.stringify({ message: line.toString("utf8") }), "utf8");
  return { bytes, timeStart: 0, timeEnd: 0, flags: 0 };
}

/** Finds the object's time. A time in another form than UTC ISO 8601 is added as an `@timestamp` of the object's own. */
function stampObject(line: Buffer): MendedLine | null {
  let own: readonly [number, number] | null = null;
  let time: readonly [number, number] | null = null;
  let ownKey = -1;
  const members = eachMember(line, 0, line.length, (member) => {
    const key = line.toString("latin1", member.keyStart, member.keyEnd);
    if (key !== "time" && key !== "@timestamp") return true;
    const isText = line[member.valueStart] === 0x22;
    const range = isText ? ([member.valueStart + 1, member.valueEnd - 1] as const) : ([0, 0] as const);
    if (key === "time") time = range;
    else {
      own = range;
      ownKey = member.keyStart;
    }
    return true;
  });
  if (members < 0) return null;
  if (members === 0) return { bytes: Buffer.from('{"message":""}'), timeStart: 0, timeEnd: 0, flags: 0 };
  const range: readonly [number, number] = own ?? time ?? [0, 0];
  const text = line.toString("latin1", range[0], range[1]);
  const utc = toUtcTime(text);
  if (ownKey >= 0) {
    // The sink judges the object's own value; only its day decides the index, so an unreadable one falls back.
    const readable = utc !== null && utc.slice(0, 10) === text.slice(0, 10);
    return {
      bytes: line,
      timeStart: readable ? range[0] : 0,
      timeEnd: readable ? range[1] : 0,
      flags: FLAG.ownTimestamp,
    };
  }
  if (utc === null) return { bytes: line, timeStart: 0, timeEnd: 0, flags: 0 };
  if (utc === text) return { bytes: line, timeStart: range[0], timeEnd: range[1], flags: 0 };
  const bytes = Buffer.concat([Buffer.from(`{"@timestamp":"${utc}",`), line.subarray(1)]);
  return { bytes, timeStart: 15, timeEnd: 15 + utc.length, flags: FLAG.ownTimestamp };
}
