import { TextDecoder } from "node:util";
import { UserError } from "@falco-efk/kit";
import { ROW } from "../batch.ts";
import type { LineTable } from "./line-table.ts";
import { splitLines } from "./split-lines.ts";

/** Whole lines found in a stretch of a file's bytes. */
export interface SplitBytes {
  /** How many of the file's bytes they take, line breaks included. */
  readonly used: number;
  /** UTF-8 that the table's rows count in: the file's own bytes, or what was decoded from them. */
  readonly data: Buffer;
  /** For each row, where its line begins among the file's bytes; null where that is where it begins in `data`. */
  readonly starts: Float64Array | null;
}

/** How lines are found in a file of some encoding. Offsets stay those of the file's bytes. */
export interface LineCodec {
  /** Bytes of a line break. */
  readonly unit: 1 | 2;
  /** Adds a row for each whole line of `raw`, which begins where a line does. */
  split(raw: Buffer, table: LineTable): SplitBytes;
  /** Position behind the first line break in `raw`, or -1. */
  lineEnd(raw: Buffer): number;
}

const NEWLINE = 0x0a;
const UTF8_NAMES = new Set(["utf-8", "utf8", "plain"]);

/** UTF-8 and whatever else leaves ASCII as it is and needs no decoding: the fast path. */
const UTF8_CODEC: LineCodec = {
  unit: 1,
  split: (raw, table) => ({ used: splitLines(raw, 0, raw.length, table), data: raw, starts: null }),
  lineEnd: (raw) => raw.indexOf(NEWLINE) + 1 || -1,
};

/** True for encodings that only the file's first two bytes make plain. */
export function needsMark(encoding: string): boolean {
  return /^utf-16(?:[bl]e)?(?:-bom)?$/.test(encoding.toLowerCase());
}

/** Checks the name of an encoding. Throws UserError (`ENCODING`). */
export function checkEncoding(encoding: string, where: { readonly file?: string; readonly key: string }): void {
  if (needsMark(encoding)) return;
  try {
    createLineCodec(encoding, Buffer.alloc(0));
  } catch {
    throw new UserError(`${encoding} is no known encoding`, {
      code: "ENCODING",
      ...where,
      hint: "such as utf-8, utf-16, utf-16le, latin1, windows-1252, shift_jis, gb18030, euc-kr",
    });
  }
}

/** The codec of an encoding; `mark` is the file's first two bytes, of which a byte order mark decides over the name. */
export function createLineCodec(encoding: string, mark: Buffer): LineCodec {
  const name = encoding.toLowerCase();
  if (UTF8_NAMES.has(name)) return UTF8_CODEC;
  if (!needsMark(name)) return decodingCodec(new TextDecoder(name), 1, (raw, from) => raw.indexOf(NEWLINE, from));
  const bigByMark = mark[0] === 0xfe && mark[1] === 0xff;
  const littleByMark = mark[0] === 0xff && mark[1] === 0xfe;
  const big = bigByMark || (name.startsWith("utf-16be") && !littleByMark);
  return decodingCodec(new TextDecoder(big ? "utf-16be" : "utf-16le"), 2, (raw, from) => {
    // A unit is two bytes; the line break's is 00 0a, or 0a 00.
    const [first, second] = big ? [0, NEWLINE] : [NEWLINE, 0];
    for (let at = from; at + 1 < raw.length; at += 2) if (raw[at] === first && raw[at + 1] === second) return at;
    return -1;
  });
}

/** Decodes line by line, so that a broken character never takes the next line with it. */
function decodingCodec(decoder: TextDecoder, unit: 1 | 2, findBreak: (raw: Buffer, from: number) => number): LineCodec {
  return {
    unit,
    lineEnd: (raw) => {
      const at = findBreak(raw, 0);
      return at < 0 ? -1 : at + unit;
    },
    split(raw, table) {
      const lines: Buffer[] = [];
      const begins: number[] = [];
      let used = 0;
      for (let at = findBreak(raw, 0); at >= 0; at = findBreak(raw, used)) {
        const line = Buffer.from(`${decoder.decode(raw.subarray(used, at)).replaceAll("\n", " ")}\n`);
        lines.push(line);
        begins.push(used);
        used = at + unit;
      }
      const data = Buffer.concat(lines);
      splitLines(data, 0, data.length, table);
      return { used, data, starts: startsOf(table, lines, begins) };
    },
  };
}

/** Empty lines have no row, so rows and lines are walked side by side. */
function startsOf(table: LineTable, lines: readonly Buffer[], begins: readonly number[]): Float64Array {
  const starts = new Float64Array(table.count);
  let line = 0;
  let at = 0;
  for (let index = 0; index < table.count; index++) {
    const start = table.rows[index * ROW.width] ?? 0;
    while (at < start) {
      at += lines[line]?.length ?? 0;
      line += 1;
    }
    starts[index] = begins[line] ?? 0;
  }
  return starts;
}
