import { ElasticError, illegalArgument, notSupported, parsingError } from "../errors.ts";
import { tryConvert } from "../mapping/convert.ts";
import type { Field } from "../mapping/field.ts";
import { FIELD_TYPES } from "../mapping/field-types.ts";
import type { QueryContext } from "../query/context.ts";
import type { SegmentView } from "../query/segment-view.ts";
import { hiddenOrdinals } from "../query/segment-view.ts";
import { addressText } from "../values/addresses.ts";
import { formatDate } from "../values/date-format.ts";
import { resolveDate } from "../values/date-math.ts";
import { instantToNanos, nanosToMs } from "../values/dates.ts";
import { compareValues, type Value } from "../values/value.ts";

/** One key of a sort. */
export interface SortKey {
  readonly path: string;
  readonly ascending: boolean;
  readonly missing: unknown;
  /** The type that an index without the field sorts by; null when that is an error. */
  readonly unmapped: string | null;
  readonly mode: "min" | "max";
  readonly format: string | undefined;
}

/** A hit before it is read: where it is, and the values it is sorted by (null: it has none). */
export interface Candidate {
  readonly view: SegmentView;
  readonly context: QueryContext;
  /** The segment's place among those searched: the last tie-break, with the document's number. */
  readonly place: number;
  readonly document: number;
  readonly keys: readonly (Value | null)[];
}

/** Reads `sort`. An empty list means: by score, which is the order of storage. */
export function readSort(input: unknown): SortKey[] {
  if (input === undefined || input === null) {
    return [];
  }
  const list = Array.isArray(input) ? input : [input];
  return list.flatMap((clause) => {
    if (typeof clause === "string") {
      const [path = "", direction] = clause.split(":");
      return [makeKey(path, direction === undefined ? {} : { order: direction })];
    }
    if (typeof clause !== "object" || clause === null) {
      throw parsingError("malformed sort format, within the sort array, an object, or an actual string are allowed");
    }
    return Object.entries(clause as Record<string, unknown>).map(([path, options]) =>
      makeKey(path, typeof options === "string" ? { order: options } : (options as Record<string, unknown>)),
    );
  });
}

function makeKey(path: string, options: Record<string, unknown>): SortKey {
  if (path === "_script" || path === "_geo_distance") {
    throw notSupported(`the sort [${path}]`);
  }
  const order =
    options.order === undefined ? (path === "_score" ? "desc" : "asc") : String(options.order).toLowerCase();
  if (order !== "asc" && order !== "desc") {
    throw illegalArgument(`Unknown SortOrder [${options.order}]`);
  }
  const ascending = order === "asc";
  return {
    path,
    ascending,
    missing: options.missing ?? "_last",
    unmapped: options.unmapped_type === undefined ? null : String(options.unmapped_type),
    mode: options.mode === "min" || options.mode === "max" ? options.mode : ascending ? "min" : "max",
    format: options.format as string | undefined,
  };
}

/** The field of a sort key in an index; null when it sorts by storage order or is allowed to be unmapped. */
export function sortField(context: QueryContext, key: SortKey): Field | null {
  if (key.path === "_doc" || key.path === "_score" || key.path === "_shard_doc") {
    return null;
  }
  const field = context.mapping.fields.get(key.path);
  if (!field) {
    if (key.unmapped) {
      return null;
    }
    throw new ElasticError(400, "query_shard_exception", `No mapping found for [${key.path}] in order to sort on`, {
      index: context.indexName,
    });
  }
  if (field.type.analyzed) {
    throw illegalArgument(
      `Fielddata is disabled on [${key.path}] in [${context.indexName}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead.`,
    );
  }
  return field;
}

/** Gives a document's sort value in one segment, by ordinal: 0 when it has none. */
export interface KeyReader {
  readonly ordinal: (document: number) => number;
  readonly value: (ordinal: number) => Value;
  readonly sorted: boolean;
  /** The best value of the segment for this key; null when it is not known. */
  readonly best: () => Value | null;
}

