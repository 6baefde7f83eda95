import { outputFormat } from "../aggs/format.ts";
import { readDocument } from "../mapping/document-reader.ts";
import type { Field } from "../mapping/field.ts";
import { IndexMapping } from "../mapping/index-mapping.ts";
import type { QueryContext } from "../query/context.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import { addressText } from "../values/addresses.ts";
import { formatDate } from "../values/date-format.ts";
import { nanosToMs } from "../values/dates.ts";
import type { Value } from "../values/value.ts";

/** One entry of `fields` or `docvalue_fields`. */
export interface FieldRequest {
  readonly pattern: string;
  readonly format: string | undefined;
}

/** Reads `fields` or `docvalue_fields`. */
export function readFieldRequests(input: unknown): FieldRequest[] {
  return (Array.isArray(input) ? input : []).map((item) =>
    typeof item === "string"
      ? { pattern: item, format: undefined }
      : { pattern: String((item as { field: unknown }).field), format: (item as { format?: string }).format },
  );
}

/** A document's values of the asked fields, each as a list, as Elasticsearch's `fields` gives them. */
export function hitFields(
  context: QueryContext,
  source: string,
  requests: readonly FieldRequest[],
): Record<string, unknown[]> {
  // Reading must not extend the mapping, so it works on what is mapped already.
  const { mapping } = context;
  const read = readDocument(new IndexMapping({ ...mapping.toJson(), dynamic: false }), source);
  const byColumn = new Map<string, Value[]>();
  read.fields.forEach((field, i) => {
    const values = byColumn.get(field.column);
    const value = read.values[i] as Value;
    if (values) {
      values.push(value);
    } else {
      byColumn.set(field.column, [value]);
    }
  });
  const found: Record<string, unknown[]> = {};
  for (const { pattern, format } of requests) {
    const { matches } = wildcardPattern(pattern);
    for (const field of mapping.fields.values()) {
      const values = matches(field.path) ? byColumn.get(field.column) : undefined;
      const seen = values?.filter((value) => typeof value !== "string" || value.length <= field.ignoreAbove);
      if (seen && seen.length > 0) {
        found[field.path] = seen.map((value) => printValue(field, value, format));
      }
    }
  }
  return found;
}

function printValue(field: Field, value: Value, format: string | undefined): unknown {
  switch (field.type.family) {
    case "boolean":
      return value === 1;
    case "ip":
      return addressText(String(value));
    case "date": {
      const nanos = field.typeName === "date_nanos";
      const ms = nanos ? nanosToMs(value as number | bigint) : (value as number);
      const rest = nanos ? Number(BigInt(value) - BigInt(ms) * 1_000_000n) : 0;
      const own = nanos ? "strict_date_optional_time_nanos" : outputFormat(field);
      return formatDate({ ms, nanos: rest }, format ?? own);
    }
    default:
      return value;
  }
}
