import type { Column } from "../columns/column.ts";
import { contentError, ElasticError, illegalArgument, shardFailure } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import type { QueryContext } from "../query/context.ts";
import { resolveDate } from "../values/date-math.ts";
import { instantToNanos, type ZoneOffset } from "../values/dates.ts";
import { calendarRounding, calendarUnit, durationMs, fixedRounding, type Rounding } from "../values/rounding.ts";
import type { Value } from "../values/value.ts";
import { zoneOffset } from "../values/zones.ts";
import { type Aggregator, aggregationField, type BucketBudget, type Collected } from "./aggregator.ts";
import { metricNumber, outputFormat, printMs } from "./format.ts";
import { type Grouping, KeyedCollector } from "./keyed-collector.ts";
import { childResults, type OrderClause, orderComparator, readOrder } from "./terms.ts";

interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

const DATE_KEYS = new Set(
  "field fixed_interval calendar_interval interval time_zone format min_doc_count offset extended_bounds hard_bounds keyed missing order".split(
    " ",
  ),
);
const NUMBER_KEYS = new Set(
  "field interval min_doc_count offset extended_bounds hard_bounds keyed missing order format".split(" "),
);

/** `date_histogram` and `histogram`: a bucket for each interval, empty ones between included. */
export class HistogramAggregator implements Aggregator {
  readonly #body: Record<string, unknown>;
  readonly #dates: boolean;
  readonly #rounding: Rounding;
  readonly #zone: ZoneOffset;
  readonly #children: ReadonlyMap<string, Aggregator>;
  readonly #collector: KeyedCollector;
  readonly #budget: BucketBudget;
  readonly #least: number;
  readonly #order: readonly OrderClause[];
  readonly #now: number;
  #field: Field | null = null;

