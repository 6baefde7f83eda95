import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import { formatShort } from "../time/format-time.ts";
import { Value } from "../ui/value.tsx";
import { toRows } from "../vis/rows.ts";
import type { BucketNode } from "../vis/tree.ts";
import type { ChartProps } from "./chart-props.ts";

/** A table of buckets; the first measure has a bar behind it. */
export function DataTable({ spec, root, onFilter }: ChartProps): VNode {
  const rows = toRows(spec, root);
  const max = Math.max(1, ...rows.map(({ values }) => values[0] ?? 0));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <div class="scroll" tabIndex={0}>
      <table class="data-table">
        <thead>
          <tr>
            {spec.buckets.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
            {spec.metrics.map(({ label }) => (
              <th key={label} scope="col" class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ path, values }) => (
            <tr key={path.map(({ key }) => key).join("\u0000")}>
              {path.map((node, depth) => (
                <td key={String(depth)}>
                  <Cell node={node} isTime={spec.buckets[depth]?.operation === "date_histogram"} onFilter={onFilter} />
                </td>
              ))}
              {values.map((value, index) => (
                <td key={String(index)} class="number">
                  {index === 0 && <i class="bar-behind" style={{ width: `${((value ?? 0) / max) * 100}%` }} />}
                  <span>{value === null ? "–" : formatNumber(value)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({
  node,
  isTime,
  onFilter,
}: {
  readonly node: BucketNode;
  readonly isTime: boolean;
  readonly onFilter: ChartProps["onFilter"];
}): VNode {
  if (isTime) return <span>{formatShort(Number(node.key))}</span>;
  const { filter } = node;
  if (filter === null || onFilter === null) return <Value value={node.label} limit={200} />;
  return (
    <button
      type="button"
      class="cell-button"
      title="Filter by this value"
      onClick={() => onFilter(filter.field, filter.value)}
    >
      <Value value={node.label} limit={200} />
    </button>
  );
}
