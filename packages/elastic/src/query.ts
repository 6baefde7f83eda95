/** A JSON scalar as it stands in a query or a bucket. */
export type Scalar = string | number | boolean | null;

/** `range` on one field. Dates may be date math such as `now-15m/m`. */
export interface RangeQuery {
  readonly gte?: Scalar;
  readonly gt?: Scalar;
  readonly lte?: Scalar;
  readonly lt?: Scalar;
  readonly format?: string;
  readonly time_zone?: string;
  readonly boost?: number;
}

/** `query_string`: Lucene's query syntax. */
export interface QueryStringQuery {
  readonly query: string;
  readonly default_field?: string;
  readonly fields?: readonly string[];
  readonly default_operator?: "and" | "or" | "AND" | "OR";
  readonly analyze_wildcard?: boolean;
  readonly lenient?: boolean;
  readonly time_zone?: string;
}

/** `bool`: every clause may be one query or a list of them. */
export interface BoolQuery {
  readonly must?: Query | readonly Query[];
  readonly filter?: Query | readonly Query[];
  readonly should?: Query | readonly Query[];
  readonly must_not?: Query | readonly Query[];
  readonly minimum_should_match?: number | string;
  readonly boost?: number;
}

type OnField<T> = Readonly<Record<string, T>>;

/** The part of Elasticsearch's query DSL that the suite uses. A query has exactly one key. */
export interface Query {
  readonly match_all?: { readonly boost?: number };
  readonly match_none?: Readonly<Record<string, never>>;
  readonly bool?: BoolQuery;
  readonly term?: OnField<Scalar | { readonly value: Scalar; readonly case_insensitive?: boolean }>;
  readonly terms?: OnField<readonly Scalar[]>;
  readonly match?: OnField<Scalar | { readonly query: Scalar; readonly operator?: string }>;
  readonly match_phrase?: OnField<Scalar | { readonly query: Scalar; readonly slop?: number }>;
  readonly multi_match?: {
    readonly query: Scalar;
    readonly fields?: readonly string[];
    readonly type?: string;
    readonly lenient?: boolean;
  };
  readonly range?: OnField<RangeQuery>;
  readonly exists?: { readonly field: string };
  readonly prefix?: OnField<string | { readonly value: string; readonly case_insensitive?: boolean }>;
  readonly wildcard?: OnField<string | { readonly value: string; readonly case_insensitive?: boolean }>;
  readonly regexp?: OnField<string | { readonly value: string; readonly case_insensitive?: boolean }>;
  readonly query_string?: QueryStringQuery;
  readonly simple_query_string?: {
    readonly query: string;
    readonly fields?: readonly string[];
    readonly default_operator?: string;
  };
  readonly ids?: { readonly values: readonly string[] };
}
