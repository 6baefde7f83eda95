import type { VNode } from "preact";
import { formatCompact } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import type { BucketNode } from "../vis/tree.ts";
import type { ChartProps } from "./chart-props.ts";

export interface LegendItem {
  readonly name: string;
  readonly color: string;
  readonly value: number | null;
  readonly node: Pick<BucketNode, "filter"> | null;
}

/** Height of a line of a legend, with the gap below it. */
export const LEGEND_LINE = 23;

interface LegendProps {
  readonly items: readonly LegendItem[];
  /** Pixels that it may be high: it takes whole lines of them, and can be scrolled through. */
  readonly height: number;
  readonly onFilter: ChartProps["onFilter"];
}

/** Names and colours; a name that can be filtered by is a button. */
export function Legend({ items, height, onFilter }: LegendProps): VNode {
  const most = Math.max(1, Math.floor(height / LEGEND_LINE)) * LEGEND_LINE;
  return (
    <ul class="legend" aria-label="Legend" style={{ maxHeight: `${most}px` }}>
      {items.map(({ name, color, value, node }) => {
        const filter = node?.filter ?? null;
        const text = safeText(shorten(name, 80).text);
        const inside = (
          <>
            <i style={{ background: color }} />
            <span>{text}</span>
            {value !== null && <b>{formatCompact(value)}</b>}
          </>
        );
        return (
          <li key={name}>
            {filter === null || onFilter === null ? (
              <div title={text}>{inside}</div>
            ) : (
              <button type="button" title={`Filter by ${text}`} onClick={() => onFilter(filter.field, filter.value)}>
                {inside}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
