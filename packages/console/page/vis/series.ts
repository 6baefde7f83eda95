import type { ChartSpec } from "./spec.ts";
import type { BucketNode } from "./tree.ts";

/** A line, or the bars of one colour: a value for each place on the x axis. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
  readonly filter: BucketNode["filter"];
}

export interface SeriesTable {
  readonly places: readonly {
    readonly key: string | number;
    readonly label: string;
    readonly filter: BucketNode["filter"];
  }[];
  readonly series: readonly Series[];
}

/** Turns a tree into series: the first level is the x axis, a `group` level the series, else each metric is one. */
export function toSeries(spec: ChartSpec, root: BucketNode): SeriesTable {
  const [first] = spec.buckets;
  const grouped = spec.buckets.findIndex(({ role }) => role === "group");
  const nodes = first === undefined || (grouped === 0 && spec.buckets.length === 1) ? [root] : root.children;
  const places = nodes.map(({ key, label, filter }) => ({ key, label, filter }));
  if (grouped < 0) {
    const series = spec.metrics.map(({ label }, index) => ({
      name: label,
      values: nodes.map(({ values }) => values[index] ?? 0),
      filter: null,
    }));
    return { places, series };
  }
  const names = new Map<string, BucketNode["filter"]>();
  for (const node of nodes) for (const child of node.children) names.set(child.label, child.filter);
  const series = [...names].map(([name, filter]) => ({
    name,
    values: nodes.map((node) => node.children.find(({ label }) => label === name)?.values[0] ?? 0),
    filter,
  }));
  return { places, series };
}
