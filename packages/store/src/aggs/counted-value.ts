import type { Column } from "../columns/column.ts";
import type { Value } from "../values/value.ts";

/** How often each value of one segment's dictionary was counted. */
export interface SegmentCounts {
  readonly column: Column;
  /** By ordinal; read when it is needed where the segment itself knows them. */
  readonly counts: () => Uint32Array;
  /** Bytes that the counts take beyond what the segment has. */
  readonly bytes: number;
}

/** A value, and the documents that have it. */
export interface CountedValue {
  readonly key: Value;
  readonly count: number;
}

/** The count that the value of a rank has, by counting how many values have each count. */
export function countOfRank(counts: ArrayLike<number>, rank: number): number {
  const values = new Map<number, number>();
  for (let i = 1; i < counts.length; i++) {
    const count = counts[i] as number;
    values.set(count, (values.get(count) ?? 0) + 1);
  }
  let above = 0;
  for (const [count, many] of [...values].sort((a, b) => b[0] - a[0])) {
    above += many;
    if (above >= rank) {
      return count;
    }
  }
  return 0;
}
