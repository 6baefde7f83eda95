import type { AggregationRequest, BucketOrder } from "@falco-efk/elastic";
import type { ResolvedRange } from "../time/date-math.ts";
import { chooseInterval, type Interval, parseInterval } from "../time/interval.ts";
import type { Bucketing, ChartSpec, Metric } from "./spec.ts";

export interface AggregationContext {
  readonly range: ResolvedRange;
  readonly timeZone: string;
}

/** Stands for events without the field in a terms aggregation. */
export const MISSING_KEY = "__missing__";

/** The aggregations of a chart: level within level (`b0`, `b1`, …), metrics (`m0`, `m1`, …) in each. */
export function chartAggregations(spec: ChartSpec, context: AggregationContext): Record<string, AggregationRequest> {
  return level(spec, 0, context);
}

function level(spec: ChartSpec, depth: number, context: AggregationContext): Record<string, AggregationRequest> {
  const metrics = Object.fromEntries(
    spec.metrics.flatMap((metric, index) => {
      const request = metricRequest(metric);
      return request === null ? [] : [[`m${index}`, request]];
    }),
  );
  const bucketing = spec.buckets[depth];
  if (bucketing === undefined) return metrics;
  const aggs = level(spec, depth + 1, context);
  const request = bucketRequest(bucketing, spec.metrics, context);
  return { ...metrics, [`b${depth}`]: Object.keys(aggs).length === 0 ? request : { ...request, aggs } };
}

function metricRequest({ operation, field }: Metric): AggregationRequest | null {
  if (operation === "count" || field === null) return null;
  return { [operation]: { field } };
}

function bucketRequest(
  bucketing: Bucketing,
  metrics: readonly Metric[],
  context: AggregationContext,
): AggregationRequest {
  const { field } = bucketing;
  if (bucketing.operation === "date_histogram") {
    const interval = timeInterval(bucketing, context.range).name;
    return { date_histogram: { field, fixed_interval: interval, time_zone: context.timeZone, min_doc_count: 1 } };
  }
  if (bucketing.operation === "histogram") {
    return { histogram: { field, interval: Number(bucketing.interval) || 1, min_doc_count: 1 } };
  }
  return {
    terms: {
      field,
      size: Math.max(1, Math.min(bucketing.size, 1_000)),
      order: order(bucketing, metrics),
      ...(bucketing.missing === null ? {} : { missing: MISSING_KEY }),
      ...(bucketing.include === null ? {} : { include: bucketing.include }),
    },
  };
}

function order({ orderBy, descending }: Bucketing, metrics: readonly Metric[]): BucketOrder {
  const direction = descending ? "desc" : "asc";
  if (orderBy === "key") return { _key: direction };
  const metric = metrics[orderBy];
  return { [metric === undefined || metric.operation === "count" ? "_count" : `m${orderBy}`]: direction };
}

/** The step of a date histogram: the one asked for unless it would make far too many bars. */
export function timeInterval({ interval }: Bucketing, range: ResolvedRange): Interval {
  const wanted = parseInterval(interval);
  const automatic = chooseInterval(range, 60);
  return wanted === null || (range.to - range.from) / wanted.ms > 2_000 ? automatic : wanted;
}
