import { ElasticError, illegalArgument, parsingError } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import { compileQuery } from "../query/compile.ts";
import type { Matcher, QueryContext } from "../query/context.ts";
import { existsMatcher } from "../query/leaves.ts";
import { type Mask, notMask } from "../query/mask.ts";
import { type Bound, betweenMatcher } from "../query/range.ts";
import { addressKey, addressText, networkKeys } from "../values/addresses.ts";
import { resolveDate } from "../values/date-math.ts";
import { instantToNanos } from "../values/dates.ts";
import { zoneOffset } from "../values/zones.ts";
import { type Aggregator, aggregationField, type BucketBudget, type Collected } from "./aggregator.ts";
import { BucketTable } from "./bucket-table.ts";
import { printMs } from "./format.ts";
import { childResults } from "./terms.ts";

/** One of a fixed list of buckets: its name, and which documents it takes in an index. */
interface FilterBucket {
  readonly name: string;
  readonly describe: () => Record<string, unknown>;
  readonly compile: (context: QueryContext) => Matcher;
}

type Shape = "single" | "list" | "keyed";

/** Aggregations whose buckets are filters: `filter`, `filters`, `missing`, `range`, `date_range`, `ip_range`, `global`. */
export class FiltersAggregator implements Aggregator {
  readonly #buckets: readonly FilterBucket[];
  readonly #shape: Shape;
  readonly #children: ReadonlyMap<string, Aggregator>;
  readonly #table: BucketTable;
  readonly #budget: BucketBudget;
  readonly #compiled: WeakMap<QueryContext, readonly Matcher[]> = new WeakMap();
  readonly #other: boolean;

  constructor(
    buckets: readonly FilterBucket[],
    shape: Shape,
    children: ReadonlyMap<string, Aggregator>,
    budget: BucketBudget,
    other = false,
  ) {
    this.#buckets = buckets;
    this.#shape = shape;
    this.#children = children;
    this.#budget = budget;
    this.#table = new BucketTable(budget);
    this.#other = other;
  }

  check(context: QueryContext): void {
    this.#matchers(context);
    for (const child of this.#children.values()) {
      child.check(context);
    }
  }

