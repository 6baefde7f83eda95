const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;

/** A member of a JSON object, by positions: the key without quotes, the value with whatever it is written in. */
export interface Member {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * Calls `visit` for each top-level member of the JSON object in `[start, end)` until it answers false. Answers the number
 * of members seen, or -1 when the bytes aren't shaped like an object. Values are skipped by their brackets and quotes, not
 * checked.
 */
export function eachMember(
  data: Uint8Array,
  start: number,
  end: number,
  visit: (member: Member) => boolean | undefined,
): number {
  let at = skipSpace(data, start, end);
  if (data[at] !== 0x7b) return -1;
  at = skipSpace(data, at + 1, end);
  if (data[at] === 0x7d) return skipSpace(data, at + 1, end) === end ? 0 : -1;
  for (let count = 1; ; count++) {
    if (data[at] !== QUOTE) return -1;
    const keyStart = at + 1;
    const keyEnd = stringEnd(data, keyStart, end);
    if (keyEnd < 0) return -1;
    at = skipSpace(data, keyEnd + 1, end);
    if (data[at] !== COLON) return -1;
    const valueStart = skipSpace(data, at + 1, end);
    const valueEnd = skipValue(data, valueStart, end);
    if (valueEnd < 0) return -1;
    if (visit({ keyStart, keyEnd, valueStart, valueEnd }) === false) return count;
    at = skipSpace(data, valueEnd, end);
    if (data[at] === 0x7d) return skipSpace(data, at + 1, end) === end ? count : -1;
    if (data[at] !== COMMA) return -1;
    at = skipSpace(data, at + 1, end);
  }
}

function skipSpace(data: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (data[at] === 0x20 || data[at] === 0x09 || data[at] === 0x0d)) at += 1;
  return at;
}

/** Position of the quote that ends the string whose content begins at `from`, or -1. */
function stringEnd(data: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = data[at];
    if (byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) return at;
  }
  return -1;
}

function skipValue(data: Uint8Array, from: number, end: number): number {
  const first = data[from];
  if (first === QUOTE) {
    const close = stringEnd(data, from + 1, end);
    return close < 0 ? -1 : close + 1;
  }
  if (first !== 0x7b && first !== 0x5b) {
    let at = from;
    while (at < end && data[at] !== COMMA && data[at] !== 0x7d && data[at] !== 0x20) at += 1;
    return at === from ? -1 : at;
  }
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = data[at];
    if (byte === QUOTE) {
      at = stringEnd(data, at + 1, end);
      if (at < 0) return -1;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
