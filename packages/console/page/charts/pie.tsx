import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber, formatShare } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import type { ChartSpec } from "../vis/spec.ts";
import type { BucketNode } from "../vis/tree.ts";
import type { ChartProps } from "./chart-props.ts";
import { Legend } from "./legend.tsx";
import { colorsFor } from "./palette.ts";
import { layoutLabels, layoutPie, type Slice } from "./pie-layout.ts";

/** Width of a letter of a label, generously. */
const LETTER = 6.2;
/** How far out labels stand, in radii. */
const REACH = 1.2;

/** A pie or donut. A click or Enter on a slice filters by it. */
export function Pie({ spec, root, width, height, onFilter }: ChartProps): VNode {
  const [hover, setHover] = useState<Slice | null>(null);
  const legend = spec.showLegend && width > 420;
  const plotWidth = legend ? width - Math.max(150, Math.min(250, width * 0.28)) : width;
  const labels = spec.showLabels && plotWidth > 260;
  const longest = Math.max(...root.children.map(({ label }) => label.length)) * LETTER;
  const beside = labels ? Math.min(longest, plotWidth * 0.26) + 12 : 8;
  const radius = Math.max(24, Math.min(height / 2 - 14, (plotWidth / 2 - beside) / (labels ? REACH : 1)));
  const slices = layoutPie(root, { radius, donut: spec.donut, rings: Math.max(1, spec.buckets.length) });
  const colors = colorsFor(
    root.children.map(({ label }) => label),
    spec.colors,
  );
  const total = slices.filter(({ depth }) => depth === 0).reduce((sum, { value }) => sum + value, 0);
  const placed = labels ? layoutLabels(slices, { radius, height, lineHeight: 26 }) : [];
  const room = Math.floor((plotWidth / 2 - radius * REACH - 8) / LETTER);
  const describe = (slice: Slice) =>
    `${safeText(shorten(slice.node.label, 120).text)}: ${formatNumber(slice.value)} (${formatShare(slice.value, total)})`;
  return (
    <div class="chart-row">
      <svg
        class="pie"
        width={plotWidth}
        height={height}
        viewBox={`${-plotWidth / 2} ${-height / 2} ${plotWidth} ${height}`}
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
        {placed.map(({ slice, x, y, anchor, line }) => (
          <g key={`label ${slice.top.key} ${slice.node.key}`} class="slice-label" aria-hidden="true">
            <polyline points={line.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ")} />
            <text x={x} y={y - 6} text-anchor={anchor} dominant-baseline="central">
              <tspan>{safeText(clip(slice.node.label, room))}</tspan>
              <tspan class="faint" x={x} dy="12">
                {formatShare(slice.value, total)}
              </tspan>
            </text>
          </g>
        ))}
        {spec.donut && (
          <text class="donut-total" text-anchor="middle" dominant-baseline="central">
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
          onFilter={onFilter}
        />
      )}
    </div>
  );
}

function clip(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
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
