import type { SavedObject } from "../data/saved-object.ts";
import type { IconName } from "../ui/icons.tsx";
import { readVisualization } from "../vis/legacy.ts";
import { readLens } from "../vis/lens.ts";
import type { ChartKind } from "../vis/spec.ts";

/** The forms a chart can take, as people choose between them: name, title, what it is good for. */
export const CHART_KINDS: readonly (readonly [ChartKind, string, string])[] = [
  ["pie", "Pie", "Shares of a whole"],
  ["bar", "Vertical bar", "Counts over time or by value"],
  ["horizontal_bar", "Horizontal bar", "Counts by long names"],
  ["line", "Line", "Values over time"],
  ["area", "Area", "Values over time, stacked"],
  ["table", "Data table", "Exact numbers"],
  ["metric", "Metric", "One big number"],
];

const CHART_ICONS: Readonly<Record<ChartKind, IconName>> = {
  pie: "visualize",
  bar: "bars",
  horizontal_bar: "barsFlat",
  line: "line",
  area: "line",
  table: "table",
  metric: "metric",
};

const TYPE_NAMES: Readonly<Record<string, string>> = {
  "index-pattern": "Data view",
  search: "Saved search",
  visualization: "Visualisation",
  lens: "Lens chart",
  dashboard: "Dashboard",
  query: "Query",
  tag: "Tag",
  links: "Links",
  map: "Map",
};

const TYPE_ICONS: Readonly<Record<string, IconName>> = { search: "search", dashboard: "dashboard" };

/** What a saved object is in a person's words, such as `Pie` or `Saved search`, and its picture. */
export function describeObject(object: SavedObject): { readonly name: string; readonly icon: IconName } {
  const kind = chartKind(object);
  if (kind === null) {
    return { name: TYPE_NAMES[object.type] ?? object.type, icon: TYPE_ICONS[object.type] ?? "visualize" };
  }
  return { name: CHART_KINDS.find(([name]) => name === kind)?.[1] ?? kind, icon: CHART_ICONS[kind] };
}

function chartKind(object: SavedObject): ChartKind | null {
  if (object.type !== "visualization" && object.type !== "lens") return null;
  try {
    return object.type === "lens" ? readLens(object.attributes).kind : readVisualization(object.attributes).kind;
  } catch {
    // Of a kind that only Kibana draws: the chart's own page says so.
    return null;
  }
}
