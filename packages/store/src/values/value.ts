/**
 * A value as columns keep it. Text, keywords and addresses are strings. Numbers, booleans (0, 1) and dates
 * (milliseconds) are numbers; integers beyond 2^53 and date_nanos (nanoseconds) are bigints, so that every digit stays.
 * The form is canonical: a bigint is never one that a number could hold exactly.
 */
export type Value = string | number | bigint;

/** Orders two values of one column: negative, zero or positive. */
export function compareValues(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The canonical value of an integer. */
export function canonicalInteger(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
