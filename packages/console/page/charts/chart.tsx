import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import { timeInterval } from "../vis/request.ts";
import { toSeries } from "../vis/series.ts";
import { Bars } from "./bars.tsx";
import type { ChartProps } from "./chart-props.ts";
import { Columns } from "./columns.tsx";
import { colorsFor } from "./palette.ts";
import { Pie } from "./pie.tsx";
import { DataTable } from "./table.tsx";
import { fillBuckets, TimeSeries } from "./time-series.tsx";
import { orderSeries, WithLegend } from "./with-legend.tsx";

/** Draws a chart of any kind. */
export function Chart(props: ChartProps): VNode {
  const { spec, root } = props;
  const [first] = spec.buckets;
  if (spec.kind === "metric") return <BigNumbers {...props} />;
  if (root.values[0] === 0 || (first !== undefined && root.children.length === 0)) {
    return <p class="empty">No events in this time range</p>;
  }
  if (spec.kind === "pie") return <Pie {...props} />;
  if (spec.kind === "table") return <DataTable {...props} />;
  if (first?.operation === "date_histogram" && spec.kind !== "horizontal_bar") return <OverTime {...props} />;
  return spec.kind === "horizontal_bar" ? <Bars {...props} /> : <Columns {...props} />;
}

function OverTime(props: ChartProps): VNode {
  const { spec, root, range, width, height, onFilter, onTime } = props;
  const [first] = spec.buckets;
  if (first === undefined) return <p class="empty">Nothing to draw</p>;
  const interval = timeInterval(first, range);
  const table = toSeries(spec, root);
  const { starts, series } = fillBuckets(
    range,
    interval,
    table.places.map(({ key }) => key),
    orderSeries(table.series),
  );
  const colors = colorsFor(
    series.map(({ name }) => name),
    spec.colors,
  );
  const kind = spec.kind === "line" || spec.kind === "area" ? spec.kind : "bar";
  const label = spec.metrics[0]?.label ?? "Events";
  return (
    <WithLegend {...{ series, colors, width, height, onFilter }} shown={spec.showLegend}>
      {(plotWidth, plotHeight) => (
        <TimeSeries
          {...{ kind, series, starts, interval, range, colors, label, onTime }}
          stacked={spec.stacked}
          width={plotWidth}
          height={plotHeight}
        />
      )}
    </WithLegend>
  );
}

function BigNumbers({ spec, root }: ChartProps): VNode {
  const nodes = spec.buckets.length === 0 ? [root] : root.children;
  return (
    <div class="big-numbers">
      {nodes.map((node) =>
        spec.metrics.map(({ label }, index) => (
          <div key={`${node.key} ${label}`}>
            <b>{formatNumber(node.values[index] ?? 0)}</b>
            <span>{spec.buckets.length === 0 ? label : node.label}</span>
          </div>
        )),
      )}
    </div>
  );
}
