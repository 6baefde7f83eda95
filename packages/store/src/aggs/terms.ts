import { contentError, ElasticError, illegalArgument, notSupported, parsingError } from "../errors.ts";
import { tryConvert } from "../mapping/convert.ts";
import type { Field } from "../mapping/field.ts";
import type { QueryContext } from "../query/context.ts";
import { hiddenOrdinals } from "../query/segment-view.ts";
import { regexpPattern } from "../text/regexp.ts";
import { compareValues, type Value } from "../values/value.ts";
import { type Aggregator, aggregationField, type BucketBudget, type Collected } from "./aggregator.ts";
import { bucketKey } from "./format.ts";
import { KeyedCollector } from "./keyed-collector.ts";
import { ValueCounts } from "./value-counts.ts";

/** A place in the order of buckets: a path and its direction. */
export interface OrderClause {
  readonly path: string;
  readonly ascending: boolean;
}

const KEYS = new Set(
  "field size order min_doc_count missing include exclude shard_size format show_term_doc_count_error collect_mode execution_hint value_type shard_min_doc_count".split(
    " ",
  ),
);

/** `terms`: a bucket for each value of a field. */
export class TermsAggregator implements Aggregator {
  readonly #body: Record<string, unknown>;
  readonly #children: ReadonlyMap<string, Aggregator>;
  readonly #collector: KeyedCollector;
  readonly #budget: BucketBudget;
  readonly #order: readonly OrderClause[];
  readonly #size: number;
  readonly #least: number;
  readonly #allowed: ((key: string) => boolean) | null;
  /** Counts by ordinal, where nothing more than the values' documents is asked for; null otherwise. */
  readonly #counts: ValueCounts | null;
  #field: Field | null = null;

