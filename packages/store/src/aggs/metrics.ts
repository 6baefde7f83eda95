import { illegalArgument } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import type { QueryContext } from "../query/context.ts";
import { hiddenOrdinals } from "../query/segment-view.ts";
import { type Aggregator, aggregationField, type BucketBudget, type Collected } from "./aggregator.ts";
import { metricNumber, outputFormat, printMs } from "./format.ts";
import { ValueCounts } from "./value-counts.ts";

/** The metrics over numbers, and `value_count` over anything. */
export type MetricType = "min" | "max" | "avg" | "sum" | "stats" | "value_count";

interface Totals {
  count: number;
  sum: number;
  /** What was lost to rounding so far (Kahan's sum), as Elasticsearch adds. */
  lost: number;
  min: number;
  max: number;
}

/** `min`, `max`, `avg`, `sum`, `stats`, `value_count`. */
export class MetricAggregator implements Aggregator {
  readonly #type: MetricType;
  readonly #path: string;
  readonly #missing: number | null;
  readonly #format: string | undefined;
  readonly #totals: Totals[] = [];
  #field: Field | null = null;

  constructor(type: MetricType, body: Record<string, unknown>) {
    if (typeof body.field !== "string") {
      throw illegalArgument("Required one of fields [field, script], but none were specified. ");
    }
    this.#type = type;
    this.#path = body.field;
    this.#missing = body.missing === undefined ? null : Number(body.missing);
    this.#format = body.format as string | undefined;
  }

  check(context: QueryContext): void {
    aggregationField(context, this.#path);
  }

  collect(input: Collected): void {
    const field = aggregationField(input.context, this.#path);
    this.#field ??= field;
    if (field && field.type.kind !== "number" && this.#type !== "value_count") {
      throw illegalArgument(
        `Field [${this.#path}] of type [${field.typeName}] is not supported for aggregation [${this.#type}]`,
      );
    }
    const column = field ? input.view.column(field.column) : null;
    const { documents, parents } = input;
    if (!column || !field) {
      for (let i = 0; this.#missing !== null && i < documents.length; i++) {
        this.#add(parents ? (parents[i] as number) : input.parent, this.#missing);
      }
      return;
    }
    const { ordinals, starts } = column;
    const hidden = hiddenOrdinals(column, field);
    const counting = this.#type === "value_count";
    const known = new Float64Array(counting ? 0 : column.size + 1).fill(Number.NaN);
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i] as number;
      const parent = parents ? (parents[i] as number) : input.parent;
      const from = starts ? (starts[document] as number) : document;
      const to = starts ? (starts[document + 1] as number) : document + 1;
      let any = false;
      for (let at = from; at < to; at++) {
        const ordinal = ordinals[at] as number;
        if (ordinal === 0 || hidden?.[ordinal] === 1) {
          continue;
        }
        any = true;
        let number = 0;
        if (!counting) {
          number = known[ordinal] as number;
          if (Number.isNaN(number)) {
            number = metricNumber(field, column.value(ordinal));
            known[ordinal] = number;
          }
        }
        this.#add(parent, number);
      }
      if (!any && this.#missing !== null) {
        this.#add(parent, this.#missing);
      }
    }
  }

