const SLASH = 0x2f;
const DOT = 0x2e;

/** True when some component between `from` and `end` is empty, `.` or `..`. A slash at either end makes none. */
export function isUntidy(bytes: Uint8Array, from: number, end: number): boolean {
  let dots = 0;
  let length = 0;
  for (let at = bytes[from] === SLASH ? from + 1 : from; at < end; at++) {
    const byte = bytes[at];
    if (byte === SLASH) {
      if (length === dots && length <= 2) return true;
      length = 0;
      dots = 0;
    } else {
      length++;
      if (byte === DOT) dots++;
    }
  }
  return length > 0 && length === dots && length <= 2;
}

/** True when `..` stands somewhere between `from` and `end`, as a component or within one. */
export function hasDoubleDot(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from + 1; at < end; at++) if (bytes[at] === DOT && bytes[at - 1] === DOT) return true;
  return false;
}
