import { asText, getField, setField } from "../event.ts";
import { compileGoLayout, type TimeParts } from "../go-layout.ts";
import { failed, type ProcessorKind } from "../processor.ts";
import { compileZone, type Zone } from "../time-zone.ts";

/** A text as a time in UTC with its fraction, or null. */
type ReadTime = (text: string) => string | null;

/**
 * Reads a time by layouts of Go's, `UNIX` or `UNIX_MS`; the first that fits counts. The values of `test` have to fit, or the
 * configuration is wrong.
 */
export const timestamp: ProcessorKind = (settings, context) => {
  const field = settings.text("field");
  const target = settings.text("target_field", "@timestamp");
  const zoneName = settings.text("timezone", "UTC");
  const zone = compileZone(zoneName);
  if (zone === null) throw settings.error(`${zoneName} is no time zone`, "timezone");
  const readers = settings.texts("layouts").map((layout) => compileLayout(layout, zone, context.now));
  if (readers.length === 0) throw settings.error("at least one is expected", "layouts");
  const ignoreMissing = settings.flag("ignore_missing", false);
  const ignoreFailure = settings.flag("ignore_failure", false);
  const read: ReadTime = (text) => {
    for (const reader of readers) {
      const time = reader(text);
      if (time !== null) return time;
    }
    return null;
  };
  for (const example of settings.texts("test", [])) {
    if (read(example) === null) throw settings.error(`${example} fits none of the layouts`, "test");
  }
  return (event) => {
    const value = getField(event, field);
    const text = asText(value);
    const time = text === null ? null : read(text);
    if (time !== null) setField(event, target, time);
    else if (value === undefined ? !ignoreMissing : !ignoreFailure) {
      failed(context, settings.name, value === undefined ? `there is no field ${field}` : `${field} fits no layout`);
    }
    return event;
  };
};

function compileLayout(layout: string, zone: Zone, now: () => number): ReadTime {
  if (layout === "UNIX" || layout === "UNIX_MS") {
    const places = layout === "UNIX" ? 3 : 0;
    return (text) => readUnix(text, places);
  }
  const parse = compileGoLayout(layout);
  return (text) => {
    const parts = parse(text);
    return parts === null ? null : toUtc(parts, zone, now);
  };
}

/** Seconds or milliseconds since 1970 with any fraction; digits beyond the milliseconds are kept. */
function readUnix(text: string, places: number): string | null {
  const [whole, digits = "", fraction = ""] = /^(-?\d{1,15})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const nanos = fraction.padEnd(6 + places, "0").slice(0, 6 + places);
  const millis = Number(`${digits}${nanos.slice(0, places)}`);
  const iso = toIso(millis);
  const rest = nanos.slice(places);
  return iso === null ? null : /^0*$/.test(rest) || digits.startsWith("-") ? iso : `${iso.slice(0, -1)}${rest}Z`;
}

function toUtc(parts: TimeParts, zone: Zone, now: () => number): string | null {
  const { year = new Date(now()).getUTCFullYear(), yearDay, minute = 0, second = 0, pm, fraction } = parts;
  const month = yearDay === undefined ? (parts.month ?? 1) : 1;
  const day = yearDay ?? parts.day ?? 1;
  const hour = pm === undefined ? (parts.hour ?? 0) : ((parts.hour ?? 0) % 12) + (pm ? 12 : 0);
  const longest = yearDay === undefined ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 366;
  if (month < 1 || month > 12 || day < 1 || day > longest || hour > 23 || minute > 59 || second > 59) return null;
  const date = new Date(0);
  // Unlike Date.UTC this takes years below 100 for what they are.
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const local = date.getTime();
  const utc = parts.offset === undefined ? zone(local) : local - parts.offset * 60_000;
  const iso = toIso(utc);
  if (iso === null) return null;
  return fraction === undefined ? iso : `${iso.slice(0, 19)}.${fraction.padEnd(3, "0")}Z`;
}

function toIso(millis: number): string | null {
  const date = new Date(millis);
  const iso = Number.isNaN(date.getTime()) ? "" : date.toISOString();
  return iso.length === 24 ? iso : null;
}
