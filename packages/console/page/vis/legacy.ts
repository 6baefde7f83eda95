import type { Bucketing, BucketOperation, ChartKind, ChartSpec, Metric, MetricOperation } from "./spec.ts";

/** Kibana's aggregation-based visualisation: the `visState` of a `visualization` object, parsed. */
interface VisState {
  readonly title?: string;
  readonly type?: string;
  readonly aggs?: readonly VisAggregation[];
  readonly params?: Readonly<Record<string, unknown>>;
}

interface VisAggregation {
  readonly id: string;
  readonly enabled?: boolean;
  readonly type: string;
  readonly schema: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

const KINDS: Readonly<Record<string, ChartKind>> = {
  pie: "pie",
  histogram: "bar",
  horizontal_bar: "horizontal_bar",
  line: "line",
  area: "area",
  table: "table",
  metric: "metric",
  tagcloud: "horizontal_bar",
};
const VIS_TYPES: Readonly<Record<ChartKind, string>> = {
  pie: "pie",
  bar: "histogram",
  horizontal_bar: "horizontal_bar",
  line: "line",
  area: "area",
  table: "table",
  metric: "metric",
};
const METRICS: readonly string[] = ["count", "cardinality", "sum", "avg", "min", "max"];
const BUCKETS: readonly string[] = ["terms", "date_histogram", "histogram"];

/** Reads a `visualization`. Throws an Error that says what can't be drawn. */
export function readVisualization(attributes: Readonly<Record<string, unknown>>): ChartSpec {
  const state = JSON.parse(text(attributes.visState) ?? "{}") as VisState;
  const uiState = JSON.parse(text(attributes.uiStateJSON) ?? "{}") as { vis?: { colors?: Record<string, string> } };
  const kind = KINDS[state.type ?? ""];
  if (kind === undefined) throw new Error(`visualisations of type ${state.type ?? "unknown"} are not drawn here`);
  const aggregations = (state.aggs ?? []).filter((aggregation) => aggregation.enabled !== false);
  const measured = aggregations.filter(({ schema }) => schema === "metric");
  const metrics = measured.map(readMetric);
  const buckets = aggregations
    .filter(({ schema }) => schema !== "metric")
    .map((aggregation) =>
      readBucketing(
        aggregation,
        measured.map(({ id }) => id),
      ),
    );
  const params = state.params ?? {};
  const labels = record(params.labels);
  const [series] = Array.isArray(params.seriesParams) ? params.seriesParams : [];
  return {
    kind: kind === "bar" && record(series).type === "line" ? "line" : kind,
    metrics: metrics.length === 0 ? [{ operation: "count", field: null, label: "Count" }] : metrics,
    buckets,
    donut: params.isDonut === true,
    showLabels: labels.show === true,
    showLegend: params.addLegend !== false && params.legendDisplay !== "hide",
    stacked: record(series).mode !== "normal",
    colors: uiState.vis?.colors ?? {},
  };
}

function readMetric({ type, params = {} }: VisAggregation): Metric {
  if (!METRICS.includes(type)) throw new Error(`the metric ${type} is not drawn here`);
  const operation = type as MetricOperation;
  const field = text(params.field) ?? null;
  const fallback = operation === "count" ? "Count" : `${operation} of ${field ?? ""}`;
  return { operation, field, label: text(params.customLabel) ?? fallback };
}

function readBucketing({ type, schema, params = {} }: VisAggregation, metricIds: readonly string[]): Bucketing {
  if (!BUCKETS.includes(type)) throw new Error(`the bucket aggregation ${type} is not drawn here`);
  const field = text(params.field) ?? "";
  const by = text(params.orderBy) ?? "1";
  const interval = params.interval;
  return {
    operation: type as BucketOperation,
    field,
    label: text(params.customLabel) ?? field,
    role: schema === "group" ? "group" : "segment",
    size: typeof params.size === "number" ? params.size : Number(params.size ?? 5) || 5,
    orderBy: by === "_key" || by === "_term" ? "key" : Math.max(0, metricIds.indexOf(by)),
    descending: params.order !== "asc",
    other: params.otherBucket === true ? (text(params.otherBucketLabel) ?? "Other") : null,
    missing: params.missingBucket === true ? (text(params.missingBucketLabel) ?? "Missing") : null,
    include: text(params.include) ?? null,
    interval: typeof interval === "number" ? String(interval) : (text(interval) ?? "auto"),
  };
}

/** The `visState` and `uiStateJSON` of a chart, as Kibana 8 imports them. */
export function writeVisualization(title: string, spec: ChartSpec): { visState: string; uiStateJSON: string } {
  const metrics = spec.metrics.map((metric, index) => ({
    id: String(index + 1),
    enabled: true,
    type: metric.operation,
    schema: "metric",
    params: { ...(metric.field === null ? {} : { field: metric.field }), customLabel: metric.label },
  }));
  const buckets = spec.buckets.map((bucketing, index) => ({
    id: String(spec.metrics.length + index + 1),
    enabled: true,
    type: bucketing.operation,
    schema: spec.kind === "table" || spec.kind === "metric" ? bucketSchema(spec.kind) : bucketing.role,
    params: bucketParams(bucketing),
  }));
  const visState = { title, type: VIS_TYPES[spec.kind], aggs: [...metrics, ...buckets], params: visParams(spec) };
  const colors = Object.keys(spec.colors).length === 0 ? {} : { vis: { colors: spec.colors } };
  return { visState: JSON.stringify(visState), uiStateJSON: JSON.stringify(colors) };
}

function bucketSchema(kind: "table" | "metric"): string {
  return kind === "table" ? "bucket" : "group";
}

function bucketParams(bucketing: Bucketing): Record<string, unknown> {
  const common = { field: bucketing.field, customLabel: bucketing.label };
  if (bucketing.operation === "date_histogram") {
    return {
      ...common,
      interval: bucketing.interval,
      useNormalizedEsInterval: true,
      drop_partials: false,
      min_doc_count: 1,
      extended_bounds: {},
    };
  }
  if (bucketing.operation === "histogram")
    return { ...common, interval: Number(bucketing.interval) || 1, min_doc_count: false };
  return {
    ...common,
    orderBy: bucketing.orderBy === "key" ? "_key" : String(bucketing.orderBy + 1),
    order: bucketing.descending ? "desc" : "asc",
    size: bucketing.size,
    otherBucket: bucketing.other !== null,
    otherBucketLabel: bucketing.other ?? "Other",
    missingBucket: bucketing.missing !== null,
    missingBucketLabel: bucketing.missing ?? "Missing",
    ...(bucketing.include === null ? {} : { include: bucketing.include }),
  };
}

function visParams(spec: ChartSpec): Record<string, unknown> {
  const palette = { type: "palette", name: "default" };
  const legend = { addTooltip: true, addLegend: spec.showLegend, legendPosition: "right" };
  if (spec.kind === "pie") {
    const labels = {
      show: spec.showLabels,
      values: true,
      valuesFormat: "percent",
      percentDecimals: 1,
      last_level: true,
      truncate: 100,
    };
    return { type: "pie", ...legend, nestedLegend: false, isDonut: spec.donut, distinctColors: true, palette, labels };
  }
  if (spec.kind === "table")
    return {
      perPage: 10,
      showPartialRows: false,
      showMetricsAtAllLevels: false,
      showTotal: false,
      totalFunc: "sum",
      percentageCol: "",
    };
  if (spec.kind === "metric") {
    return {
      addTooltip: true,
      addLegend: false,
      type: "metric",
      metric: { percentageMode: false, labels: { show: true }, style: { fontSize: 60 } },
    };
  }
  const sideways = spec.kind === "horizontal_bar";
  const mark = spec.kind === "line" || spec.kind === "area" ? spec.kind : "histogram";
  const axis = { show: true, style: {}, labels: { show: true, filter: true, truncate: 100 } };
  return {
    type: mark,
    ...legend,
    grid: { categoryLines: false },
    categoryAxes: [
      {
        ...axis,
        id: "CategoryAxis-1",
        type: "category",
        position: sideways ? "left" : "bottom",
        scale: { type: "linear" },
        title: {},
      },
    ],
    valueAxes: [
      {
        ...axis,
        id: "ValueAxis-1",
        name: "LeftAxis-1",
        type: "value",
        position: sideways ? "bottom" : "left",
        scale: { type: "linear", mode: "normal" },
        title: { text: spec.metrics[0]?.label ?? "Count" },
      },
    ],
    seriesParams: spec.metrics.map(({ label }, index) => ({
      show: true,
      type: mark,
      mode: spec.stacked ? "stacked" : "normal",
      data: { id: String(index + 1), label },
      valueAxis: "ValueAxis-1",
      drawLinesBetweenPoints: true,
      lineWidth: 2,
      showCircles: true,
    })),
    times: [],
    addTimeMarker: false,
    labels: { show: spec.showLabels },
    palette,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}
