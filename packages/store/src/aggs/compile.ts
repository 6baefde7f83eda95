import { ElasticError, notSupported, parsingError } from "../errors.ts";
import type { Aggregator, BucketBudget } from "./aggregator.ts";
import { FiltersAggregator, filterBucket, missingBucket, readFilters, readRanges } from "./filters.ts";
import { HistogramAggregator } from "./histogram.ts";
import { CardinalityAggregator, MetricAggregator, type MetricType } from "./metrics.ts";
import { TermsAggregator } from "./terms.ts";

type Body = Record<string, unknown>;
type Children = ReadonlyMap<string, Aggregator>;

const METRICS = new Set(["min", "max", "avg", "sum", "stats", "value_count", "cardinality"]);
const BUCKETS = new Set([
  "terms",
  "date_histogram",
  "histogram",
  "filter",
  "filters",
  "missing",
  "range",
  "date_range",
  "ip_range",
]);
const KNOWN_ELSEWHERE = new Set(
  "percentiles percentile_ranks top_hits top_metrics extended_stats composite nested reverse_nested children parent significant_terms significant_text sampler diversified_sampler geo_bounds geo_centroid geo_distance geohash_grid geotile_grid adjacency_matrix auto_date_histogram variable_width_histogram rare_terms multi_terms scripted_metric weighted_avg median_absolute_deviation matrix_stats string_stats boxplot rate t_test frequent_item_sets categorize_text random_sampler global avg_bucket sum_bucket min_bucket max_bucket stats_bucket derivative cumulative_sum moving_fn serial_diff bucket_script bucket_selector bucket_sort time_series ip_prefix".split(
    " ",
  ),
);
const MAX_DEPTH = 10;

/** Compiles the aggregations of a request, by name. Throws Elasticsearch's errors for what is none. */
export function compileAggregations(
  aggs: unknown,
  budget: BucketBudget,
  now: number,
  depth = 0,
): Map<string, Aggregator> {
  const compiled = new Map<string, Aggregator>();
  if (aggs === undefined || aggs === null) {
    return compiled;
  }
  if (typeof aggs !== "object" || Array.isArray(aggs)) {
    throw parsingError("Found [VALUE] under aggregations, expected [START_OBJECT]");
  }
  if (depth > MAX_DEPTH) {
    throw parsingError(`aggregations nest deeper than [${MAX_DEPTH}]`);
  }
  for (const [name, body] of Object.entries(aggs)) {
    if (/[[\]>]/.test(name)) {
      throw parsingError(
        `Invalid aggregation name [${name}]. Aggregation names can contain any character except '[', ']', and '>'`,
      );
    }
    compiled.set(name, compileOne(name, body, budget, now, depth));
  }
  return compiled;
}

function compileOne(name: string, request: unknown, budget: BucketBudget, now: number, depth: number): Aggregator {
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    throw parsingError(`Aggregation definition for [${name}] starts with a [VALUE], expected a [START_OBJECT].`);
  }
  const { aggs, aggregations, meta: _meta, ...types } = request as Body;
  const [entry, other] = Object.entries(types);
  if (!entry) {
    throw parsingError(`Missing definition for aggregation [${name}]`);
  }
  if (other) {
    throw parsingError(`Found two aggregation type definitions in [${name}]: [${entry[0]}] and [${other[0]}]`);
  }
  const [type, body] = entry;
  if (!METRICS.has(type) && !BUCKETS.has(type)) {
    if (KNOWN_ELSEWHERE.has(type)) {
      throw notSupported(`the aggregation [${type}]`);
    }
    throw new ElasticError(400, "parsing_exception", `Unknown aggregation type [${type}]`, {
      caused_by: { type: "named_object_not_found_exception", reason: `unknown field [${type}]` },
    });
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw parsingError(`Expected [START_OBJECT] under [${type}] in [${name}]`);
  }
  const children = compileAggregations(aggs ?? aggregations, budget, now, depth + 1);
  if (METRICS.has(type)) {
    if (children.size > 0) {
      throw new ElasticError(
        400,
        "illegal_argument_exception",
        `Aggregator [${name}] of type [${type}] cannot accept sub-aggregations`,
      );
    }
    return type === "cardinality"
      ? new CardinalityAggregator(body as Body, budget, depth === 0)
      : new MetricAggregator(type as MetricType, body as Body);
  }
  return compileBuckets(type, body as Body, children, budget, now, depth === 0);
}

function compileBuckets(
  type: string,
  body: Body,
  children: Children,
  budget: BucketBudget,
  now: number,
  outermost: boolean,
): Aggregator {
  switch (type) {
    case "terms":
      return new TermsAggregator(body, children, budget, outermost);
    case "date_histogram":
    case "histogram":
      return new HistogramAggregator(type, body, children, budget, now);
    case "filter":
      return new FiltersAggregator([filterBucket(body)], "single", children, budget);
    case "missing":
      return new FiltersAggregator([missingBucket(body)], "single", children, budget);
    case "filters": {
      const { buckets, shape, other } = readFilters(body);
      return new FiltersAggregator(buckets, shape, children, budget, other);
    }
    default: {
      const { buckets, shape } = readRanges(type as "range", body, now);
      return new FiltersAggregator(buckets, shape, children, budget);
    }
  }
}