  absorb(other: MetricAggregator, parentOf: (parent: number) => number): void {
    this.#field ??= other.#field;
    other.#totals.forEach(({ count, sum, min, max }, parent) => {
      const totals = this.#totalsOf(parentOf(parent));
      totals.count += count;
      addExactly(totals, sum);
      totals.min = Math.min(min, totals.min);
      totals.max = Math.max(max, totals.max);
    });
  }

  get bytes(): number {
    return this.#totals.length * 80;
  }

  #totalsOf(parent: number): Totals {
    let totals = this.#totals[parent];
    if (!totals) {
      totals = { count: 0, sum: 0, lost: 0, min: Infinity, max: -Infinity };
      this.#totals[parent] = totals;
    }
    return totals;
  }

  #add(parent: number, number: number): void {
    const totals = this.#totalsOf(parent);
    totals.count += 1;
    addExactly(totals, number);
    totals.min = Math.min(number, totals.min);
    totals.max = Math.max(number, totals.max);
  }

  result(parent: number): Record<string, unknown> {
    if (this.#type === "stats") {
      const names = ["min", "max", "avg"] as const;
      const values = Object.fromEntries(names.map((name) => [name, this.metric(parent, name)]));
      const sum = this.metric(parent, "sum");
      const text = Object.fromEntries(
        Object.entries({ ...values, sum }).flatMap(([name, value]) =>
          this.#asString(value).map((s) => [`${name}_as_string`, s]),
        ),
      );
      return { count: this.#totals[parent]?.count ?? 0, ...values, sum, ...text };
    }
    const value = this.metric(parent, "value");
    const [text] = this.#type === "value_count" ? [] : this.#asString(value);
    return { value, ...(text === undefined ? {} : { value_as_string: text }) };
  }

  metric(parent: number, property: string): number | null {
    const totals = this.#totals[parent];
    const name = property === "value" ? this.#type : property;
    if (!totals) {
      return name === "sum" || name === "value_count" || name === "count" ? 0 : null;
    }
    switch (name) {
      case "min":
        return totals.min;
      case "max":
        return totals.max;
      case "avg":
        return totals.sum / totals.count;
      case "sum":
        return totals.sum;
      default:
        return totals.count;
    }
  }

  #asString(value: number | null): string[] {
    if (value === null || !this.#field) {
      return [];
    }
    if (this.#field.type.family === "date") {
      return [printMs(value, this.#format ?? outputFormat(this.#field))];
    }
    return this.#field.type.family === "boolean" ? [value === 1 ? "true" : value === 0 ? "false" : String(value)] : [];
  }
}

function addExactly(totals: Totals, number: number): void {
  const corrected = number - totals.lost;
  const sum = totals.sum + corrected;
  totals.lost = sum - totals.sum - corrected;
  totals.sum = sum;
}

/** `cardinality`: the number of distinct values, exact. */
export class CardinalityAggregator implements Aggregator {
  readonly #path: string;
  readonly #budget: BucketBudget;
  readonly #seen: Set<unknown>[] = [];
  /** Counts by ordinal, where there is no bucket above; null otherwise. */
  readonly #counts: ValueCounts | null;

  constructor(body: Record<string, unknown>, budget: BucketBudget, outermost: boolean) {
    if (typeof body.field !== "string") {
      throw illegalArgument("Required one of fields [field, script], but none were specified. ");
    }
    this.#path = body.field;
    this.#budget = budget;
    this.#counts = outermost ? new ValueCounts() : null;
  }

  check(context: QueryContext): void {
    aggregationField(context, this.#path);
  }

  collect(input: Collected): void {
    const field = aggregationField(input.context, this.#path);
    const column = field ? input.view.column(field.column) : null;
    if (!field || !column) {
      return;
    }
    const hidden = hiddenOrdinals(column, field);
    if (this.#counts) {
      this.#counts.add(column, input.whole ? null : input.documents, hidden);
      return;
    }
    const { ordinals, starts } = column;
    const { documents, parents } = input;
    const local = new Set<number>();
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i] as number;
      const parent = parents ? (parents[i] as number) : input.parent;
      const from = starts ? (starts[document] as number) : document;
      const to = starts ? (starts[document + 1] as number) : document + 1;
      for (let at = from; at < to; at++) {
        const ordinal = ordinals[at] as number;
        const place = parent * (column.size + 1) + ordinal;
        if (ordinal === 0 || hidden?.[ordinal] === 1 || local.has(place)) {
          continue;
        }
        local.add(place);
        const seen = this.#seenUnder(parent);
        const before = seen.size;
        seen.add(column.value(ordinal));
        if (seen.size > before) {
          this.#budget.make();
        }
      }
    }
  }

  absorb(other: CardinalityAggregator, parentOf: (parent: number) => number): void {
    if (this.#counts && other.#counts) {
      this.#counts.absorb(other.#counts);
    }
    other.#seen.forEach((values, parent) => {
      const seen = this.#seenUnder(parentOf(parent));
      for (const value of values) {
        if (!seen.has(value)) {
          seen.add(value);
          this.#budget.make();
        }
      }
    });
  }

  get bytes(): number {
    return (this.#counts?.bytes ?? 0) + this.#seen.reduce((sum, values) => sum + values.size * 80, 0);
  }

  #seenUnder(parent: number): Set<unknown> {
    let seen = this.#seen[parent];
    if (!seen) {
      seen = new Set();
      this.#seen[parent] = seen;
    }
    return seen;
  }

  result(parent: number): Record<string, unknown> {
    return { value: this.metric(parent) };
  }

  metric(parent: number): number {
    if (this.#counts) {
      return this.#counts.distinct();
    }
    return this.#seen[parent]?.size ?? 0;
  }
}
