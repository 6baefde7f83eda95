import { illegalArgument } from "../errors.ts";
import { type Instant, localToUtc, offsetOf, parseIso, utc, type ZoneOffset } from "./dates.ts";
import { printOffset } from "./zones.ts";

const UTC: ZoneOffset = () => 0;

/** Parses a date in any of the formats of `a||b`. Null when none of them takes it. */
export function parseDate(
  input: string | number | bigint,
  formats: string,
  zone: ZoneOffset | undefined,
  roundUp = false,
): Instant | null {
  for (const format of formats.split("||")) {
    const found = parseOne(input, format, zone, roundUp);
    if (found) {
      return found;
    }
  }
  return null;
}

function parseOne(
  input: string | number | bigint,
  format: string,
  zone: ZoneOffset | undefined,
  roundUp: boolean,
): Instant | null {
  if (format === "epoch_millis" || format === "epoch_second") {
    const scale = format === "epoch_millis" ? 1 : 1000;
    const text = String(input);
    const match = /^-?\d+(?:\.(\d+))?$/.exec(text);
    if (!match) {
      return null;
    }
    const value = Number(text) * scale;
    const ms = Math.floor(value);
    const nanos = match[1] === undefined ? 0 : Math.round((value - ms) * 1e6);
    return { ms, nanos: Math.min(nanos, 999_999) };
  }
  const text = String(input);
  if (format.includes("date_optional_time") || format === "strict_date_time" || format === "date_time") {
    // Elasticsearch's parser of nanoseconds wants the seconds of a time.
    return format.includes("nanos") && /T\d{2}(:\d{2})?(Z|[+-]|$)/.test(text) ? null : parseIso(text, zone, roundUp);
  }
  if (format === "strict_date" || format === "date") {
    return parsePattern(text, "yyyy-MM-dd", zone, roundUp);
  }
  if (format === "basic_date") {
    return parsePattern(text, "yyyyMMdd", zone, roundUp);
  }
  return parsePattern(text, format, zone, roundUp);
}

const TOKEN = /'((?:[^']|'')*)'|(y+|u+|M+|d+|D+|H+|h+|m+|s+|S+|n+|X+|x+|Z+|z+|E+|e+|a+)|([^A-Za-z]|\[|\])/g;

interface Piece {
  readonly letter: string;
  readonly count: number;
  readonly literal: string;
}

const patterns = new Map<string, readonly Piece[]>();

function pieces(pattern: string): readonly Piece[] {
  const known = patterns.get(pattern);
  if (known) {
    return known;
  }
  const list: Piece[] = [];
  let end = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    if (match.index !== end) {
      throw illegalArgument(`Invalid format: [${pattern}]: Unknown pattern letter: ${pattern[end]}`);
    }
    end += match[0].length;
    if (match[2] !== undefined) {
      list.push({ letter: match[2][0] ?? "", count: match[2].length, literal: "" });
    } else {
      list.push({ letter: "", count: 0, literal: match[1]?.replaceAll("''", "'") ?? match[3] ?? "" });
    }
  }
  if (end !== pattern.length) {
    throw illegalArgument(`Invalid format: [${pattern}]: Unknown pattern letter: ${pattern[end]}`);
  }
  patterns.set(pattern, list);
  return list;
}

