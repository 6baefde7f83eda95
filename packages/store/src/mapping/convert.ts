import { ElasticError } from "../errors.ts";
import { addressKey } from "../values/addresses.ts";
import { parseDate } from "../values/date-format.ts";
import { instantToNanos } from "../values/dates.ts";
import { canonicalInteger, type Value } from "../values/value.ts";
import type { Field } from "./field.ts";

/** A scalar of a document. A bigint is an integer whose digits a number would lose. */
export type SourceScalar = string | number | bigint | boolean;

/** Converts a document's scalar to what the field's column keeps. Throws `document_parsing_exception`. */
export function convertScalar(field: Field, input: SourceScalar): Value {
  const value = tryConvert(field, input);
  if (value === null) {
    const preview = String(input).slice(0, 64);
    throw new ElasticError(
      400,
      "document_parsing_exception",
      `failed to parse field [${field.path}] of type [${field.typeName}] in document. Preview of field's value: '${preview}'`,
      { caused_by: { type: "illegal_argument_exception", reason: `For input string: "${preview}"` } },
    );
  }
  return value;
}

/** As `convertScalar`, but null when the field cannot hold the value. */
export function tryConvert(field: Field, input: SourceScalar): Value | null {
  switch (field.type.family) {
    case "text":
    case "keyword":
      return typeof input === "string" ? input : String(input);
    case "integer":
      return toInteger(field, input);
    case "decimal":
      return toDecimal(field, input);
    case "boolean":
      return input === true || input === "true" ? 1 : input === false || input === "false" || input === "" ? 0 : null;
    case "ip":
      return typeof input === "string" ? addressKey(input) : null;
    case "date": {
      if (typeof input === "boolean") {
        return null;
      }
      const instant =
        typeof input === "string" || field.mapping.format !== undefined
          ? parseDate(input, field.dateFormat, undefined)
          : parseDate(input, "epoch_millis", undefined);
      if (!instant) {
        return null;
      }
      return field.typeName === "date_nanos" ? instantToNanos(instant) : instant.ms;
    }
  }
}

function toInteger(field: Field, input: SourceScalar): Value | null {
  if (typeof input === "boolean") {
    return null;
  }
  let value: bigint;
  if (typeof input === "bigint") {
    value = input;
  } else if (typeof input === "number") {
    if (!Number.isFinite(input)) {
      return null;
    }
    value = BigInt(Math.trunc(input));
  } else {
    const text = input.trim();
    if (/^[+-]?\d+$/.test(text)) {
      value = BigInt(text);
    } else if (text !== "" && Number.isFinite(Number(text))) {
      value = BigInt(Math.trunc(Number(text)));
    } else {
      return null;
    }
  }
  const [least, most] = field.type.bounds ?? [value, value];
  return value < least || value > most ? null : canonicalInteger(value);
}

function toDecimal(field: Field, input: SourceScalar): Value | null {
  const value = typeof input === "boolean" || input === "" ? Number.NaN : Number(input);
  if (!Number.isFinite(value)) {
    return null;
  }
  if (field.typeName === "float") {
    return Number.isFinite(Math.fround(value)) ? Math.fround(value) : null;
  }
  return value;
}