  constructor(
    body: Record<string, unknown>,
    children: ReadonlyMap<string, Aggregator>,
    budget: BucketBudget,
    outermost: boolean,
  ) {
    for (const key of Object.keys(body)) {
      if (!KEYS.has(key)) {
        throw key === "script"
          ? notSupported("[script] in terms")
          : new ElasticError(400, "x_content_parse_exception", `[terms] unknown field [${key}]`);
      }
    }
    if (typeof body.field !== "string") {
      throw illegalArgument("Required one of fields [field, script], but none were specified. ");
    }
    this.#body = body;
    this.#children = children;
    this.#budget = budget;
    this.#collector = new KeyedCollector(budget, [...children.values()]);
    this.#order = readOrder(body.order, children);
    this.#size = Number(body.size ?? 10);
    this.#least = Number(body.min_doc_count ?? 1);
    if (!(this.#size > 0)) {
      throw contentError(`[size] must be greater than 0. Found [${body.size}] in [terms]`);
    }
    this.#allowed = includeExclude(body.include, body.exclude);
    const simple = this.#allowed === null && body.missing === undefined && this.#least === 1 && children.size === 0;
    this.#counts = outermost && simple && isSimpleOrder(this.#order) ? new ValueCounts() : null;
  }

  check(context: QueryContext): void {
    aggregationField(context, this.#body.field as string);
    for (const child of this.#children.values()) {
      child.check(context);
    }
  }

  collect(input: Collected): void {
    const field = aggregationField(input.context, this.#body.field as string);
    this.#field ??= field;
    const column = field ? input.view.column(field.column) : null;
    if (this.#counts) {
      if (column && field) {
        this.#counts.add(column, input.whole ? null : input.documents, hiddenOrdinals(column, field));
      }
      return;
    }
    const { missing } = this.#body;
    const missingKey =
      missing === undefined
        ? null
        : (field ?? this.#field)
          ? tryConvert((field ?? this.#field) as Field, missing as string)
          : (missing as Value);
    const grouping =
      column && field
        ? {
            groupOf: null,
            groups: column.size,
            key: (o: number) => column.value(o),
            hidden: hiddenOrdinals(column, field),
          }
        : null;
    this.#collector.collect(input, column, grouping, missingKey);
    if (column && this.#least === 0) {
      column.scan(1, column.size, (value) => this.#collector.table.id(0, value));
    }
  }

  absorb(other: TermsAggregator, parentOf: (parent: number) => number): void {
    this.#field ??= other.#field;
    if (this.#counts && other.#counts) {
      this.#counts.absorb(other.#counts);
    }
    this.#collector.absorb(other.#collector, parentOf);
  }

  get bytes(): number {
    return (this.#counts?.bytes ?? 0) + this.#collector.bytes;
  }

  #countedResult(counts: ValueCounts): Record<string, unknown> {
    const { path, ascending } = this.#order[0] as OrderClause;
    const rows = path === "_count" ? counts.most(this.#size) : counts.byKey(this.#size, ascending);
    this.#budget.answer(rows.length);
    return {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: counts.total - rows.reduce((sum, { count }) => sum + count, 0),
      buckets: rows.map(({ key, count }) => ({
        ...bucketKey(this.#field, key, this.#body.format as string | undefined),
        doc_count: count,
      })),
    };
  }

  result(parent: number): Record<string, unknown> {
    if (this.#counts) {
      return this.#countedResult(this.#counts);
    }
    const { table } = this.#collector;
    let rows = [...table.under(parent)].map(([key, id]) => ({ key, id, count: table.count(id) }));
    const allowed = this.#allowed;
    if (allowed) {
      rows = rows.filter(
        ({ key }) =>
          allowed(String(bucketKey(this.#field, key).key)) ||
          allowed(bucketKey(this.#field, key).key_as_string ?? "\0"),
      );
    }
    rows = rows.filter(({ count }) => count >= this.#least);
    const compare = orderComparator(this.#order, this.#children);
    rows.sort(compare);
    const shown = rows.slice(0, this.#size);
    this.#budget.answer(shown.length);
    const other = rows.slice(this.#size).reduce((sum, { count }) => sum + count, 0);
    return {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: other,
      buckets: shown.map(({ key, id, count }) => ({
        ...bucketKey(this.#field, key, this.#body.format as string | undefined),
        doc_count: count,
        ...childResults(this.#children, id),
      })),
    };
  }
}

/** The most documents first, or by value: what can be answered without looking at every value. */
function isSimpleOrder(order: readonly OrderClause[]): boolean {
  const [first, second] = order;
  if (first?.path === "_count") {
    return (
      !first.ascending &&
      (second === undefined || ((second.path === "_key" || second.path === "_term") && second.ascending))
    );
  }
  return first?.path === "_key" || first?.path === "_term";
}

/** The answers of sub-aggregations for a bucket, by name. */
export function childResults(children: ReadonlyMap<string, Aggregator>, id: number): Record<string, unknown> {
  const results: Record<string, unknown> = {};
  for (const [name, child] of children) {
    results[name] = child.result(id);
  }
  return results;
}

interface Row {
  readonly key: Value;
  readonly id: number;
  readonly count: number;
}

/** Compares buckets by an order; equal ones by key. */
export function orderComparator(
  order: readonly OrderClause[],
  children: ReadonlyMap<string, Aggregator>,
): (a: Row, b: Row) => number {
  const metric = (row: Row, path: string): number | null => {
    const [name = "", property = "value"] = path.split(/[.>]/);
    return children.get(name)?.metric?.(row.id, property) ?? null;
  };
  return (a, b) => {
    for (const { path, ascending } of order) {
      let side: number;
      if (path === "_count") {
        side = a.count - b.count;
      } else if (path === "_key" || path === "_term") {
        side = compareValues(a.key, b.key);
      } else {
        const left = metric(a, path);
        const right = metric(b, path);
        if (left === null || right === null) {
          // A bucket without the number comes last in either direction.
          side = (left === null ? 1 : 0) - (right === null ? 1 : 0);
          if (side !== 0) {
            return side;
          }
          continue;
        }
        side = left - right;
      }
      if (side !== 0) {
        return ascending ? side : -side;
      }
    }
    return compareValues(a.key, b.key);
  };
}

/** Reads an order; the default is the most documents first. */
export function readOrder(input: unknown, children: ReadonlyMap<string, Aggregator>): OrderClause[] {
  if (input === undefined) {
    return [{ path: "_count", ascending: false }];
  }
  const clauses = (Array.isArray(input) ? input : [input]).flatMap((item) => {
    if (typeof item !== "object" || item === null) {
      throw parsingError("Unexpected token in [order]");
    }
    return Object.entries(item).map(([path, direction]) => ({ path, ascending: direction === "asc" }));
  });
  for (const { path } of clauses) {
    const name = path.split(/[.>]/)[0] ?? "";
    if (!["_count", "_key", "_term", "_time"].includes(path) && !children.get(name)?.metric) {
      throw new ElasticError(
        400,
        "aggregation_execution_exception",
        `Invalid aggregation order path [${path}]. The provided aggregation [${name}] either does not exist, or is a pipeline aggregation and cannot be used to sort the buckets.`,
      );
    }
  }
  return clauses.map((clause) => (clause.path === "_time" ? { ...clause, path: "_key" } : clause));
}

function includeExclude(include: unknown, exclude: unknown): ((key: string) => boolean) | null {
  if (include === undefined && exclude === undefined) {
    return null;
  }
  const test = (rule: unknown): ((key: string) => boolean) => {
    if (Array.isArray(rule)) {
      const keys = new Set(rule.map(String));
      return (key) => keys.has(key);
    }
    if (typeof rule !== "string") {
      throw notSupported("partitions in [include]");
    }
    return regexpPattern(rule).matches;
  };
  const included = include === undefined ? () => true : test(include);
  const excluded = exclude === undefined ? () => false : test(exclude);
  return (key) => included(key) && !excluded(key);
}
