interface RawJson {
  rawJSON(text: string): unknown;
}

/**
 * A reviver for `JSON.parse` that keeps numbers as they are written: one that JavaScript would print otherwise
 * (18 digits, `1.0`) stays its own text when it is stringified again.
 */
export function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined && String(value) !== context.source
    ? rawJson(context.source)
    : value;
}

/** A reviver that turns integers beyond 2^53 into bigints. */
export function bigIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
    ? BigInt(context?.source ?? "")
    : value;
}

/** A number's text as a value that `JSON.stringify` prints as it is. */
export function rawJson(text: string): unknown {
  return (JSON as unknown as RawJson).rawJSON(text);
}

/** `JSON.stringify` that prints bigints with all their digits. */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? rawJson(String(item)) : item));
}
