import { ElasticError } from "../errors.ts";
import { parseDate } from "./date-format.ts";
import { type Instant, localToUtc, type ZoneOffset } from "./dates.ts";
import { addCalendar, type CalendarUnit, floorCalendar } from "./rounding.ts";

const UNITS: Readonly<Record<string, CalendarUnit>> = {
  y: "year",
  M: "month",
  w: "week",
  d: "day",
  h: "hour",
  H: "hour",
  m: "minute",
  s: "second",
};

const UTC: ZoneOffset = () => 0;

/**
 * Resolves a date with date math: `now-15m/m`, `2026-11-22||+1d`. With `roundUp` missing parts and a rounding give the
 * last instant instead of the first, as `gt` and `lte` need. Throws `parse_exception` for what is no date.
 */
export function resolveDate(
  input: string | number | bigint,
  options: {
    readonly formats: string;
    readonly zone?: ZoneOffset | undefined;
    readonly roundUp: boolean;
    readonly now: number;
  },
): Instant {
  if (typeof input !== "string") {
    return plain(input, options);
  }
  const { zone = UTC, roundUp, now } = options;
  if (input.startsWith("now")) {
    return math({ ms: now, nanos: 0 }, input.slice(3), zone, roundUp, input);
  }
  const split = input.indexOf("||");
  if (split < 0) {
    return plain(input, options);
  }
  const anchor = plain(input.slice(0, split), { ...options, roundUp: false });
  return math(anchor, input.slice(split + 2), zone, roundUp, input);
}

function plain(
  input: string | number | bigint,
  options: { readonly formats: string; readonly zone?: ZoneOffset | undefined; readonly roundUp: boolean },
): Instant {
  const found = parseDate(input, options.formats, options.zone, options.roundUp);
  if (!found) {
    throw new ElasticError(
      400,
      "parse_exception",
      `failed to parse date field [${input}] with format [${options.formats}]`,
    );
  }
  return found;
}

function math(start: Instant, expression: string, zone: ZoneOffset, roundUp: boolean, whole: string): Instant {
  let { ms, nanos } = start;
  let rest = expression;
  while (rest !== "") {
    const match = /^(?:([+-])(\d*)([yMwdhHms])|\/([yMwdhHms]))/.exec(rest);
    if (!match) {
      throw new ElasticError(400, "parse_exception", `operator not supported for date math [${whole}]`);
    }
    const local = ms + zone(ms);
    if (match[4] !== undefined) {
      const unit = UNITS[match[4]] ?? "second";
      const floor = floorCalendar(local, unit);
      ms = roundUp ? localToUtc(addCalendar(floor, unit, 1), zone) - 1 : localToUtc(floor, zone);
      nanos = roundUp ? 999_999 : 0;
    } else {
      const unit = UNITS[match[3] ?? "s"] ?? "second";
      const count = (match[1] === "-" ? -1 : 1) * (match[2] === "" ? 1 : Number(match[2]));
      const fixed = unit === "second" || unit === "minute" || unit === "hour";
      ms = fixed ? addCalendar(ms, unit, count) : localToUtc(addCalendar(local, unit, count), zone);
    }
    rest = rest.slice(match[0].length);
  }
  return { ms, nanos };
}
