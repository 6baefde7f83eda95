/** A moment as a person gives it: `now-15m`, `now/d`, or an ISO 8601 time. */
export type Moment = string;

export interface TimeRange {
  readonly from: Moment;
  readonly to: Moment;
}

/** Milliseconds since the epoch; `to` is included. */
export interface ResolvedRange {
  readonly from: number;
  readonly to: number;
}

type Unit = "s" | "m" | "h" | "d" | "w" | "M" | "y";
const STEP = /([+-])(\d+)([smhdwMy])|\/([smhdwMy])/g;

/** The moment in milliseconds; with `roundUp` a `/d` means the day's last millisecond. Null when it can't be read. */
export function resolveMoment(moment: Moment, now: number, roundUp = false): number | null {
  const text = moment.trim();
  if (!text.startsWith("now")) {
    const time = Date.parse(text);
    return Number.isNaN(time) || !/^\d{4}-/.test(text) ? null : time;
  }
  const math = text.slice(3);
  if (math.replace(STEP, "") !== "") return null;
  const date = new Date(now);
  for (const [, sign, amount, unit, rounding] of math.matchAll(STEP)) {
    if (rounding !== undefined) round(date, rounding as Unit, roundUp);
    else shift(date, (sign === "-" ? -1 : 1) * Number(amount), unit as Unit);
  }
  return date.getTime();
}

/** Both ends. Null when one can't be read or the range is upside down. */
export function resolveRange(range: TimeRange, now: number): ResolvedRange | null {
  const from = resolveMoment(range.from, now);
  const to = resolveMoment(range.to, now, true);
  return from === null || to === null || from > to ? null : { from, to };
}

function shift(date: Date, amount: number, unit: Unit): void {
  if (unit === "M") date.setMonth(date.getMonth() + amount);
  else if (unit === "y") date.setFullYear(date.getFullYear() + amount);
  else if (unit === "d" || unit === "w") date.setDate(date.getDate() + amount * (unit === "w" ? 7 : 1));
  else date.setTime(date.getTime() + amount * { s: 1_000, m: 60_000, h: 3_600_000 }[unit]);
}

function round(date: Date, unit: Unit, up: boolean): void {
  if (unit === "y") date.setMonth(0);
  if (unit === "y" || unit === "M") date.setDate(1);
  // Weeks begin on Monday.
  if (unit === "w") date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  if (unit === "s") date.setMilliseconds(0);
  else if (unit === "m") date.setSeconds(0, 0);
  else if (unit === "h") date.setMinutes(0, 0, 0);
  else date.setHours(0, 0, 0, 0);
  if (!up) return;
  shift(date, 1, unit);
  date.setTime(date.getTime() - 1);
}

const UNIT_NAMES: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  y: "year",
};

/** A range in words: `Last 24 hours`, `Today`, `22 Nov 23:10:00 → now`. */
export function describeRange(range: TimeRange, formatTime: (time: number) => string): string {
  const last = /^now-(\d+)([smhdwMy])$/.exec(range.from);
  if (last !== null && range.to === "now") {
    const name = UNIT_NAMES[last[2] ?? ""] ?? "";
    return last[1] === "1" ? `Last ${name}` : `Last ${last[1]} ${name}s`;
  }
  if (range.from === "now/d" && range.to === "now/d") return "Today";
  if (range.from === "now/w" && range.to === "now/w") return "This week";
  const end = (moment: Moment) => {
    const time = moment.startsWith("now") ? null : resolveMoment(moment, 0);
    return time === null ? moment : formatTime(time);
  };
  return `${end(range.from)} → ${end(range.to)}`;
}
