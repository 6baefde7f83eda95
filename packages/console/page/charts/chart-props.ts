import type { ResolvedRange } from "../time/date-math.ts";
import type { ChartSpec } from "../vis/spec.ts";
import type { BucketNode } from "../vis/tree.ts";

/** What every chart is drawn from. Sizes are in pixels. */
export interface ChartProps {
  readonly spec: ChartSpec;
  readonly root: BucketNode;
  readonly width: number;
  readonly height: number;
  readonly range: ResolvedRange;
  /** Null where a click has nothing to filter. */
  readonly onFilter: ((field: string, value: string) => void) | null;
  /** A stretch of time was marked. */
  readonly onTime: ((from: number, to: number) => void) | null;
}
