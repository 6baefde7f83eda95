/** Length of Falco's time: `2026-01-02T03:04:05.123456789Z`. */
export const FALCO_TIME_LENGTH = 30;

const KEY = Buffer.from('"time":"');
const QUOTE = 0x22;
const COMMA = 0x2c;
const DASH = 0x2d;

/**
 * Where the value of `time` begins when the object in `[start, end)` ends in `"time":"2026-01-02T03:04:05.123456789Z"}`,
 * as Falco's lines do (their keys are sorted); -1 otherwise. The last brace of an object closes the object itself, so a
 * key right before it is never a nested one.
 */
export function falcoTimeStart(data: Uint8Array, start: number, end: number): number {
  const value = end - 2 - FALCO_TIME_LENGTH;
  const key = value - KEY.length;
  if (key <= start || data[end - 2] !== QUOTE || data[key - 1] !== COMMA) return -1;
  for (let at = 0; at < 8; at++) {
    if (data[key + at] !== KEY[at]) return -1;
  }
  return isFalcoTime(data, value) ? value : -1;
}

function isFalcoTime(data: Uint8Array, at: number): boolean {
  return (
    isDigits(data, at, 4) &&
    data[at + 4] === DASH &&
    isDigits(data, at + 5, 2) &&
    data[at + 7] === DASH &&
    isDigits(data, at + 8, 2) &&
    data[at + 10] === 0x54 &&
    data[at + 13] === 0x3a &&
    data[at + 16] === 0x3a &&
    data[at + 19] === 0x2e &&
    data[at + 29] === 0x5a
  );
}

function isDigits(data: Uint8Array, at: number, count: number): boolean {
  for (let index = at; index < at + count; index++) {
    const byte = data[index] ?? 0;
    if (byte < 0x30 || byte > 0x39) return false;
  }
  return true;
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * A time text in UTC with its fraction kept to the last digit (`2026-01-02T03:04:05.123456789Z`), or null when it is
 * no ISO 8601 time with a zone between the years 0 and 9999.
 */
export function toUtcTime(text: string): string | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, day = "", clock = "", fraction, zone = "Z"] = match;
  const offset = zone === "Z" ? "Z" : zone.includes(":") ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const millis = Date.parse(`${day}T${clock}${offset}`);
  if (Number.isNaN(millis)) return null;
  const iso = new Date(millis).toISOString();
  if (iso.length !== 24) return null;
  return fraction === undefined ? iso : `${iso.slice(0, 19)}.${fraction}Z`;
}
