import type { AggregationRequest, AggregationResult } from "./aggregation.ts";
import type { Query, Scalar } from "./query.ts";

/** One sort key: a field's name, `_doc`, `_score`, or a field with its options. */
export type SortClause =
  | string
  | Readonly<
      Record<
        string,
        | "asc"
        | "desc"
        | {
            readonly order?: "asc" | "desc";
            readonly missing?: Scalar;
            readonly unmapped_type?: string;
            readonly format?: string;
            readonly mode?: string;
          }
      >
    >;

/** Which part of `_source` an answer carries. */
export type SourceFilter =
  | boolean
  | string
  | readonly string[]
  | { readonly includes?: readonly string[] | string; readonly excludes?: readonly string[] | string };

/** The body of `_search`. */
export interface SearchRequest {
  readonly query?: Query;
  readonly post_filter?: Query;
  readonly from?: number;
  readonly size?: number;
  readonly sort?: SortClause | readonly SortClause[];
  readonly search_after?: readonly Scalar[];
  readonly track_total_hits?: boolean | number;
  readonly _source?: SourceFilter;
  readonly fields?: readonly (string | { readonly field: string; readonly format?: string })[];
  readonly docvalue_fields?: readonly (string | { readonly field: string; readonly format?: string })[];
  readonly aggs?: Readonly<Record<string, AggregationRequest>>;
  readonly aggregations?: Readonly<Record<string, AggregationRequest>>;
  readonly timeout?: string;
  readonly version?: boolean;
  readonly seq_no_primary_term?: boolean;
  readonly [option: string]: unknown;
}

/** One hit. `T` is the document's own type. */
export interface SearchHit<T = unknown> {
  readonly _index: string;
  readonly _id: string;
  readonly _score: number | null;
  readonly _source?: T;
  readonly fields?: Readonly<Record<string, readonly unknown[]>>;
  readonly sort?: readonly (Scalar | bigint)[];
  readonly _version?: number;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
}

/** How many documents match: exactly, or at least so many where counting stopped. */
export interface TotalHits {
  readonly value: number;
  readonly relation: "eq" | "gte";
}

/** The answer to `_search`. `hits.total` is absent when `track_total_hits` is false. */
export interface SearchResponse<T = unknown> {
  readonly took: number;
  readonly timed_out: boolean;
  readonly _shards: {
    readonly total: number;
    readonly successful: number;
    readonly skipped?: number;
    readonly failed: number;
  };
  readonly hits: {
    readonly total?: TotalHits;
    readonly max_score: number | null;
    readonly hits: readonly SearchHit<T>[];
  };
  readonly aggregations?: Readonly<Record<string, AggregationResult>>;
}
