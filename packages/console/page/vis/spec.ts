/** The shapes a chart can take. */
export type ChartKind = "pie" | "bar" | "horizontal_bar" | "line" | "area" | "table" | "metric";

export type MetricOperation = "count" | "cardinality" | "sum" | "avg" | "min" | "max";

/** What is measured. A count has no field. */
export interface Metric {
  readonly operation: MetricOperation;
  readonly field: string | null;
  readonly label: string;
}

export type BucketOperation = "terms" | "date_histogram" | "histogram";

/** How events are grouped: one level of buckets. */
export interface Bucketing {
  readonly operation: BucketOperation;
  readonly field: string;
  readonly label: string;
  /** `group` splits each bucket of the x axis into series; `segment` is everything else. */
  readonly role: "segment" | "group";
  /** Terms: how many. */
  readonly size: number;
  /** Terms: by the metric of this index, or by the key. */
  readonly orderBy: number | "key";
  readonly descending: boolean;
  /** Terms: the label of what is beyond `size`, and of events without the field; null leaves them out. */
  readonly other: string | null;
  readonly missing: string | null;
  /** Terms: a regular expression that a value must match whole. */
  readonly include: string | null;
  /** Date histograms: `auto` or such as `1h`. Histograms: a number as a text. */
  readonly interval: string;
}

/** A chart without its data: what Visualize edits and what saved objects are read into. */
export interface ChartSpec {
  readonly kind: ChartKind;
  readonly metrics: readonly Metric[];
  readonly buckets: readonly Bucketing[];
  readonly donut: boolean;
  readonly showLabels: boolean;
  readonly showLegend: boolean;
  readonly stacked: boolean;
  /** Saved colours by value. */
  readonly colors: Readonly<Record<string, string>>;
}

export const COUNT: Metric = { operation: "count", field: null, label: "Count" };

/** A terms level as Visualize starts one. */
export function termsOn(field: string, role: Bucketing["role"] = "segment"): Bucketing {
  return {
    operation: "terms",
    field,
    label: field,
    role,
    size: 5,
    orderBy: 0,
    descending: true,
    other: null,
    missing: null,
    include: null,
    interval: "auto",
  };
}

/** A date histogram level as Visualize starts one. */
export function timeBuckets(field: string, interval = "auto"): Bucketing {
  return { ...termsOn(field), operation: "date_histogram", label: "Time", interval };
}
