import type { VNode } from "preact";
import { formatCompact, formatNumber } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import { toSeries } from "../vis/series.ts";
import type { ChartProps } from "./chart-props.ts";
import { clipText } from "./label-text.ts";
import { measureLabel } from "./measure-label.ts";
import { colorsFor } from "./palette.ts";
import { clickable } from "./pie.tsx";
import { stack } from "./stack.ts";
import { orderSeries, WithLegend } from "./with-legend.tsx";

/** Bars lying on their side, a row a bucket: the form in which long names stay readable. */
export function Bars(props: ChartProps): VNode {
  const { spec, root, width, height, onFilter } = props;
  const { places, series: unordered } = toSeries(spec, root);
  const series = orderSeries(unordered);
  const names = series.length === 1 ? places.map(({ label }) => label) : series.map(({ name }) => name);
  const colors = colorsFor(names, spec.colors);
  return (
    <WithLegend series={series} colors={colors} shown={spec.showLegend} {...{ width, height, onFilter }}>
      {(plotWidth, plotHeight) => (
        <Rows {...props} width={plotWidth} height={plotHeight} {...{ places, series, colors }} />
      )}
    </WithLegend>
  );
}

interface RowsProps extends ChartProps {
  readonly places: ReturnType<typeof toSeries>["places"];
  readonly series: ReturnType<typeof toSeries>["series"];
  readonly colors: ReadonlyMap<string, string>;
}

function Rows({ spec, places, series, colors, width, height, onFilter }: RowsProps): VNode {
  const byPlace = series.length === 1;
  const stacked = spec.stacked || byPlace;
  const { bands, max } = stack(series, stacked);
  const rowHeight = Math.max(18, Math.min(34, (height - 8) / Math.max(1, places.length)));
  const longest = Math.max(...places.map(({ label }) => measureLabel(label)));
  const nameWidth = Math.min(longest + 14, 240, width * 0.45);
  const scale = (value: number) => (value / Math.max(max, 1)) * (width - nameWidth - 56);
  return (
    <div class="scroll">
      <svg
        width={width}
        height={Math.max(rowHeight * places.length + 4, 20)}
        role="group"
        aria-label={`Bars: ${spec.metrics[0]?.label ?? ""} by ${spec.buckets[0]?.label ?? ""}`}
      >
        {places.map((place, row) => {
          const total = series.reduce((sum, { values }) => sum + (values[row] ?? 0), 0);
          const name = safeText(shorten(place.label, 200).text);
          const single =
            colors.get(place.label)?.startsWith("var(--p-") === true ? colors.get(place.label) : "var(--c1)";
          return (
            <g
              key={String(place.key)}
              transform={`translate(0 ${row * rowHeight + 2})`}
              class="bar-row"
              {...clickable({ ...place, values: [], children: [] }, onFilter, null)}
            >
              <title>{`${name}: ${formatNumber(total)}`}</title>
              <rect class="bar-hit" width={width} height={rowHeight} />
              <text class="bar-name" x={nameWidth - 8} y={rowHeight / 2} text-anchor="end" dominant-baseline="central">
                {clipText(name, nameWidth - 12, measureLabel)}
              </text>
              {series.map((one, index) => {
                const { low, high } = bands[index]?.[row] ?? { low: 0, high: 0 };
                const color = byPlace ? (single ?? "var(--c1)") : (colors.get(one.name) ?? "var(--c1)");
                return (
                  <rect
                    key={one.name}
                    x={nameWidth + scale(low)}
                    y={3 + (stacked ? 0 : (index * (rowHeight - 6)) / series.length)}
                    width={Math.max(0, scale(high - low))}
                    height={stacked ? rowHeight - 6 : (rowHeight - 6) / series.length}
                    rx={byPlace ? 2 : 0}
                    fill={color}
                  />
                );
              })}
              <text
                class="bar-value"
                x={nameWidth + scale(stacked ? total : Math.max(...bands.map((band) => band[row]?.high ?? 0))) + 6}
                y={rowHeight / 2}
                dominant-baseline="central"
              >
                {formatCompact(total)}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
