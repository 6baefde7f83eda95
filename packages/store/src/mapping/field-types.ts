/** How values of a type are kept in a column. */
export type ColumnKind = "string" | "number" | "address";

/** What a mapped field is, beyond its name. */
export interface FieldType {
  readonly kind: ColumnKind;
  /** `_field_caps` and error messages group types by family. */
  readonly family: "text" | "keyword" | "integer" | "decimal" | "date" | "boolean" | "ip";
  readonly analyzed: boolean;
  /** Bounds of integers. */
  readonly bounds?: readonly [bigint, bigint];
}

const bits = (count: bigint): readonly [bigint, bigint] => [-(1n << (count - 1n)), (1n << (count - 1n)) - 1n];
const keyword: FieldType = { kind: "string", family: "keyword", analyzed: false };
const text: FieldType = { kind: "string", family: "text", analyzed: true };
const decimal: FieldType = { kind: "number", family: "decimal", analyzed: false };
const integer = (bounds: readonly [bigint, bigint]): FieldType => ({
  kind: "number",
  family: "integer",
  analyzed: false,
  bounds,
});

/** Every type that a mapping may name. */
export const FIELD_TYPES: Readonly<Record<string, FieldType>> = {
  text,
  match_only_text: text,
  keyword,
  constant_keyword: keyword,
  wildcard: keyword,
  long: integer(bits(64n)),
  integer: integer(bits(32n)),
  short: integer(bits(16n)),
  byte: integer(bits(8n)),
  unsigned_long: integer([0n, (1n << 64n) - 1n]),
  double: decimal,
  float: decimal,
  half_float: decimal,
  scaled_float: decimal,
  date: { kind: "number", family: "date", analyzed: false },
  date_nanos: { kind: "number", family: "date", analyzed: false },
  boolean: { kind: "number", family: "boolean", analyzed: false },
  ip: { kind: "address", family: "ip", analyzed: false },
};

/** The formats of a date field that names none. */
export const DEFAULT_DATE_FORMAT = "strict_date_optional_time||epoch_millis";

/** The same for nanoseconds. A time in it has its seconds. */
export const DEFAULT_NANOS_FORMAT = "strict_date_optional_time_nanos||epoch_millis";
