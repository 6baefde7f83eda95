import type { Column } from "../columns/column.ts";
import { parsingError } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import { addressKey } from "../values/addresses.ts";
import { resolveDate } from "../values/date-math.ts";
import { instantToNanos } from "../values/dates.ts";
import { compareValues, type Value } from "../values/value.ts";
import { zoneOffset } from "../values/zones.ts";
import { type Matcher, NOTHING, planned, type QueryContext, queryShardError } from "./context.ts";
import { type QueryScalar, queryValue } from "./leaves.ts";
import { type Mask, maskOfFlags, maskOfRange } from "./mask.ts";
import { hiddenOrdinals, type SegmentView } from "./segment-view.ts";

/** A bound, and whether it is itself inside. Null: no bound. */
export interface Bound {
  readonly value: Value;
  readonly inclusive: boolean;
}

/** What a range query may say. */
export interface RangeOptions {
  readonly gte?: QueryScalar | null;
  readonly gt?: QueryScalar | null;
  readonly lte?: QueryScalar | null;
  readonly lt?: QueryScalar | null;
  readonly format?: string;
  readonly time_zone?: string;
}

const KEYS = new Set([
  "gte",
  "gt",
  "lte",
  "lt",
  "format",
  "time_zone",
  "boost",
  "relation",
  "_name",
  "from",
  "to",
  "include_lower",
  "include_upper",
]);

/** Compiles `range` on one field. */
export function rangeMatcher(context: QueryContext, field: Field, options: RangeOptions): Matcher {
  const given = (side: "gt" | "gte" | "lt" | "lte"): Bound | null => {
    const input = options[side];
    return input === undefined || input === null ? null : bound(context, field, input, options, side);
  };
  return betweenMatcher(field, given("gt") ?? given("gte"), given("lt") ?? given("lte"));
}

/** Checks the keys of a `range` body. Older names of the bounds are understood too. */
export function readRange(body: Record<string, unknown>): RangeOptions {
  for (const key of Object.keys(body)) {
    if (!KEYS.has(key)) {
      throw parsingError(`[range] query does not support [${key}]`);
    }
  }
  const { from, to, include_lower, include_upper, ...rest } = body;
  return {
    ...(from === undefined ? {} : { [include_lower === false ? "gt" : "gte"]: from }),
    ...(to === undefined ? {} : { [include_upper === false ? "lt" : "lte"]: to }),
    ...rest,
  } as RangeOptions;
}

function bound(context: QueryContext, field: Field, input: QueryScalar, options: RangeOptions, side: string): Bound {
  const inclusive = side === "gte" || side === "lte";
  if (field.type.family === "date") {
    const instant = resolveDate(typeof input === "boolean" ? String(input) : input, {
      formats: options.format ?? field.dateFormat,
      zone: options.time_zone === undefined ? undefined : zoneOffset(options.time_zone),
      roundUp: side === "gt" || side === "lte",
      now: context.now,
    });
    return { value: field.typeName === "date_nanos" ? instantToNanos(instant) : instant.ms, inclusive };
  }
  if (field.type.family === "integer" || field.type.family === "decimal") {
    if (typeof input === "bigint") {
      return { value: input, inclusive };
    }
    const number = typeof input === "string" && /^-?\d{16,}$/.test(input) ? BigInt(input) : Number(input);
    if (Number.isNaN(number) || input === "" || typeof input === "boolean") {
      throw queryShardError(context, `For input string: "${input}"`);
    }
    return { value: number, inclusive };
  }
  if (field.type.family === "ip" && addressKey(String(input)) === null) {
    throw queryShardError(context, `'${input}' is not an IP string literal.`);
  }
  return { value: queryValue(context, field, input), inclusive };
}

/** Documents with a value, or in an analyzed field a word, between two bounds. */
export function betweenMatcher(field: Field, lower: Bound | null, upper: Bound | null): Matcher {
  const inside = (value: Value): boolean => {
    if (lower) {
      const side = compareValues(value, lower.value);
      if (side < 0 || (side === 0 && !lower.inclusive)) {
        return false;
      }
    }
    if (upper) {
      const side = compareValues(value, upper.value);
      if (side > 0 || (side === 0 && !upper.inclusive)) {
        return false;
      }
    }
    return true;
  };
  return planned((view) => {
    const column = view.column(field.column);
    if (!column) {
      return NOTHING;
    }
    const hidden = hiddenOrdinals(column, field);
    if (column.sorted && !field.type.analyzed && !hidden) {
      let from = lower ? column.lowerBound(lower.value) : 1;
      if (lower && !lower.inclusive && from <= column.size && compareValues(column.value(from), lower.value) === 0) {
        from += 1;
      }
      let to = upper ? column.lowerBound(upper.value) : column.size + 1;
      if (upper?.inclusive && to <= column.size && compareValues(column.value(to), upper.value) === 0) {
        to += 1;
      }
      const about = from >= to ? 0 : column.ascending ? ((to - from) * view.documents) / column.size : Infinity;
      return { about, quick: column.ascending, mask: (seen) => maskOfRange(column, from, to - 1, seen.documents) };
    }
    return { about: Infinity, mask: (seen) => valuesInside(seen, column, field, hidden, inside) };
  });
}

function valuesInside(
  view: SegmentView,
  column: Column,
  field: Field,
  hidden: Uint8Array | null,
  inside: (value: Value) => boolean,
): Mask {
  const flags = new Uint8Array(column.size + 1);
  if (field.type.analyzed) {
    column.words().scan("", (word, postings) => {
      if (inside(word)) {
        for (const ordinal of postings().ordinals) {
          if (ordinal <= column.size) {
            flags[ordinal] = 1;
          }
        }
      }
    });
  } else {
    column.scan(1, column.size, (value, ordinal) => {
      flags[ordinal] = hidden?.[ordinal] !== 1 && inside(value) ? 1 : 0;
    });
  }
  return maskOfFlags(column, flags, view);
}
