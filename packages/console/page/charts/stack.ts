import type { Series } from "../vis/series.ts";

/** A bar or a piece of one: from `low` to `high` on the value axis. */
export interface StackedValue {
  readonly low: number;
  readonly high: number;
}

/** Where each series' values lie when they stand on each other (or all on the ground), and how high the highest goes. */
export function stack(
  series: readonly Series[],
  stacked: boolean,
): { readonly bands: readonly (readonly StackedValue[])[]; readonly max: number } {
  const heights: number[] = [];
  let max = 0;
  const bands = series.map(({ values }) =>
    values.map((value, place): StackedValue => {
      const low = stacked ? (heights[place] ?? 0) : 0;
      const high = low + Math.max(0, value);
      heights[place] = high;
      max = Math.max(max, high);
      return { low, high };
    }),
  );
  return { bands, max };
}
