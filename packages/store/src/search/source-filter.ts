import { illegalArgument } from "../errors.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import { keepDigits } from "./exact-json.ts";

/** Gives the part of a source that was asked for; null when none was. */
export type SourceFilterFunction = (source: string) => string | null;

/** Compiles `_source`: true, false, patterns, or includes and excludes. */
export function compileSourceFilter(input: unknown): SourceFilterFunction {
  if (input === undefined || input === true || input === "true") {
    return (source) => source;
  }
  if (input === false || input === "false") {
    return () => null;
  }
  const { includes, excludes } = readPatterns(input);
  if (includes.length === 0 && excludes.length === 0) {
    return (source) => source;
  }
  return (source) => {
    const kept = filterObject(JSON.parse(source, keepDigits) as Record<string, unknown>, "", includes, excludes, false);
    return JSON.stringify(kept ?? {});
  };
}

function readPatterns(input: unknown): { includes: string[]; excludes: string[] } {
  if (typeof input === "string" || Array.isArray(input)) {
    return { includes: toList(input), excludes: [] };
  }
  if (typeof input !== "object" || input === null) {
    throw illegalArgument("Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] for [_source]");
  }
  const { includes, include, excludes, exclude } = input as Record<string, unknown>;
  return { includes: toList(includes ?? include), excludes: toList(excludes ?? exclude) };
}

function toList(value: unknown): string[] {
  return value === undefined || value === null
    ? []
    : Array.isArray(value)
      ? value.map(String)
      : String(value).split(",");
}

function filterObject(
  object: Record<string, unknown>,
  path: string,
  includes: readonly string[],
  excludes: readonly string[],
  included: boolean,
): Record<string, unknown> | undefined {
  const kept: Record<string, unknown> = {};
  let any = false;
  for (const [key, value] of Object.entries(object)) {
    const full = path === "" ? key : `${path}.${key}`;
    if (excludes.some((pattern) => covers(pattern, full))) {
      continue;
    }
    const inside = included || includes.length === 0 || includes.some((pattern) => covers(pattern, full));
    const filtered = filterValue(value, full, includes, excludes, inside);
    if (filtered !== undefined) {
      kept[key] = filtered;
      any = true;
    }
  }
  return any || included ? kept : undefined;
}

function filterValue(
  value: unknown,
  path: string,
  includes: readonly string[],
  excludes: readonly string[],
  inside: boolean,
): unknown {
  if (Array.isArray(value)) {
    const items = value
      .map((item) => filterValue(item, path, includes, excludes, inside))
      .filter((item) => item !== undefined);
    return items.length > 0 || inside ? items : undefined;
  }
  if (typeof value === "object" && value !== null && !isRaw(value)) {
    return filterObject(value as Record<string, unknown>, path, includes, excludes, inside);
  }
  return inside ? value : undefined;
}

function isRaw(value: object): boolean {
  return (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value);
}

const compiled = new Map<string, (text: string) => boolean>();

/** Whether a pattern names a path or something above it. */
function covers(pattern: string, path: string): boolean {
  let matches = compiled.get(pattern);
  if (!matches) {
    const whole = wildcardPattern(pattern).matches;
    const above = wildcardPattern(`${pattern}.*`).matches;
    matches = (text) => whole(text) || above(text);
    if (compiled.size > 1000) {
      compiled.clear();
    }
    compiled.set(pattern, matches);
  }
  return matches(path);
}
