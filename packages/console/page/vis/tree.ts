import type { AggregationResult, Bucket } from "@falco-efk/elastic";
import { MISSING_KEY } from "./request.ts";
import type { Bucketing, ChartSpec } from "./spec.ts";

/** A bucket with what is measured in it and the buckets inside it. */
export interface BucketNode {
  readonly key: string | number;
  readonly label: string;
  /** One value a metric; null where there is none, as the average of nothing. */
  readonly values: readonly (number | null)[];
  readonly children: readonly BucketNode[];
  /** What a click on it filters by; null for "other" and "missing". */
  readonly filter: { readonly field: string; readonly value: string } | null;
}

type Level = Readonly<Record<string, AggregationResult | unknown>>;

/** Reads the answer to `chartAggregations` into a tree whose root is the whole. */
export function readTree(spec: ChartSpec, aggregations: Level, total: number): BucketNode {
  return {
    key: "",
    label: "All",
    values: readValues(spec, aggregations, total),
    children: readLevel(spec, aggregations, 0),
    filter: null,
  };
}

function readLevel(spec: ChartSpec, level: Level, depth: number): BucketNode[] {
  const bucketing = spec.buckets[depth];
  const answer = level[`b${depth}`] as AggregationResult | undefined;
  if (bucketing === undefined || answer === undefined || !Array.isArray(answer.buckets)) return [];
  const nodes = (answer.buckets as readonly Bucket[]).map((bucket): BucketNode => {
    const missing = bucketing.missing !== null && bucket.key === MISSING_KEY;
    const text = bucket.key_as_string ?? String(bucket.key);
    return {
      key: bucket.key,
      label: missing ? (bucketing.missing ?? "") : text,
      values: readValues(spec, bucket, bucket.doc_count),
      children: readLevel(spec, bucket, depth + 1),
      filter: missing || bucketing.operation !== "terms" ? null : { field: bucketing.field, value: text },
    };
  });
  const rest = otherNode(spec, bucketing, answer);
  return rest === null ? nodes : [...nodes, rest];
}

/** What lies beyond a terms level's size. Known for counts alone: other metrics would need a second search. */
function otherNode(spec: ChartSpec, { other }: Bucketing, answer: AggregationResult): BucketNode | null {
  const count = answer.sum_other_doc_count ?? 0;
  if (other === null || count <= 0) return null;
  const values = spec.metrics.map(({ operation }) => (operation === "count" ? count : null));
  return { key: "__other__", label: other, values, children: [], filter: null };
}

function readValues(spec: ChartSpec, level: Level, count: number): (number | null)[] {
  return spec.metrics.map(({ operation }, index) => {
    if (operation === "count") return count;
    return (level[`m${index}`] as AggregationResult | undefined)?.value ?? null;
  });
}
