import type { Query, Scalar } from "./query.ts";

/** The order of buckets: `_count`, `_key` or a sub-aggregation's path, with `asc` or `desc`. */
export type BucketOrder = Readonly<Record<string, "asc" | "desc">>;

/** The aggregations the suite uses. A request has one type and, beside it, `aggs`. */
export interface AggregationRequest {
  readonly terms?: {
    readonly field: string;
    readonly size?: number;
    readonly order?: BucketOrder | readonly BucketOrder[];
    readonly min_doc_count?: number;
    readonly missing?: Scalar;
    readonly include?: string | readonly Scalar[];
    readonly exclude?: string | readonly Scalar[];
  };
  readonly date_histogram?: {
    readonly field: string;
    readonly fixed_interval?: string;
    readonly calendar_interval?: string;
    readonly time_zone?: string;
    readonly format?: string;
    readonly min_doc_count?: number;
    readonly offset?: string;
    readonly extended_bounds?: { readonly min?: Scalar; readonly max?: Scalar };
  };
  readonly histogram?: {
    readonly field: string;
    readonly interval: number;
    readonly min_doc_count?: number;
    readonly extended_bounds?: { readonly min?: number; readonly max?: number };
  };
  readonly range?: { readonly field: string; readonly ranges: readonly AggregationRange[]; readonly keyed?: boolean };
  readonly date_range?: {
    readonly field: string;
    readonly ranges: readonly AggregationRange[];
    readonly format?: string;
    readonly time_zone?: string;
  };
  readonly filter?: Query;
  readonly filters?: { readonly filters: Readonly<Record<string, Query>> | readonly Query[] };
  readonly missing?: { readonly field: string };
  readonly cardinality?: { readonly field: string };
  readonly value_count?: { readonly field: string };
  readonly min?: { readonly field: string };
  readonly max?: { readonly field: string };
  readonly avg?: { readonly field: string };
  readonly sum?: { readonly field: string };
  readonly stats?: { readonly field: string };
  readonly aggs?: Readonly<Record<string, AggregationRequest>>;
}

/** One range of `range` and `date_range`: `from` included, `to` excluded. */
export interface AggregationRange {
  readonly key?: string;
  readonly from?: number | string;
  readonly to?: number | string;
}

/** A bucket. Sub-aggregations stand under their own names. */
export interface Bucket {
  readonly key: string | number;
  readonly key_as_string?: string;
  readonly doc_count: number;
  readonly [name: string]: unknown;
}

/** The answer of one aggregation: buckets, or a metric's `value`, by its type. */
export interface AggregationResult {
  readonly buckets?: readonly Bucket[] | Readonly<Record<string, Bucket>>;
  readonly doc_count?: number;
  readonly doc_count_error_upper_bound?: number;
  readonly sum_other_doc_count?: number;
  readonly value?: number | null;
  readonly value_as_string?: string;
  readonly count?: number;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly avg?: number | null;
  readonly sum?: number;
  readonly [name: string]: unknown;
}