  #matchers(context: QueryContext): readonly Matcher[] {
    let matchers = this.#compiled.get(context);
    if (!matchers) {
      matchers = this.#buckets.map((bucket) => bucket.compile(context));
      this.#compiled.set(context, matchers);
    }
    return matchers;
  }

  collect(input: Collected): void {
    const matchers = this.#matchers(input.context);
    const masks = matchers.map((matcher) => matcher(input.view));
    masks.forEach((mask, at) => {
      this.#collectMask(input, mask, at);
    });
    if (this.#other) {
      const any = new Uint8Array(input.view.documents);
      for (const mask of masks) {
        for (let d = 0; d < any.length; d++) {
          any[d] = (any[d] as number) | (typeof mask === "boolean" ? Number(mask) : (mask[d] as number));
        }
      }
      this.#collectMask(input, notMask(any), masks.length);
    }
  }

  absorb(other: FiltersAggregator, parentOf: (parent: number) => number): void {
    const ids = this.#table.absorb(other.#table, parentOf);
    const theirs = [...other.#children.values()];
    [...this.#children.values()].forEach((child, i) => {
      child.absorb(theirs[i] as Aggregator, (parent) => ids[parent] as number);
    });
  }

  get bytes(): number {
    return [...this.#children.values()].reduce((sum, child) => sum + child.bytes, this.#table.keys.length * 120);
  }

  #collectMask(input: Collected, mask: Mask, bucket: number): void {
    const { documents, parents } = input;
    const ids = new Map<number, number>();
    const chosen = new Uint32Array(documents.length);
    const owners = new Uint32Array(documents.length);
    let count = 0;
    for (let i = 0; i < documents.length && mask !== false; i++) {
      const document = documents[i] as number;
      if (mask !== true && mask[document] !== 1) {
        continue;
      }
      const parent = parents ? (parents[i] as number) : input.parent;
      let id = ids.get(parent);
      if (id === undefined) {
        id = this.#table.id(parent, bucket);
        ids.set(parent, id);
      }
      this.#table.add(id, 1);
      chosen[count] = document;
      owners[count++] = id;
    }
    if (count > 0) {
      for (const child of this.#children.values()) {
        const part = {
          documents: chosen.subarray(0, count),
          parents: owners.subarray(0, count),
          parent: 0,
          whole: false,
        };
        child.collect({ view: input.view, context: input.context, ...part });
      }
    }
  }

  result(parent: number): Record<string, unknown> {
    const found = this.#table.under(parent) as ReadonlyMap<number, number>;
    const one = (at: number): Record<string, unknown> => {
      const id = found.get(at);
      return { doc_count: id === undefined ? 0 : this.#table.count(id), ...childResults(this.#children, id ?? -1) };
    };
    if (this.#shape === "single") {
      return one(0);
    }
    this.#budget.answer(this.#buckets.length);
    const all = this.#buckets.map((bucket, at) => ({ name: bucket.name, value: { ...bucket.describe(), ...one(at) } }));
    if (this.#other) {
      all.push({ name: "_other_", value: one(this.#buckets.length) });
    }
    return {
      buckets:
        this.#shape === "keyed"
          ? Object.fromEntries(all.map(({ name, value }) => [name, without(value, "key")]))
          : all.map(({ value }) => value),
    };
  }

  metric(parent: number): number | null {
    const id = this.#table.under(parent).get(0);
    return id === undefined ? 0 : this.#table.count(id);
  }
}

function without(value: Record<string, unknown>, key: string): Record<string, unknown> {
  const { [key]: _left, ...rest } = value;
  return rest;
}

/** `filter`. */
export function filterBucket(query: unknown): FilterBucket {
  return { name: "", describe: () => ({}), compile: (context) => compileQuery(context, query) };
}

/** `filters`: named, or in a list. */
export function readFilters(body: Record<string, unknown>): { buckets: FilterBucket[]; shape: Shape; other: boolean } {
  const { filters } = body;
  if (typeof filters !== "object" || filters === null) {
    throw illegalArgument("[filters] cannot be empty.");
  }
  const shape = Array.isArray(filters) ? "list" : "keyed";
  const buckets = Object.entries(filters).map(([name, query]) => ({ ...filterBucket(query), name }));
  return { buckets, shape, other: body.other_bucket === true || body.other_bucket_key !== undefined };
}

/** `missing`: documents without the field. */
export function missingBucket(body: Record<string, unknown>): FilterBucket {
  if (typeof body.field !== "string") {
    throw illegalArgument("Required one of fields [field, script], but none were specified. ");
  }
  const path = body.field;
  return {
    name: "",
    describe: () => ({}),
    compile: (context) => {
      const exists = existsMatcher(context, path);
      return (view) => notMask(exists(view));
    },
  };
}

type RangeSpec = { readonly key?: string; readonly from?: unknown; readonly to?: unknown; readonly mask?: string };

/** `range`, `date_range` and `ip_range`: from included, to excluded; in the order of their bounds. */
export function readRanges(
  type: "range" | "date_range" | "ip_range",
  body: Record<string, unknown>,
  now: number,
): { buckets: FilterBucket[]; shape: Shape } {
  const ranges = body.ranges as RangeSpec[] | undefined;
  if (typeof body.field !== "string" || !Array.isArray(ranges) || ranges.length === 0) {
    throw parsingError(`No [ranges] specified for the [${type}] aggregation`);
  }
  const path = body.field;
  const zone = body.time_zone === undefined ? undefined : zoneOffset(String(body.time_zone));
  const format = body.format as string | undefined;
  const toMs = (edge: unknown, roundUp: boolean): number =>
    typeof edge === "number" && format === undefined
      ? edge
      : resolveDate(String(edge), { formats: format ?? "strict_date_optional_time||epoch_millis", zone, roundUp, now })
          .ms;
  const number = (edge: unknown): number | null =>
    edge === undefined || edge === null ? null : type === "date_range" ? toMs(edge, false) : Number(edge);
  const printed = (value: number): string =>
    type === "date_range"
      ? printMs(value, format ?? "strict_date_optional_time", zone)
      : Number.isInteger(value)
        ? `${value}.0`
        : String(value);
  const specs = ranges.map((range) => ({
    range,
    from: type === "ip_range" ? null : number(range.from),
    to: type === "ip_range" ? null : number(range.to),
  }));
  specs.sort((a, b) => (a.from ?? -Infinity) - (b.from ?? -Infinity) || (a.to ?? Infinity) - (b.to ?? Infinity));
  const buckets = specs.map(({ range, from, to }): FilterBucket => {
    if (type === "ip_range") {
      return ipBucket(path, range);
    }
    const name = range.key ?? `${from === null ? "*" : printed(from)}-${to === null ? "*" : printed(to)}`;
    return {
      name,
      describe: () => ({
        key: name,
        ...(from === null ? {} : { from, ...(type === "date_range" ? { from_as_string: printed(from) } : {}) }),
        ...(to === null ? {} : { to, ...(type === "date_range" ? { to_as_string: printed(to) } : {}) }),
      }),
      compile: (context) => {
        const field = aggregationField(context, path);
        if (!field) {
          return () => false;
        }
        if (field.type.kind !== "number") {
          throw new ElasticError(
            400,
            "illegal_argument_exception",
            `Field [${path}] of type [${field.typeName}] is not supported for aggregation [${type}]`,
          );
        }
        return betweenMatcher(field, edge(field, from, true), edge(field, to, false));
      },
    };
  });
  return { buckets, shape: body.keyed === true ? "keyed" : "list" };
}

function edge(field: Field, value: number | null, inclusive: boolean): Bound | null {
  if (value === null) {
    return null;
  }
  return { value: field.typeName === "date_nanos" ? instantToNanos({ ms: value, nanos: 0 }) : value, inclusive };
}

function ipBucket(path: string, range: RangeSpec): FilterBucket {
  const network = range.mask === undefined ? null : networkKeys(range.mask);
  const from = network?.from ?? (range.from === undefined ? null : addressKey(String(range.from)));
  const to = network?.to ?? (range.to === undefined ? null : addressKey(String(range.to)));
  const text = (key: string | null): string => (key === null ? "*" : addressText(key));
  const name = range.key ?? range.mask ?? `${text(from)}-${text(to)}`;
  return {
    name,
    describe: () => ({ key: name, ...(from ? { from: text(from) } : {}), ...(to ? { to: text(to) } : {}) }),
    compile: (context) => {
      const field = aggregationField(context, path);
      return field
        ? betweenMatcher(
            field,
            from ? { value: from, inclusive: true } : null,
            to ? { value: to, inclusive: network !== null } : null,
          )
        : () => false;
    },
  };
}
