/** A JSON value; integers beyond 2^53 are bigint, because Falco's times are, and rounding one would be a lie. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json };

interface ReviverContext {
  readonly source?: string;
}

/** JSON.parse that keeps every digit of an integer. Throws SyntaxError as JSON.parse does. */
export function parseJson(text: string): Json {
  // A reviver costs a call a value: only texts that hold a long number pay it.
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  const reviver = (_key: string, value: unknown, context?: ReviverContext): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? "";
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown) as Json;
}

/** JSON.stringify for what parseJson gives; `indent` is the number of spaces a level. */
export function stringifyJson(value: Json, indent = 0): string {
  return write(value, indent, "");
}

function write(value: Json, indent: number, margin: string): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const inner = indent === 0 ? "" : margin + " ".repeat(indent);
  const items = Array.isArray(value)
    ? value.map((item: Json) => write(item, indent, inner))
    : Object.entries(value).map(
        ([key, item]) => `${JSON.stringify(key)}:${indent === 0 ? "" : " "}${write(item, indent, inner)}`,
      );
  if (items.length === 0) return `${open}${close}`;
  if (indent === 0) return `${open}${items.join(",")}${close}`;
  return `${open}\n${items.map((item) => inner + item).join(",\n")}\n${margin}${close}`;
}
