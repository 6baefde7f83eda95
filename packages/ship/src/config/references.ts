import { expandReferences } from "@falco-efk/kit";
import type { KeyPath } from "./key-path.ts";

/** Expands `${NAME}` in every text of a configuration; keys stay as they are. `fail` is told where an error stands. */
export function expandTexts(
  value: unknown,
  lookup: (name: string) => string | undefined,
  fail: (error: unknown, path: KeyPath) => Error,
  path: KeyPath = [],
): unknown {
  if (typeof value === "string") {
    try {
      return expandReferences(value, lookup);
    } catch (error) {
      throw fail(error, path);
    }
  }
  if (Array.isArray(value)) return value.map((item, at) => expandTexts(item, lookup, fail, [...path, at]));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expandTexts(item, lookup, fail, [...path, key])]),
  );
}
