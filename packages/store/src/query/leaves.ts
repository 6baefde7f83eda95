import type { Column } from "../columns/column.ts";
import { tryConvert } from "../mapping/convert.ts";
import type { Field } from "../mapping/field.ts";
import type { TextPattern } from "../text/wildcard.ts";
import { networkKeys } from "../values/addresses.ts";
import { resolveDate } from "../values/date-math.ts";
import { instantToNanos } from "../values/dates.ts";
import type { Value } from "../values/value.ts";
import { type Matcher, matchNone, NOTHING, planned, type QueryContext, queryShardError } from "./context.ts";
import { type Mask, maskOfFlags } from "./mask.ts";
import type { SegmentView } from "./segment-view.ts";
import { checkTime } from "./time-limit.ts";
import { aboutValues, maskOfOrdinals, planWords } from "./words.ts";

/** A scalar in a query. */
export type QueryScalar = string | number | bigint | boolean;

/** The column value that a query's scalar stands for. Throws `query_shard_exception` when there is none. */
export function queryValue(context: QueryContext, field: Field, input: QueryScalar): Value {
  if (field.type.family === "date") {
    const instant = resolveDate(typeof input === "boolean" ? String(input) : input, {
      formats: field.dateFormat,
      roundUp: false,
      now: context.now,
    });
    return field.typeName === "date_nanos" ? instantToNanos(instant) : instant.ms;
  }
  if (field.type.family === "boolean" && typeof input === "number") {
    throw queryShardError(context, `Can't parse boolean value [${input}], expected [true] or [false]`);
  }
  const fraction = field.type.family === "integer" && !Number.isInteger(Number(input));
  const value = fraction && Number.isFinite(Number(input)) ? Number(input) : tryConvert(field, input);
  if (value === null) {
    throw queryShardError(
      context,
      field.type.family === "ip"
        ? `'${input}' is not an IP string literal.`
        : field.type.family === "boolean"
          ? `Can't parse boolean value [${input}], expected [true] or [false]`
          : `For input string: "${input}"`,
    );
  }
  return value;
}

/** Documents that have the exact value; in an analyzed field, the exact word. */
export function termMatcher(context: QueryContext, field: Field, input: QueryScalar): Matcher {
  return termsMatcher(context, field, [input]);
}

/** Documents that have one of the values. */
export function termsMatcher(context: QueryContext, field: Field, inputs: readonly QueryScalar[]): Matcher {
  if (field.type.analyzed) {
    const words = inputs.map(String);
    return planned((view) => planWords(view, field, words, false));
  }
  const values: Value[] = [];
  const networks: { from: string; to: string }[] = [];
  for (const input of inputs) {
    const network = field.type.family === "ip" && typeof input === "string" ? networkKeys(input) : null;
    if (network) {
      networks.push(network);
    } else if (field.type.family === "date") {
      // A date without a time is a whole day, so a term on a date is a range.
      const [from, to] = [false, true].map((roundUp) => dateValue(context, field, input, roundUp));
      networks.push({ from, to } as never);
    } else {
      values.push(queryValue(context, field, input));
    }
  }
  const visible = values.filter((value) => typeof value !== "string" || value.length <= field.ignoreAbove);
  return planned((view) => {
    const column = view.column(field.column);
    if (!column) {
      return NOTHING;
    }
    const ordinals = Uint32Array.from(visible, (value) => column.find(value)).filter((ordinal) => ordinal > 0);
    if (networks.length === 0) {
      return { about: aboutValues(view, column, ordinals), mask: (seen) => maskOfOrdinals(seen, column, ordinals) };
    }
    const mask = (seen: SegmentView): Mask => {
      const flags = new Uint8Array(column.size + 1);
      for (const ordinal of ordinals) {
        flags[ordinal] = 1;
      }
      for (const { from, to } of networks) {
        flagRange(column, flags, (value) => value >= from && value <= to, from, to);
      }
      return maskOfFlags(column, flags, seen);
    };
    return { about: Infinity, mask };
  });
}

function dateValue(context: QueryContext, field: Field, input: QueryScalar, roundUp: boolean): Value {
  const instant = resolveDate(typeof input === "boolean" ? String(input) : input, {
    formats: field.dateFormat,
    roundUp,
    now: context.now,
  });
  return field.typeName === "date_nanos" ? instantToNanos(instant) : instant.ms;
}

function flagRange(column: Column, flags: Uint8Array, inside: (value: Value) => boolean, from: Value, to: Value): void {
  if (column.sorted) {
    const first = column.lowerBound(from);
    let end = column.lowerBound(to);
    end += end <= column.size && column.value(end) === to ? 1 : 0;
    flags.fill(1, first, end);
    return;
  }
  column.scan(1, column.size, (value, ordinal) => {
    if (inside(value)) {
      flags[ordinal] = 1;
    }
  });
}

/** Documents with a value, or in an analyzed field a word, that fits a pattern. */
export function patternMatcher(context: QueryContext, field: Field, pattern: TextPattern): Matcher {
  if (field.type.kind !== "string") {
    throw queryShardError(
      context,
      `Can only use wildcard queries on keyword, text and wildcard fields - not on [${field.path}] which is of type [${field.typeName}]`,
    );
  }
  return (view) => {
    const column = view.column(field.column);
    if (!column) {
      return false;
    }
    const flags = new Uint8Array(column.size + 1);
    let any = false;
    if (field.type.analyzed) {
      column.words().scan(pattern.prefix, (word, postings) => {
        checkTime();
        if (pattern.matches(word)) {
          for (const ordinal of postings().ordinals) {
            if (ordinal <= column.size) {
              flags[ordinal] = 1;
              any = true;
            }
          }
        }
      });
      return any ? maskOfFlags(column, flags, view) : false;
    }
    const { prefix } = pattern;
    const from = column.sorted && prefix !== "" ? column.lowerBound(prefix) : 1;
    const to = column.sorted && prefix !== "" ? column.lowerBound(`${prefix}\uffff`) : column.size;
    column.scan(from, to, (value, ordinal) => {
      checkTime();
      if ((value as string).length <= field.ignoreAbove && pattern.matches(value as string)) {
        flags[ordinal] = 1;
        any = true;
      }
    });
    return any ? maskOfFlags(column, flags, view) : false;
  };
}

/** Documents that have any value in a field, or in a field below an object. */
export function existsMatcher(context: QueryContext, path: string): Matcher {
  const field = context.mapping.fields.get(path);
  const fields = field
    ? [field]
    : [...context.mapping.fields.values()].filter(
        (other) => other.path.startsWith(`${path}.`) && other.parent === null,
      );
  if (fields.length === 0) {
    return matchNone;
  }
  return (view) => {
    let mask: Mask = false;
    for (const one of fields) {
      const own = view.exists(one);
      if (own === true) {
        return true;
      }
      mask = mask === false ? own : orInto(mask as Uint8Array, own);
    }
    return mask;
  };
}

function orInto(mask: Uint8Array, other: Mask): Mask {
  if (typeof other === "boolean") {
    return other ? true : mask;
  }
  for (let i = 0; i < mask.length; i++) {
    mask[i] = (mask[i] as number) | (other[i] as number);
  }
  return mask;
}

/** Documents whose ids are given. */
export function idsMatcher(ids: readonly string[]): Matcher {
  return (view) => {
    let mask: Uint8Array | null = null;
    for (const id of ids) {
      const document = view.segment.findId(id);
      if (document >= 0 && document < view.documents) {
        mask ??= new Uint8Array(view.documents);
        mask[document] = 1;
      }
    }
    return mask ?? false;
  };
}
