import { createHash } from "node:crypto";

/** A JSON text that is the same for equal values: keys sorted, undefined left out. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export function digest(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}

/** One place where two JSON values differ. `wanted` or `found` is undefined where that side has nothing. */
export interface Difference {
  /** Dotted path; `(whole)` when the values themselves differ. */
  readonly path: string;
  readonly wanted: unknown;
  readonly found: unknown;
}

/** Every leaf that differs, in the order of the paths. With `subset`, what only `found` has is no difference. */
export function differences(wanted: unknown, found: unknown, options: { subset?: boolean } = {}): Difference[] {
  const list: Difference[] = [];
  walk(wanted, found, "", options.subset === true, list);
  return list;
}

function walk(wanted: unknown, found: unknown, path: string, subset: boolean, list: Difference[]): void {
  if (isContainer(wanted) && isContainer(found) && Array.isArray(wanted) === Array.isArray(found)) {
    const left = wanted as Record<string, unknown>;
    const right = found as Record<string, unknown>;
    const skipExtra = subset && !Array.isArray(wanted);
    const keys = new Set([...Object.keys(left), ...(skipExtra ? [] : Object.keys(right))]);
    for (const key of [...keys].sort()) walk(left[key], right[key], path === "" ? key : `${path}.${key}`, subset, list);
    return;
  }
  if (canonicalJson(wanted ?? null) !== canonicalJson(found ?? null)) {
    list.push({ path: path === "" ? "(whole)" : path, wanted, found });
  }
}

function isContainer(value: unknown): boolean {
  return value !== null && typeof value === "object";
}
