import { illegalArgument } from "../errors.ts";
import { localToUtc, utc, type ZoneOffset } from "./dates.ts";

/** Calendar units, by every name that Elasticsearch takes. */
export type CalendarUnit = "second" | "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year";

const CALENDAR: Readonly<Record<string, CalendarUnit>> = {
  second: "second",
  "1s": "second",
  minute: "minute",
  "1m": "minute",
  hour: "hour",
  "1h": "hour",
  day: "day",
  "1d": "day",
  week: "week",
  "1w": "week",
  month: "month",
  "1M": "month",
  quarter: "quarter",
  "1q": "quarter",
  year: "year",
  "1y": "year",
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Maps an instant to its bucket's start, and a bucket's start to the next one's. */
export interface Rounding {
  readonly floor: (ms: number) => number;
  readonly next: (startMs: number) => number;
}

/** The unit of a `calendar_interval`; null when it is none. */
export function calendarUnit(text: string): CalendarUnit | null {
  return CALENDAR[text] ?? null;
}

/** Milliseconds of a duration such as `30s`, `1.5h` or `1d`. Throws `illegal_argument_exception`. */
export function durationMs(text: string, what: string): number {
  const match = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (!match) {
    throw illegalArgument(
      `failed to parse setting [${what}] with value [${text}] as a time value: unit is missing or unrecognized`,
    );
  }
  return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}

/** Buckets of a fixed length. With a zone they start at its wall-clock multiples. */
export function fixedRounding(intervalMs: number, offsetMs: number, zone: ZoneOffset): Rounding {
  return {
    floor: (ms) => {
      const shift = zone(ms);
      const local = Math.floor((ms + shift - offsetMs) / intervalMs) * intervalMs + offsetMs;
      const start = localToUtc(local, zone);
      // In an hour that a clock change repeats, the second one has buckets of its own.
      return start > ms || ms - start >= intervalMs + 7_200_000 || (ms - start >= intervalMs && zone(start) > shift)
        ? local - shift
        : start;
    },
    next: (start) => {
      const following = localToUtc(start + zone(start) + intervalMs, zone);
      return following > start ? following : start + intervalMs;
    },
  };
}

/** Buckets that begin with a calendar unit in a zone. */
export function calendarRounding(unit: CalendarUnit, offsetMs: number, zone: ZoneOffset): Rounding {
  const toUtc = (local: number, near: number): number => {
    // Within a clock change's repeated hour the earlier and the later hour are different buckets.
    const same = local - zone(near);
    return unit === "second" || unit === "minute" || unit === "hour" ? same : localToUtc(local, zone);
  };
  const floor = (ms: number): number => {
    const at = ms - offsetMs;
    return toUtc(floorCalendar(at + zone(at), unit), at) + offsetMs;
  };
  return {
    floor,
    next: (start) => {
      const at = start - offsetMs;
      const local = at + zone(at);
      const following = toUtc(addCalendar(local, unit, 1), at) + offsetMs;
      return following > start ? following : start + 3_600_000;
    },
  };
}

/** The start of the unit that a wall-clock time lies in. Weeks start on Monday. */
export function floorCalendar(localMs: number, unit: CalendarUnit): number {
  const date = new Date(localMs);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  switch (unit) {
    case "second":
      return Math.floor(localMs / 1000) * 1000;
    case "minute":
      return Math.floor(localMs / 60_000) * 60_000;
    case "hour":
      return Math.floor(localMs / 3_600_000) * 3_600_000;
    case "day":
      return Math.floor(localMs / 86_400_000) * 86_400_000;
    case "week": {
      const day = Math.floor(localMs / 86_400_000);
      return (day - ((((day + 3) % 7) + 7) % 7)) * 86_400_000;
    }
    case "month":
      return utc(year, month + 1, 1);
    case "quarter":
      return utc(year, month - (month % 3) + 1, 1);
    case "year":
      return utc(year, 1, 1);
  }
}

/** Adds whole units to a wall-clock time; a day that the month lacks becomes its last one. */
export function addCalendar(localMs: number, unit: CalendarUnit, count: number): number {
  const fixed = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 }[
    unit as "second" | "minute" | "hour" | "day" | "week"
  ];
  if (fixed !== undefined) {
    return localMs + count * fixed;
  }
  const months = count * (unit === "month" ? 1 : unit === "quarter" ? 3 : 12);
  const date = new Date(localMs);
  const total = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const year = Math.floor(total / 12);
  const month = total - year * 12;
  const lastDay = new Date(utc(year, month + 2, 1) - 86_400_000).getUTCDate();
  return (
    utc(year, month + 1, Math.min(date.getUTCDate(), lastDay)) + (((localMs % 86_400_000) + 86_400_000) % 86_400_000)
  );
}
