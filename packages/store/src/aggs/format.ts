import type { Field } from "../mapping/field.ts";
import { addressText } from "../values/addresses.ts";
import { formatDate } from "../values/date-format.ts";
import type { ZoneOffset } from "../values/dates.ts";
import { nanosToMs } from "../values/dates.ts";
import type { Value } from "../values/value.ts";

/** A bucket's key as it is answered, and its text where Elasticsearch gives one. */
export function bucketKey(
  field: Field | null,
  value: Value,
  format?: string,
): { key: unknown; key_as_string?: string } {
  switch (field?.type.family) {
    case "boolean":
      return { key: value, key_as_string: value === 1 ? "true" : "false" };
    case "date": {
      const ms = field.typeName === "date_nanos" ? nanosToMs(value as number | bigint) : (value as number);
      return { key: ms, key_as_string: formatDate({ ms, nanos: 0 }, format ?? outputFormat(field)) };
    }
    case "ip":
      return { key: addressText(String(value)) };
    default:
      return { key: value };
  }
}

/** The format in which a date field's values are printed. */
export function outputFormat(field: Field): string {
  return field.dateFormat.split("||")[0] ?? field.dateFormat;
}

/** Prints milliseconds by a format in a zone. */
export function printMs(ms: number, format: string, zone?: ZoneOffset): string {
  return formatDate({ ms: Math.floor(ms), nanos: 0 }, format, zone);
}

/** The number that a metric reads from a value; dates are milliseconds. */
export function metricNumber(field: Field, value: Value): number {
  if (field.typeName === "date_nanos") {
    return nanosToMs(value as number | bigint);
  }
  return Number(value);
}