/** Prepares reading a key in a segment; null when no document has a value. */
export function keyReader(view: SegmentView, field: Field | null, key: SortKey): KeyReader | null {
  const column = field ? view.column(field.column) : null;
  if (!column || !field) {
    return null;
  }
  const { ordinals, starts, sorted } = column;
  const hidden = hiddenOrdinals(column, field);
  const value = (ordinal: number): Value => column.value(ordinal);
  const best = (): Value | null => (sorted && column.size > 0 ? column.value(key.ascending ? 1 : column.size) : null);
  if (!starts) {
    return {
      ordinal: (document) => {
        const ordinal = ordinals[document] as number;
        return hidden?.[ordinal] === 1 ? 0 : ordinal;
      },
      value,
      sorted,
      best,
    };
  }
  const smallest = key.mode === "min";
  return {
    ordinal: (document) => {
      let chosen = 0;
      for (let at = starts[document] as number; at < (starts[document + 1] as number); at++) {
        const ordinal = ordinals[at] as number;
        if (hidden?.[ordinal] === 1) {
          continue;
        }
        if (chosen === 0 || compareValues(value(ordinal), value(chosen)) < 0 === smallest) {
          chosen = ordinal;
        }
      }
      return chosen;
    },
    value,
    sorted,
    best,
  };
}

/** Orders two sort values under a key; missing ones go where the key says. */
export function compareKeyValues(key: SortKey, a: Value | null, b: Value | null): number {
  if (a === null || b === null) {
    const side = (a === null ? 1 : 0) - (b === null ? 1 : 0);
    return key.missing === "_first" ? -side : side;
  }
  const side = compareValues(a, b);
  return key.ascending ? side : -side;
}

/** Orders two candidates. */
export function compareCandidates(sort: readonly SortKey[], a: Candidate, b: Candidate): number {
  for (let i = 0; i < sort.length; i++) {
    const side = compareKeyValues(sort[i] as SortKey, a.keys[i] ?? null, b.keys[i] ?? null);
    if (side !== 0) {
      return side;
    }
  }
  return a.place - b.place || a.document - b.document;
}

/** A sort value as it is answered. */
export function printKey(key: SortKey, field: Field | null, value: Value | null): unknown {
  if (value === null) {
    return missingKey(key, field);
  }
  if (!field) {
    return value;
  }
  if (field.type.family === "date" && key.format !== undefined) {
    const nanos = field.typeName === "date_nanos";
    const ms = nanos ? nanosToMs(value as number | bigint) : (value as number);
    const rest = nanos ? Number(BigInt(value) - BigInt(ms) * 1_000_000n) : 0;
    return formatDate({ ms, nanos: rest }, key.format);
  }
  return field.type.family === "ip" ? addressText(String(value)) : value;
}

const HIGHEST = 9223372036854775807n;
const LOWEST = -9223372036854775808n;

/** What stands for "no value": a number's far end where numbers are sorted, else null. */
function missingKey(key: SortKey, field: Field | null): unknown {
  const family = field?.type.family ?? (key.unmapped ? FIELD_TYPES[key.unmapped]?.family : undefined);
  const high = (key.missing === "_first") !== key.ascending;
  switch (family) {
    case "integer":
    case "date":
    case "boolean":
      return high ? HIGHEST : LOWEST;
    case "decimal":
      return high ? "Infinity" : "-Infinity";
    default:
      return null;
  }
}

/** The column value of a `search_after` entry. */
export function readAfter(field: Field | null, key: SortKey, input: unknown, now: number): Value | null {
  if (input === null || input === undefined || input === HIGHEST || input === LOWEST) {
    return null;
  }
  if (!field) {
    return input as Value;
  }
  if (field.type.family === "date") {
    if (typeof input === "string" && !/^-?\d+$/.test(input)) {
      const formats = key.format ?? `${field.dateFormat}||strict_date_optional_time_nanos`;
      const instant = resolveDate(input, { formats, roundUp: false, now });
      return field.typeName === "date_nanos" ? instantToNanos(instant) : instant.ms;
    }
    const number = BigInt(input as string);
    return number >= -9007199254740991n && number <= 9007199254740991n ? Number(number) : number;
  }
  const value = tryConvert(field, input as string);
  if (value === null) {
    throw illegalArgument(`Failed to parse search_after value for field [${key.path}].`);
  }
  return value;
}
