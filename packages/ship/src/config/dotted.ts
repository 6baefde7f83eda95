import { UserError } from "@falco-efk/kit";
import { parse } from "yaml";

/** Mappings whose keys are names of fields, not settings: dots in them stay. Processors read theirs themselves. */
const OPAQUE = new Set(["headers", "fields", "processors"]);

/** Turns keys such as `registry.path` into nested ones, at every depth, and joins what belongs together. */
export function expandDots(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expandDots);
  if (!isObject(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    merge(result, key.split("."), OPAQUE.has(key) ? item : expandDots(item));
  }
  return result;
}

/** Turns the keys of one mapping into nested ones; what is within stays as it is. */
export function expandKeys(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) merge(result, key.split("."), item);
  return result;
}

/** A mapping within a mapping as one, with dotted keys. Lists and single values are leaves. */
export function flattenKeys(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (!isObject(item)) result[key] = item;
    else for (const [inner, leaf] of Object.entries(flattenKeys(item))) result[`${key}.${inner}`] = leaf;
  }
  return result;
}

/** The path as the file has it: a file may write several names of it as one key with dots. Ends where the file does. */
export function pathInFile(value: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  if (path.length === 0 || typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) {
    const [at, ...rest] = path;
    return typeof at === "number" && at < value.length ? [at, ...pathInFile(value[at], rest)] : [];
  }
  for (let length = path.length; length > 0; length--) {
    const key = path.slice(0, length).join(".");
    if (Object.hasOwn(value, key)) {
      return [key, ...pathInFile((value as Record<string, unknown>)[key], path.slice(length))];
    }
  }
  // Of `setup` a file may have `setup.kibana.host` alone.
  const longer = Object.keys(value).find((key) => key.startsWith(`${path.join(".")}.`));
  return longer === undefined ? [] : [longer];
}

/** Applies `key.sub=value` to a configuration; the value is read as YAML. Throws UserError (`CONFIG_OVERRIDE`). */
export function setAt(value: unknown, assignment: string): unknown {
  const equals = assignment.indexOf("=");
  if (equals < 1) {
    throw new UserError(`-E ${assignment} is not key=value`, {
      code: "CONFIG_OVERRIDE",
      hint: "such as -E output.elasticsearch.hosts=[http://es:9200]",
    });
  }
  const result = isObject(value) ? structuredClone(value) : {};
  const path = assignment.slice(0, equals).split(".");
  const last = path.pop() ?? "";
  let target = result;
  for (const key of path) {
    const next = target[key];
    const child = isObject(next) ? next : {};
    target[key] = child;
    target = child;
  }
  target[last] = parse(assignment.slice(equals + 1));
  return result;
}

function merge(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  const there = target[key];
  if (rest.length > 0) {
    const child = isObject(there) ? there : {};
    target[key] = child;
    merge(child, rest, value);
  } else if (isObject(there) && isObject(value)) {
    for (const [name, item] of Object.entries(value)) merge(there, [name], item);
  } else target[key] = value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