function parsePattern(text: string, pattern: string, zone: ZoneOffset | undefined, roundUp: boolean): Instant | null {
  const part: Record<string, number> = {};
  let offset: number | null = null;
  let nanos = 0;
  let at = 0;
  for (const piece of pieces(pattern)) {
    if (piece.letter === "") {
      if (!text.startsWith(piece.literal, at)) {
        return null;
      }
      at += piece.literal.length;
      continue;
    }
    const rest = text.slice(at);
    if ("XxZz".includes(piece.letter)) {
      const match = /^(Z|UTC|[+-]\d{2}(?::?\d{2})?)/.exec(rest);
      if (!match) {
        return null;
      }
      offset = match[0] === "UTC" ? 0 : offsetOf(match[0]);
      at += match[0].length;
      continue;
    }
    const width =
      piece.letter === "y" || piece.letter === "u"
        ? piece.count >= 4
          ? "4,9"
          : "1,9"
        : `${piece.count},${Math.max(piece.count, piece.letter === "S" ? piece.count : 2)}`;
    const match = new RegExp(`^\\d{${width}}`).exec(rest);
    if (!match) {
      return null;
    }
    at += match[0].length;
    if (piece.letter === "S") {
      nanos = Number(match[0].padEnd(9, "0"));
    } else {
      part[piece.letter === "u" ? "y" : piece.letter] = Number(match[0]);
    }
  }
  if (at !== text.length) {
    return null;
  }
  const year = part.y ?? 1970;
  const month = part.M ?? (roundUp ? 12 : 1);
  if (month < 1 || month > 12 || (part.d ?? 1) < 1 || (part.d ?? 1) > 31 || (part.H ?? 0) > 23 || (part.m ?? 0) > 59) {
    return null;
  }
  const lastDay = new Date(utc(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - 86_400_000).getUTCDate();
  const hour = part.H ?? (roundUp ? 23 : 0);
  const minute = part.m ?? (roundUp ? 59 : 0);
  const second = part.s ?? (roundUp ? 59 : 0);
  const extra = roundUp && !pattern.includes("S") ? 999_999_999 : nanos;
  const day = part.d ?? (roundUp ? lastDay : 1);
  const local = utc(year, month, day) + hour * 3_600_000 + minute * 60_000 + second * 1000 + Math.floor(extra / 1e6);
  const ms = offset !== null ? local - offset : zone ? localToUtc(local, zone) : local;
  return { ms, nanos: extra % 1e6 };
}

/** Prints an instant in the first of the formats, at a zone's wall clock. */
export function formatDate(instant: Instant, formats: string, zone: ZoneOffset = UTC): string {
  const format = formats.split("||")[0] ?? formats;
  const offset = zone(instant.ms);
  if (format === "epoch_millis") {
    return instant.nanos === 0 ? String(instant.ms) : trimFraction(`${instant.ms}.${pad(instant.nanos, 6)}`);
  }
  if (format === "epoch_second") {
    const rest = ((instant.ms % 1000) + 1000) % 1000;
    return trimFraction(`${Math.floor(instant.ms / 1000)}.${pad(rest, 3)}`);
  }
  if (format.includes("optional_time") || format === "strict_date_time" || format === "date_time") {
    const text = isoLocal(instant.ms + offset);
    const fraction = format.includes("nanos") && instant.nanos > 0 ? trimZeros(pad(instant.nanos, 6)) : "";
    return `${text}${fraction}${printOffset(offset)}`;
  }
  const named = { strict_date: "yyyy-MM-dd", date: "yyyy-MM-dd", basic_date: "yyyyMMdd" }[format];
  return formatPattern(instant, named ?? format, offset);
}

function formatPattern(instant: Instant, pattern: string, offset: number): string {
  const date = new Date(instant.ms + offset);
  let text = "";
  for (const { letter, count, literal } of pieces(pattern)) {
    switch (letter) {
      case "":
        text += literal === "[" || literal === "]" ? "" : literal;
        break;
      case "y":
      case "u":
        text += count === 2 ? pad(date.getUTCFullYear() % 100, 2) : pad(date.getUTCFullYear(), count);
        break;
      case "M":
        text +=
          count >= 3
            ? date.toLocaleString("en-US", { month: count === 3 ? "short" : "long", timeZone: "UTC" })
            : pad(date.getUTCMonth() + 1, count);
        break;
      case "d":
        text += pad(date.getUTCDate(), count);
        break;
      case "H":
        text += pad(date.getUTCHours(), count);
        break;
      case "h":
        text += pad(date.getUTCHours() % 12 || 12, count);
        break;
      case "a":
        text += date.getUTCHours() < 12 ? "AM" : "PM";
        break;
      case "m":
        text += pad(date.getUTCMinutes(), count);
        break;
      case "s":
        text += pad(date.getUTCSeconds(), count);
        break;
      case "S":
        text += `${pad(date.getUTCMilliseconds(), 3)}${pad(instant.nanos, 6)}`.slice(0, count);
        break;
      case "E":
        text += date.toLocaleString("en-US", { weekday: count > 3 ? "long" : "short", timeZone: "UTC" });
        break;
      case "X":
        text += printOffset(offset);
        break;
      case "x":
        text += printOffset(offset, "+00:00");
        break;
      case "Z":
      case "z":
        text += printOffset(offset, "+0000").replace(":", "");
        break;
      default:
        throw illegalArgument(`Invalid format: [${pattern}]: Unknown pattern letter: ${letter}`);
    }
  }
  return text;
}

function isoLocal(localMs: number): string {
  return new Date(localMs).toISOString().slice(0, -1);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function trimFraction(text: string): string {
  return text.replace(/\.?0+$/, "");
}

function trimZeros(text: string): string {
  return text.replace(/0+$/, "");
}
