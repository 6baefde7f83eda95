import type { ResolvedRange } from "./date-math.ts";

/** A histogram's step: Elasticsearch's name for it and its length. */
export interface Interval {
  readonly name: string;
  readonly ms: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const INTERVALS: readonly Interval[] = [
  { name: "100ms", ms: 100 },
  { name: "1s", ms: SECOND },
  { name: "5s", ms: 5 * SECOND },
  { name: "10s", ms: 10 * SECOND },
  { name: "30s", ms: 30 * SECOND },
  { name: "1m", ms: MINUTE },
  { name: "5m", ms: 5 * MINUTE },
  { name: "10m", ms: 10 * MINUTE },
  { name: "30m", ms: 30 * MINUTE },
  { name: "1h", ms: HOUR },
  { name: "3h", ms: 3 * HOUR },
  { name: "12h", ms: 12 * HOUR },
  { name: "1d", ms: DAY },
  { name: "7d", ms: 7 * DAY },
  { name: "30d", ms: 30 * DAY },
  { name: "365d", ms: 365 * DAY },
];
const LONGEST: Interval = { name: "365d", ms: 365 * DAY };

/** The shortest interval that cuts the range into at most `buckets` parts. */
export function chooseInterval(range: ResolvedRange, buckets = 80): Interval {
  return INTERVALS.find(({ ms }) => (range.to - range.from) / ms <= buckets) ?? LONGEST;
}

/** The interval of that name (`1h`, `30s`), or null. */
export function parseInterval(name: string): Interval | null {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d|w)$/.exec(name) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const ms = Number(amount) * ({ ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY }[unit] ?? 0);
  return ms === 0 ? null : { name: unit === "w" ? `${Number(amount) * 7}d` : name, ms };
}

/** The starts of all buckets of a range, as Elasticsearch cuts them: multiples of the interval since the epoch. */
export function bucketStarts(range: ResolvedRange, { ms }: Interval): number[] {
  const starts: number[] = [];
  for (let at = Math.floor(range.from / ms) * ms; at <= range.to && starts.length < 2_000; at += ms) starts.push(at);
  return starts;
}
