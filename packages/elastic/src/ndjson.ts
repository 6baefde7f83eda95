const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Where one line lies in a body: `[start, end)`, without its line end. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The lines of an NDJSON body as byte ranges, so that a line can be kept as it was sent. A last line without a
 * newline counts. Empty lines are given too: only the caller knows whether they are allowed.
 */
export function* ndjsonLines(body: Uint8Array): Generator<LineRange> {
  let start = 0;
  while (start < body.length) {
    const newline = body.indexOf(NEWLINE, start);
    const stop = newline < 0 ? body.length : newline;
    const end = stop > start && body[stop - 1] === CARRIAGE_RETURN ? stop - 1 : stop;
    yield { start, end };
    start = stop + 1;
  }
}

/** Values as one NDJSON text, a newline after each, as `_bulk` and `_msearch` want it. */
export function encodeNdjson(values: Iterable<unknown>): string {
  let text = "";
  for (const value of values) {
    text += `${JSON.stringify(value)}\n`;
  }
  return text;
}

/** Decodes NDJSON text, skipping empty lines. Throws `SyntaxError` that names the 1-based line. */
export function decodeNdjson(text: string): unknown[] {
  const values: unknown[] = [];
  let number = 0;
  for (const line of text.split("\n")) {
    number += 1;
    if (line.trim() === "") {
      continue;
    }
    try {
      values.push(JSON.parse(line));
    } catch (error) {
      throw new SyntaxError(`line ${number}: ${(error as Error).message}`, { cause: error });
    }
  }
  return values;
}