  constructor(
    type: "date_histogram" | "histogram",
    body: Record<string, unknown>,
    children: ReadonlyMap<string, Aggregator>,
    budget: BucketBudget,
    now: number,
  ) {
    this.#dates = type === "date_histogram";
    for (const key of Object.keys(body)) {
      if (!(this.#dates ? DATE_KEYS : NUMBER_KEYS).has(key)) {
        throw new ElasticError(400, "x_content_parse_exception", `[${type}] unknown field [${key}]`);
      }
    }
    if (typeof body.field !== "string") {
      throw illegalArgument("Required one of fields [field, script], but none were specified. ");
    }
    this.#body = body;
    this.#now = now;
    this.#zone = body.time_zone === undefined ? () => 0 : zoneOffset(String(body.time_zone));
    this.#rounding = this.#dates ? dateRounding(body, this.#zone) : numberRounding(body);
    this.#children = children;
    this.#budget = budget;
    this.#collector = new KeyedCollector(budget, [...children.values()]);
    this.#least = Number(body.min_doc_count ?? 0);
    this.#order = body.order === undefined ? [{ path: "_key", ascending: true }] : readOrder(body.order, children);
  }

  check(context: QueryContext): void {
    aggregationField(context, this.#body.field as string);
    for (const child of this.#children.values()) {
      child.check(context);
    }
  }

  collect(input: Collected): void {
    const field = aggregationField(input.context, this.#body.field as string);
    if (field && field.type.kind !== "number") {
      throw illegalArgument(
        `Field [${field.path}] of type [${field.typeName}] is not supported for aggregation [${this.#dates ? "date_histogram" : "histogram"}]`,
      );
    }
    this.#field ??= field;
    const column = field ? input.view.column(field.column) : null;
    const grouping = column && field ? this.#group(column, field) : null;
    const missing = this.#body.missing;
    const key = missing === undefined ? null : this.#rounding.floor(this.#bound(missing));
    this.#collector.collect(input, column, grouping, key);
  }

  absorb(other: HistogramAggregator, parentOf: (parent: number) => number): void {
    this.#field ??= other.#field;
    this.#collector.absorb(other.#collector, parentOf);
  }

  get bytes(): number {
    return this.#collector.bytes;
  }

  #group(column: Column, field: Field): Grouping {
    const groupOf = new Int32Array(column.size + 1).fill(-1);
    const keys: number[] = [];
    if (column.sorted) {
      for (let ordinal = 1; ordinal <= column.size; ) {
        const start = this.#rounding.floor(metricNumber(field, column.value(ordinal)));
        let end = column.lowerBound(asValue(field, this.#rounding.next(start)));
        end = Math.max(end, ordinal + 1);
        groupOf.fill(keys.length, ordinal, end);
        keys.push(start);
        ordinal = end;
      }
    } else {
      const groupOfKey = new Map<number, number>();
      let start = Number.NaN;
      let next = Number.NaN;
      let group = -1;
      column.scan(1, column.size, (value, ordinal) => {
        const number = metricNumber(field, value);
        if (!(number >= start && number < next)) {
          start = this.#rounding.floor(number);
          next = this.#rounding.next(start);
          group = groupOfKey.get(start) ?? keys.length;
          if (group === keys.length) {
            groupOfKey.set(start, group);
            keys.push(start);
          }
        }
        groupOf[ordinal] = group;
      });
    }
    return { groupOf, groups: keys.length, key: (g) => keys[g] as number };
  }

  result(parent: number): Record<string, unknown> {
    const { table } = this.#collector;
    const found = table.under(parent) as ReadonlyMap<number, number>;
    const rows = this.#keys([...found.keys()]).map((key) => {
      const id = found.get(key);
      return { key: key as Value, id: id ?? -1, count: id === undefined ? 0 : table.count(id) };
    });
    const shown = rows.filter(({ count }) => count >= this.#least);
    this.#budget.answer(shown.length);
    if (this.#body.order !== undefined) {
      shown.sort(orderComparator(this.#order, this.#children));
    }
    const format =
      (this.#body.format as string | undefined) ??
      (this.#field ? outputFormat(this.#field) : "strict_date_optional_time");
    const buckets = shown.map(({ key, id, count }) => ({
      ...(this.#dates || this.#field?.type.family === "date"
        ? { key_as_string: printMs(key as number, format, this.#zone) }
        : {}),
      key,
      doc_count: count,
      ...childResults(this.#children, id),
    }));
    if (this.#body.keyed === true) {
      return { buckets: Object.fromEntries(buckets.map((b) => [b.key_as_string ?? String(b.key), b])) };
    }
    return { buckets };
  }

  /** The keys of the answer, ascending: with the empty ones between them when those are wanted. */
  #keys(found: number[]): number[] {
    const hard = this.#bounds("hard_bounds");
    const extended = this.#bounds("extended_bounds");
    const inside = found
      .filter(
        (key) => (hard.min === null || key >= this.#rounding.floor(hard.min)) && (hard.max === null || key <= hard.max),
      )
      .sort((a, b) => a - b);
    if (this.#least > 0) {
      return inside;
    }
    const candidates = [...inside];
    for (const edge of [extended.min, extended.max]) {
      if (edge !== null) {
        candidates.push(this.#rounding.floor(edge));
      }
    }
    if (candidates.length === 0 || (inside.length === 0 && (extended.min === null || extended.max === null))) {
      return inside;
    }
    const first = candidates.reduce((a, b) => Math.min(a, b));
    const last = candidates.reduce((a, b) => Math.max(a, b));
    const keys: number[] = [];
    for (let key = first; key <= last; key = this.#rounding.next(key)) {
      keys.push(key);
      if (keys.length > 70_000) {
        this.#budget.answer(keys.length);
      }
    }
    return keys;
  }

  #bounds(name: "extended_bounds" | "hard_bounds"): Bounds {
    const bounds = this.#body[name] as { min?: unknown; max?: unknown } | undefined;
    const read = (edge: unknown): number | null => (edge === undefined || edge === null ? null : this.#bound(edge));
    const min = read(bounds?.min);
    const max = read(bounds?.max);
    if (min !== null && max !== null && min > max) {
      throw illegalArgument(`[${name}.min][${bounds?.min}] cannot be greater than [${name}.max][${bounds?.max}]`);
    }
    return { min, max };
  }

  #bound(input: unknown): number {
    if (!this.#dates) {
      return Number(input);
    }
    const formats =
      (this.#body.format as string | undefined) ?? this.#field?.dateFormat ?? "strict_date_optional_time||epoch_millis";
    if (typeof input === "number") {
      return input;
    }
    return resolveDate(String(input), { formats, zone: this.#zone, roundUp: false, now: this.#now }).ms;
  }
}

function asValue(field: Field, ms: number): Value {
  return field.typeName === "date_nanos" ? instantToNanos({ ms, nanos: 0 }) : ms;
}

function dateRounding(body: Record<string, unknown>, zone: ZoneOffset): Rounding {
  const { fixed_interval: fixed, calendar_interval: calendar, offset } = body;
  const offsetMs = offset === undefined ? 0 : durationMs(String(offset).replace(/^\+/, ""), "date_histogram.offset");
  if (body.interval !== undefined) {
    throw illegalArgument("Cannot use [interval], use [fixed_interval] or [calendar_interval]");
  }
  if (fixed !== undefined && calendar !== undefined) {
    throw illegalArgument("Cannot use [fixed_interval] with [calendar_interval] configuration option.");
  }
  if (calendar !== undefined) {
    const unit = calendarUnit(String(calendar));
    if (!unit) {
      throw contentError(`The supplied interval [${calendar}] could not be parsed as a calendar interval.`);
    }
    return calendarRounding(unit, offsetMs, zone);
  }
  if (fixed === undefined) {
    throw shardFailure(illegalArgument("Invalid interval specified, must be non-null and non-empty"));
  }
  const interval = fixedInterval(String(fixed));
  if (!(interval >= 1)) {
    throw illegalArgument("Zero or negative time interval not supported");
  }
  return fixedRounding(interval, offsetMs, zone);
}

function numberRounding(body: Record<string, unknown>): Rounding {
  const interval = Number(body.interval);
  const offset = Number(body.offset ?? 0);
  if (!(interval > 0)) {
    throw contentError("[interval] must be >0 for histogram aggregation");
  }
  const key = (step: number): number => step * interval + offset;
  return {
    floor: (value) => key(Math.floor((value - offset) / interval)),
    next: (start) => key(Math.round((start - offset) / interval) + 1),
  };
}

function fixedInterval(text: string): number {
  try {
    return durationMs(text, "fixedInterval");
  } catch (error) {
    throw contentError((error as Error).message);
  }
}
