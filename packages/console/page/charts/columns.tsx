import type { VNode } from "preact";
import { formatCompact, formatNumber } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import { toSeries } from "../vis/series.ts";
import type { ChartProps } from "./chart-props.ts";
import { clipText } from "./label-text.ts";
import { measureLabel } from "./measure-label.ts";
import { colorsFor } from "./palette.ts";
import { clickable } from "./pie.tsx";
import { valueTicks } from "./scale.ts";
import { stack } from "./stack.ts";
import { orderSeries, WithLegend } from "./with-legend.tsx";

const LEFT = 44;
const TOP = 8;
/** Names that don't fit under their columns stand aslant; this much of them is shown. */
const SLANTED_PX = 110;
const SLANT = 0.64;

/** Standing columns, a place for each bucket; split buckets stand on each other, or side by side. */
export function Columns(props: ChartProps): VNode {
  const { spec, root, width, height, onFilter } = props;
  const table = toSeries(spec, root);
  const series = orderSeries(table.series);
  const byPlace = series.length === 1;
  const names = byPlace ? table.places.map(({ label }) => label) : series.map(({ name }) => name);
  const colors = colorsFor(names, spec.colors);
  return (
    <WithLegend series={series} colors={colors} shown={spec.showLegend} {...{ width, height, onFilter }}>
      {(plotWidth, plotHeight) => (
        <Plot {...props} width={plotWidth} height={plotHeight} {...{ series, colors, byPlace }} places={table.places} />
      )}
    </WithLegend>
  );
}

interface PlotProps extends ChartProps {
  readonly places: ReturnType<typeof toSeries>["places"];
  readonly series: ReturnType<typeof toSeries>["series"];
  readonly colors: ReadonlyMap<string, string>;
  /** One series: the places have colours of their own where they are priorities. */
  readonly byPlace: boolean;
}

function Plot({ spec, places, series, colors, byPlace, width, height, onFilter }: PlotProps): VNode {
  const stacked = spec.stacked || byPlace;
  const { bands, max } = stack(series, stacked);
  const ticks = valueTicks(max, height < 160 ? 2 : 4);
  const top = ticks.at(-1) ?? 1;
  const step = (width - LEFT - 4) / Math.max(1, places.length);
  const longest = Math.max(0, ...places.map(({ label }) => measureLabel(label)));
  const flat = longest <= step - 6;
  const bottom = flat ? 20 : Math.min(longest, SLANTED_PX, height * 0.4) * SLANT + 18;
  const y = (value: number): number => TOP + (1 - value / top) * (height - TOP - bottom);
  const bar = Math.min(72, step * 0.78);
  const piece = stacked ? bar : bar / series.length;
  const describe = series.length > 1 ? ` by ${spec.buckets[1]?.label ?? ""}` : "";
  return (
    <svg
      width={width}
      height={height}
      role="group"
      aria-label={`Columns: ${spec.metrics[0]?.label ?? ""} by ${spec.buckets[0]?.label ?? ""}${describe}`}
    >
      {ticks.map((value) => (
        <g key={value} class="grid" aria-hidden="true">
          <line x1={LEFT} x2={width - 4} y1={y(value)} y2={y(value)} />
          <text x={LEFT - 6} y={y(value)} text-anchor="end" dominant-baseline="central">
            {formatCompact(value)}
          </text>
        </g>
      ))}
      {places.map((place, at) => {
        const middle = LEFT + step * (at + 0.5);
        const name = safeText(shorten(place.label, 200).text);
        const total = series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0);
        const own = colors.get(place.label);
        return (
          <g
            key={String(place.key)}
            class="bar-row"
            {...clickable({ ...place, values: [], children: [] }, onFilter, null)}
          >
            <title>{`${name}: ${formatNumber(total)}`}</title>
            <rect class="bar-hit" x={middle - step / 2} y={TOP} width={step} height={height - TOP - bottom} />
            {series.map((one, index) => {
              const { low, high } = bands[index]?.[at] ?? { low: 0, high: 0 };
              const single = own?.startsWith("var(--p-") === true ? own : "var(--c1)";
              return (
                <rect
                  key={one.name}
                  x={middle - bar / 2 + (stacked ? 0 : index * piece)}
                  y={y(high)}
                  width={Math.max(1, piece - (stacked ? 0 : 1))}
                  height={Math.max(high > low ? 1 : 0, y(low) - y(high))}
                  fill={byPlace ? single : (colors.get(one.name) ?? "var(--c1)")}
                />
              );
            })}
            {flat ? (
              <text class="bar-name" x={middle} y={height - 6} text-anchor="middle">
                {name}
              </text>
            ) : (
              <text
                class="bar-name"
                text-anchor="end"
                transform={`translate(${middle + 4} ${height - bottom + 12}) rotate(-40)`}
              >
                {clipText(name, Math.min(SLANTED_PX, height * 0.4), measureLabel)}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
