import type { ChartSpec } from "./spec.ts";
import type { BucketNode } from "./tree.ts";

export interface TableRow {
  /** One node a level, outermost first. */
  readonly path: readonly BucketNode[];
  readonly values: readonly (number | null)[];
}

/** The leaves of a tree as table rows. Without levels: one row with the whole. */
export function toRows(spec: ChartSpec, root: BucketNode): TableRow[] {
  if (spec.buckets.length === 0) return [{ path: [], values: root.values }];
  const rows: TableRow[] = [];
  const walk = (node: BucketNode, path: readonly BucketNode[]): void => {
    if (path.length === spec.buckets.length) rows.push({ path, values: node.values });
    else for (const child of node.children) walk(child, [...path, child]);
  };
  walk(root, []);
  return rows;
}
