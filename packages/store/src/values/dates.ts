import { canonicalInteger } from "./value.ts";

/** An instant: whole milliseconds since 1970, and the nanoseconds beyond them (0 to 999999). */
export interface Instant {
  readonly ms: number;
  readonly nanos: number;
}

const ISO =
  /^(\d{4}|[+-]\d{4,9})(?:-(\d{2})(?:-(\d{2})(?:[T](?:(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|z|[+-]\d{2}(?::?\d{2})?)?)?)?)?)?$/;

/** A zone as milliseconds to add to UTC at an instant. */
export type ZoneOffset = (utcMs: number) => number;

let lastDate = "";
let lastDay = 0;

/**
 * Parses Elasticsearch's `strict_date_optional_time`. Parts that are missing are the first ones, or the last ones
 * with `roundUp`. A text without a zone is in `zone`. Gives null for anything else.
 */
export function parseIso(text: string, zone?: ZoneOffset, roundUp = false): Instant | null {
  const fast = parseCommon(text);
  if (fast) {
    return fast;
  }
  const match = ISO.exec(text);
  if (!match) {
    return null;
  }
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const y = Number(year);
  const mo = month === undefined ? (roundUp ? 12 : 1) : Number(month);
  const d = day === undefined ? (roundUp ? daysInMonth(y, mo) : 1) : Number(day);
  const h = hour === undefined ? (roundUp ? 23 : 0) : Number(hour);
  const mi = minute === undefined ? (roundUp ? 59 : 0) : Number(minute);
  const s = second === undefined ? (roundUp ? 59 : 0) : Number(second);
  if (mo < 1 || mo > 12 || d < 1 || d > daysInMonth(y, mo) || h > 23 || mi > 59 || s > 59) {
    return null;
  }
  const digits =
    fraction === undefined ? (roundUp && second === undefined ? "999999999" : roundUp ? "999999999" : "") : fraction;
  const nanosAll = Number(digits.padEnd(9, "0"));
  const local = utc(y, mo, d) + h * 3_600_000 + mi * 60_000 + s * 1000 + Math.floor(nanosAll / 1e6);
  const ms = offset ? local - offsetOf(offset) : zone ? localToUtc(local, zone) : local;
  return { ms, nanos: nanosAll % 1e6 };
}

/** The layout that every Falco event has, `YYYY-MM-DDThh:mm:ss[.f…]Z`, without a regular expression. */
function parseCommon(text: string): Instant | null {
  const length = text.length;
  if (length < 20 || length > 30 || text.charCodeAt(10) !== 84 || text.charCodeAt(length - 1) !== 90) {
    return null;
  }
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) {
    return null;
  }
  const hour = two(text, 11);
  const minute = two(text, 14);
  const second = two(text, 17);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return null;
  }
  let nanos = 0;
  if (length > 20) {
    if (text.charCodeAt(19) !== 46) {
      return null;
    }
    let scale = 100_000_000;
    for (let i = 20; i < length - 1; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) {
        return null;
      }
      nanos += digit * scale;
      scale /= 10;
    }
    if (length === 21) {
      return null;
    }
  }
  const date = text.slice(0, 10);
  if (date !== lastDate) {
    const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
    if (!match) {
      return null;
    }
    const [y, m, d] = [Number(match[1]), Number(match[2]), Number(match[3])];
    if (m < 1 || m > 12 || d < 1 || d > daysInMonth(y, m)) {
      return null;
    }
    lastDate = date;
    lastDay = utc(y, m, d);
  }
  const ms = lastDay + hour * 3_600_000 + minute * 60_000 + second * 1000 + Math.floor(nanos / 1e6);
  return { ms, nanos: Math.round(nanos % 1e6) };
}

function two(text: string, at: number): number {
  const high = text.charCodeAt(at) - 48;
  const low = text.charCodeAt(at + 1) - 48;
  return high < 0 || high > 9 || low < 0 || low > 9 ? -1 : high * 10 + low;
}

/** Milliseconds of a day's start in UTC; years below 100 are meant as written. */
export function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime();
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (((year % 400) + 400) % 400), month, 0)).getUTCDate();
}

/** Milliseconds of an offset such as `+01:00`, `-0530`, `+01` or `Z`. */
export function offsetOf(text: string): number {
  if (text === "Z" || text === "z") {
    return 0;
  }
  const sign = text[0] === "-" ? -1 : 1;
  const digits = text.slice(1).replace(":", "").padEnd(4, "0");
  return sign * (Number(digits.slice(0, 2)) * 3_600_000 + Number(digits.slice(2, 4)) * 60_000);
}

/** The instant of a wall-clock time in a zone. In a gap the time after it, in an overlap the earlier one. */
export function localToUtc(localMs: number, zone: ZoneOffset): number {
  const before = localMs - zone(localMs - 86_400_000);
  if (before + zone(before) === localMs) {
    return before;
  }
  const after = localMs - zone(localMs + 86_400_000);
  return after + zone(after) === localMs ? after : before;
}

/** Nanoseconds since 1970 as a column keeps them. */
export function instantToNanos(instant: Instant): number | bigint {
  return canonicalInteger(BigInt(instant.ms) * 1_000_000n + BigInt(instant.nanos));
}

/** The whole milliseconds of a nanosecond value, rounded down. */
export function nanosToMs(value: number | bigint): number {
  if (typeof value === "number") {
    return Math.floor(value / 1e6);
  }
  const ms = Number(value / 1_000_000n);
  return value < 0n && value % 1_000_000n !== 0n ? ms - 1 : ms;
}
