const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** Strings that are longer are left to the runtime to search; for shorter ones the call costs more. */
const NEAR = 32;

/** Names that are looked for among the keys of an object, found by length first. */
export class KeySet {
  readonly #byLength: (readonly (readonly [Uint8Array, number])[] | undefined)[] = [];

  constructor(names: readonly string[]) {
    names.forEach((name, at) => {
      this.#byLength[name.length] = [...(this.#byLength[name.length] ?? []), [Buffer.from(name), at]];
    });
  }

  /** The position of the name that stands in `[start, end)`, or -1. */
  find(data: Uint8Array, start: number, end: number): number {
    const candidates = this.#byLength[end - start];
    if (candidates === undefined) return -1;
    for (let index = 0; index < candidates.length; index++) {
      const candidate = candidates[index];
      if (candidate === undefined) break;
      const [name, at] = candidate;
      let same = 0;
      while (same < name.length && name[same] === data[start + same]) same += 1;
      if (same === name.length) return at;
    }
    return -1;
  }
}

/** An object within an object whose members are wanted as well. */
export interface InnerScan {
  /** Position of its name in the outer set. */
  readonly name: number;
  readonly keys: KeySet;
  readonly found: Uint32Array;
}

/**
 * Notes in `found` where the values of wanted keys begin and end in the object that opens at `at`: two numbers for each name
 * of the set, zeros for one that isn't there. Answers the position behind the closing brace, or -1 when the bytes before
 * `end` aren't shaped like an object. One pass over bytes: no closures, no texts.
 */
export function scanObject(
  data: Buffer,
  at: number,
  end: number,
  keys: KeySet,
  found: Uint32Array,
  inner: InnerScan | null = null,
): number {
  found.fill(0);
  let here = skipSpace(data, at + 1, end);
  if (data[at] !== OPEN) return -1;
  if (data[here] === CLOSE) return here + 1;
  while (here < end) {
    if (data[here] !== QUOTE) return -1;
    const keyStart = here + 1;
    const keyEnd = stringEnd(data, keyStart, end);
    here = skipSpace(data, keyEnd + 1, end);
    if (keyEnd < 0 || data[here] !== COLON) return -1;
    const valueStart = skipSpace(data, here + 1, end);
    const name = keys.find(data, keyStart, keyEnd);
    const valueEnd =
      inner !== null && inner.name === name && data[valueStart] === OPEN
        ? scanObject(data, valueStart, end, inner.keys, inner.found)
        : skipValue(data, valueStart, end);
    if (valueEnd < 0) return -1;
    if (name >= 0) {
      found[name * 2] = valueStart;
      found[name * 2 + 1] = valueEnd;
    }
    here = skipSpace(data, valueEnd, end);
    if (data[here] === CLOSE) return here + 1;
    if (data[here] !== COMMA) return -1;
    here = skipSpace(data, here + 1, end);
  }
  return -1;
}

function skipSpace(data: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (data[at] ?? 0) <= 0x20) at += 1;
  return at;
}

/** Position of the quote that ends the string whose content begins at `from`, or -1. */
function stringEnd(data: Buffer, from: number, end: number): number {
  const near = Math.min(end, from + NEAR);
  let at = from;
  while (at < near) {
    const byte = data[at];
    if (byte === QUOTE) return at;
    at += byte === BACKSLASH ? 2 : 1;
  }
  while (at < end) {
    const quote = data.indexOf(QUOTE, at);
    if (quote < 0 || quote >= end) return -1;
    // An odd number of backslashes before the quote makes it a part of the string.
    let first = quote;
    while (first > at && data[first - 1] === BACKSLASH) first -= 1;
    if ((quote - first) % 2 === 0) return quote;
    at = quote + 1;
  }
  return -1;
}

function skipValue(data: Buffer, from: number, end: number): number {
  const first = data[from] ?? 0;
  if (first === QUOTE) {
    const close = stringEnd(data, from + 1, end);
    return close < 0 ? -1 : close + 1;
  }
  if (first === OPEN || first === 0x5b) return skipNested(data, from, end);
  let at = from;
  while (at < end && data[at] !== COMMA && data[at] !== CLOSE && (data[at] ?? 0) > 0x20) at += 1;
  return at === from ? -1 : at;
}

function skipNested(data: Buffer, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = data[at];
    if (byte === QUOTE) {
      at = stringEnd(data, at + 1, end);
      if (at < 0) return -1;
    } else if (byte === OPEN || byte === 0x5b) depth += 1;
    else if (byte === CLOSE || byte === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
