import { keepDigits } from "../search/exact-json.ts";

/** Merges a partial document into a source, objects into objects. Null when nothing would change. */
export function patchSource(source: string, patch: string): string | null {
  const before = JSON.parse(source, keepDigits) as Record<string, unknown>;
  const after = merge(before, JSON.parse(patch, keepDigits) as Record<string, unknown>);
  const text = JSON.stringify(after);
  return text === JSON.stringify(before) ? null : text;
}

function merge(into: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const old = merged[key];
    merged[key] = isPlain(old) && isPlain(value) ? merge(old, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== null;
}
