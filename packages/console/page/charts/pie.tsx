import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber, formatShare } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import type { ChartSpec } from "../vis/spec.ts";
import type { BucketNode } from "../vis/tree.ts";
import type { ChartProps } from "./chart-props.ts";
import { breakLabel } from "./label-text.ts";
import { LEGEND_LINE, Legend } from "./legend.tsx";
import { measureLabel } from "./measure-label.ts";
import { colorsFor } from "./palette.ts";
import { HOLE, LABEL_DISTANCE, layoutLabels, layoutPie, type Slice, type SliceLabel } from "./pie-layout.ts";

/** Of the plot's width, what a label may take at most. */
const LABEL_SHARE = 0.23;

/** A pie or donut. A click or Enter on a slice filters by it. */
export function Pie({ spec, root, width, height, onFilter }: ChartProps): VNode {
  const [hover, setHover] = useState<Slice | null>(null);
  const below = spec.showLegend && width <= 420 && height >= 260 && root.children.length > 5;
  const legend = below || (spec.showLegend && width > 420);
  const legendHeight = below ? Math.min(height * 0.45, root.children.length * LEGEND_LINE) : 0;
  const plotHeight = height - legendHeight;
  const plotWidth = legend && !below ? width - Math.max(150, Math.min(250, width * 0.28)) : width;
  const labels = spec.showLabels && plotWidth > 260 && !below;
  const longest = labels ? Math.max(...outerNodes(root, spec).map(({ label }) => measureLabel(label))) : 0;
  const beside = labels ? Math.min(longest, plotWidth * LABEL_SHARE) + LABEL_DISTANCE + 8 : 8;
  const radius = Math.max(24, Math.min(plotHeight / 2 - 14, plotWidth / 2 - beside));
  const slices = layoutPie(root, { radius, donut: spec.donut, rings: Math.max(1, spec.buckets.length) });
  const colors = colorsFor(
    root.children.map(({ label }) => label),
    spec.colors,
  );
  const total = slices.filter(({ depth }) => depth === 0).reduce((sum, { value }) => sum + value, 0);
  const placed = labels ? layoutLabels(slices, { radius, height: plotHeight, lineHeight: 26 }) : [];
  const room = plotWidth / 2 - radius - LABEL_DISTANCE - 6;
  const describe = (slice: Slice) =>
    `${safeText(shorten(slice.node.label, 120).text)}: ${formatNumber(slice.value)} (${formatShare(slice.value, total)})`;
  return (
    <div class={`chart-row ${below ? "below" : ""}`} style={{ height: `${height}px` }}>
      <svg
        class="pie"
        width={plotWidth}
        height={plotHeight}
        viewBox={`${-plotWidth / 2} ${-plotHeight / 2} ${plotWidth} ${plotHeight}`}
        role="group"
        aria-label={`Pie: ${summary(spec, root, total)}`}
      >
        {slices.map((slice) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: hovering only dims the others.
          <path
            key={`${slice.depth} ${slice.top.key} ${slice.node.key}`}
            d={slice.path}
            fill={colors.get(slice.top.label) ?? "var(--c1)"}
            fill-opacity={1 - slice.depth * 0.28}
            class={`slice ${hover !== null && hover.node !== slice.node ? "dim" : ""}`}
            {...clickable(slice.node, onFilter, describe(slice))}
            onMouseEnter={() => setHover(slice)}
            onMouseLeave={() => setHover(null)}
          >
            <title>{describe(slice)}</title>
          </path>
        ))}
        {placed.map((label) => (
          <PieLabel
            key={`label ${label.slice.top.key} ${label.slice.node.key}`}
            label={label}
            room={room}
            share={formatShare(label.slice.value, total)}
            whole={describe(label.slice)}
          />
        ))}
        {spec.donut && (
          <text
            class="donut-total"
            text-anchor="middle"
            dominant-baseline="central"
            style={{
              fontSize: `${Math.min(24, (radius * HOLE * 1.7) / (formatNumber(total).length * 0.62)).toFixed(1)}px`,
            }}
          >
            {formatNumber(total)}
          </text>
        )}
      </svg>
      {legend && (
        <Legend
          items={root.children.map((node) => ({
            name: node.label,
            color: colors.get(node.label) ?? "",
            value: node.values[0] ?? null,
            node,
          }))}
          height={below ? legendHeight : height}
          onFilter={onFilter}
        />
      )}
    </div>
  );
}

interface PieLabelProps {
  readonly label: SliceLabel;
  readonly room: number;
  readonly share: string;
  /** What hovering over it shows. */
  readonly whole: string;
}

/** Two lines beside the pie: the name, broken where it's long, and the share. */
function PieLabel({ label, room, share, whole }: PieLabelProps): VNode {
  const { slice, x, y, anchor, line } = label;
  const name = safeText(shorten(slice.node.label, 120).text);
  const [first, second] = breakLabel(name, room, measureLabel(` ${share}`), measureLabel);
  return (
    <g class="slice-label" aria-hidden="true">
      <title>{whole}</title>
      <polyline points={line.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ")} />
      <text x={x} y={y - 6} text-anchor={anchor} dominant-baseline="central">
        <tspan>{first}</tspan>
        <tspan x={x} dy="12.5">
          {second}
          <tspan class="faint">{second === "" ? share : ` ${share}`}</tspan>
        </tspan>
      </text>
    </g>
  );
}

/** The nodes of the outermost ring, which are those that have labels. */
function outerNodes(root: BucketNode, spec: ChartSpec): readonly BucketNode[] {
  let nodes = root.children;
  for (let ring = 1; ring < spec.buckets.length; ring += 1) nodes = nodes.flatMap(({ children }) => children);
  return nodes;
}

function summary(spec: ChartSpec, root: BucketNode, total: number): string {
  const parts = root.children.slice(0, 8).map(({ label, values }) => `${label} ${formatShare(values[0] ?? 0, total)}`);
  return `${spec.metrics[0]?.label ?? "Count"} by ${spec.buckets[0]?.label ?? "nothing"}. ${parts.join(", ")}`;
}

/** What makes a drawn thing a button, when there is something to filter by. Without a label its own text names it. */
export function clickable(
  node: BucketNode,
  onFilter: ChartProps["onFilter"],
  label: string | null,
): Record<string, unknown> {
  const { filter } = node;
  if (filter === null || onFilter === null) return label === null ? {} : { role: "img", "aria-label": label };
  return {
    role: "button",
    tabIndex: 0,
    ...(label === null ? {} : { "aria-label": `${label}. Filter by it` }),
    onClick: () => onFilter(filter.field, filter.value),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      onFilter(filter.field, filter.value);
    },
  };
}
