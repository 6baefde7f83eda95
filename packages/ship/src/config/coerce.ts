import type { Schema } from "./json-schema.ts";

/**
 * Texts as what the schema wants in their place: an environment variable, and `-E`, can only be a text. A single value where a
 * list is wanted becomes one of it. What doesn't fit stays for the check to complain about.
 */
export function coerceTexts(value: unknown, schema: Schema | undefined): unknown {
  if (schema === undefined) return value;
  const { type, properties, items } = schema as {
    readonly type?: unknown;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
  };
  if (type === "array" && Array.isArray(value)) return value.map((item) => coerceTexts(item, items));
  if (type === "array" && typeof value === "string" && items?.type === "string") return splitList(value);
  if (type === "object" && typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coerceTexts(item, properties?.[key])]));
  }
  if (typeof value !== "string") return value;
  if (type === "integer" && /^\d+$/.test(value)) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}

/** `a`, `a, b` or `["a", "b"]`. */
function splitList(text: string): readonly string[] {
  const inner = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1] ?? text;
  return inner.split(",").flatMap((part) => {
    const item = part.trim().replace(/^(["'])(.*)\1$/, "$2");
    return item === "" ? [] : [item];
  });
}
