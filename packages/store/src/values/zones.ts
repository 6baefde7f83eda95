import { illegalArgument } from "../errors.ts";
import { offsetOf, type ZoneOffset } from "./dates.ts";

const zones = new Map<string, ZoneOffset>();

/** The offsets of a time zone: `Z`, `UTC`, `+01:00` or an IANA name. Throws `illegal_argument_exception` for others. */
export function zoneOffset(name: string): ZoneOffset {
  let zone = zones.get(name);
  if (!zone) {
    zone = makeZone(name);
    zones.set(name, zone);
  }
  return zone;
}

function makeZone(name: string): ZoneOffset {
  if (name === "Z" || name === "UTC" || name === "GMT") {
    return () => 0;
  }
  if (/^[+-]\d{1,2}(:?\d{2})?$/.test(name)) {
    const fixed = offsetOf(name.replace(/^([+-])(\d)(?=:|$)/, "$10$2"));
    return () => fixed;
  }
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw illegalArgument(`Unknown time-zone ID: ${name}`);
  }
  // Offsets change on whole quarter hours at most, so one look-up serves all instants of a quarter.
  const cache = new Map<number, number>();
  return (utcMs) => {
    const quarter = Math.floor(utcMs / 900_000);
    let offset = cache.get(quarter);
    if (offset === undefined) {
      const part: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(quarter * 900_000)) {
        part[type] = Number(value);
      }
      const local = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
      offset = local - quarter * 900_000;
      if (cache.size > 100_000) {
        cache.clear();
      }
      cache.set(quarter, offset);
    }
    return offset;
  };
}

/** An offset as it is printed: `Z`, `+01:00`. */
export function printOffset(offsetMs: number, utcText = "Z"): string {
  if (offsetMs === 0) {
    return utcText;
  }
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
