import type { VNode } from "preact";
import type { Series } from "../vis/series.ts";
import type { ChartProps } from "./chart-props.ts";
import { LEGEND_LINE, Legend } from "./legend.tsx";
import { measureLabel } from "./measure-label.ts";
import { priorityRank } from "./palette.ts";

/** Beside a name: its colour, its number, the gaps. */
const BESIDE_NAME_PX = 92;

interface WithLegendProps extends Pick<ChartProps, "width" | "height" | "onFilter"> {
  readonly series: readonly Series[];
  readonly colors: ReadonlyMap<string, string>;
  readonly shown: boolean;
  /** Draws the chart into what the legend leaves, in pixels. */
  readonly children: (width: number, height: number) => VNode;
}

/** A chart with its series named: at its side, or under it where it's narrow. One series needs no legend. */
export function WithLegend({ series, colors, shown, width, height, onFilter, children }: WithLegendProps): VNode {
  const wanted = shown && series.length > 1;
  const beside = wanted && width > 480;
  const below = wanted && !beside && height >= 200;
  const longest = beside ? Math.max(...series.map(({ name }) => measureLabel(name))) : 0;
  const legendWidth = beside ? Math.min(longest + BESIDE_NAME_PX, Math.max(170, width * 0.3)) : 0;
  const legendHeight = below ? Math.min(Math.ceil(series.length / 2) * LEGEND_LINE, height * 0.35) : 0;
  return (
    <div class={`chart-row ${below ? "below" : ""}`} style={{ height: `${height}px` }}>
      {children(width - legendWidth, height - legendHeight)}
      {(beside || below) && (
        <Legend
          items={series.map(({ name, values, filter }) => ({
            name,
            color: colors.get(name) ?? "",
            value: sum(values),
            node: { filter },
          }))}
          height={below ? legendHeight : height}
          onFilter={onFilter}
        />
      )}
    </div>
  );
}

/** Priorities by how severe they are, which puts them at the bottom of a stack, and everything else by how much there is. */
export function orderSeries(series: readonly Series[]): Series[] {
  return series.toSorted((a, b) => priorityRank(a.name) - priorityRank(b.name) || sum(b.values) - sum(a.values));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
