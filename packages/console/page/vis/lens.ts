import {
  type Bucketing,
  type ChartKind,
  type ChartSpec,
  COUNT,
  type Metric,
  type MetricOperation,
  termsOn,
} from "./spec.ts";

interface LensColumn {
  readonly label?: string;
  readonly operationType?: string;
  readonly sourceField?: string;
  readonly isBucketed?: boolean;
  readonly params?: {
    readonly size?: number;
    readonly interval?: string | number;
    readonly orderBy?: { readonly type?: string; readonly columnId?: string };
    readonly orderDirection?: string;
    readonly otherBucket?: boolean;
    readonly missingBucket?: boolean;
  };
}

interface LensLayer {
  readonly columnOrder?: readonly string[];
  readonly columns?: Readonly<Record<string, LensColumn>>;
}

/** The part of a Lens object's `state` that matters for drawing. */
export interface LensState {
  readonly datasourceStates?: Readonly<Record<string, { readonly layers?: Readonly<Record<string, LensLayer>> }>>;
  readonly visualization?: {
    readonly shape?: string;
    readonly preferredSeriesType?: string;
    readonly layers?: readonly {
      readonly seriesType?: string;
      readonly splitAccessor?: string;
      readonly categoryDisplay?: string;
    }[];
    readonly legend?: { readonly isVisible?: boolean };
  };
  readonly query?: { readonly query?: string; readonly language?: string };
  readonly filters?: readonly unknown[];
}

const OPERATIONS: Readonly<Record<string, MetricOperation>> = {
  count: "count",
  unique_count: "cardinality",
  sum: "sum",
  average: "avg",
  min: "min",
  max: "max",
};

/** Reads a `lens` object of one data layer: pie, donut, bars, lines, areas, metric, table. Throws an Error that says what can't be drawn. */
export function readLens(attributes: Readonly<Record<string, unknown>>): ChartSpec {
  const state = (attributes.state ?? {}) as LensState;
  const source = state.datasourceStates?.formBased ?? state.datasourceStates?.indexpattern;
  const [layer] = Object.values(source?.layers ?? {});
  if (layer === undefined) throw new Error("this Lens chart has no data layer that can be drawn here");
  const order = layer.columnOrder ?? Object.keys(layer.columns ?? {});
  const columns = order.flatMap((id) => (layer.columns?.[id] === undefined ? [] : [{ id, column: layer.columns[id] }]));
  const measures = columns.filter(({ column }) => column.isBucketed !== true);
  const [look] = state.visualization?.layers ?? [];
  const seriesType = look?.seriesType ?? state.visualization?.preferredSeriesType ?? "bar_stacked";
  const metrics = measures.map(({ column }) => readMetric(column));
  return {
    kind: kindOf(String(attributes.visualizationType), seriesType),
    metrics: metrics.length === 0 ? [COUNT] : metrics,
    buckets: columns
      .filter(({ column }) => column.isBucketed === true)
      .map(({ id, column }) =>
        readBucketing(
          column,
          look?.splitAccessor === id,
          measures.map((measure) => measure.id),
        ),
      )
      // Lens lists the split first; here the x axis comes first.
      .sort((a, b) => Number(a.role === "group") - Number(b.role === "group")),
    donut: state.visualization?.shape === "donut",
    showLabels: look?.categoryDisplay !== "hide",
    showLegend: state.visualization?.legend?.isVisible !== false,
    stacked: seriesType.includes("stacked"),
    colors: {},
  };
}

function kindOf(type: string, series: string): ChartKind {
  if (type === "lnsPie") return "pie";
  if (type === "lnsMetric" || type === "lnsLegacyMetric") return "metric";
  if (type === "lnsDatatable") return "table";
  if (type !== "lnsXY") throw new Error(`Lens charts of type ${type} are not drawn here`);
  if (series.startsWith("bar_horizontal")) return "horizontal_bar";
  if (series.startsWith("area")) return "area";
  return series === "line" ? "line" : "bar";
}

function readMetric(column: LensColumn): Metric {
  const operation = OPERATIONS[column.operationType ?? ""];
  if (operation === undefined)
    throw new Error(`the Lens operation ${column.operationType ?? "unknown"} is not drawn here`);
  const field = operation === "count" ? null : (column.sourceField ?? null);
  return { operation, field, label: column.label ?? operation };
}

function readBucketing(column: LensColumn, split: boolean, measureIds: readonly string[]): Bucketing {
  const { operationType: operation, sourceField = "", params = {} } = column;
  if (operation !== "terms" && operation !== "date_histogram") {
    throw new Error(`the Lens operation ${operation ?? "unknown"} is not drawn here`);
  }
  return {
    ...termsOn(sourceField, split ? "group" : "segment"),
    operation,
    label: column.label ?? sourceField,
    size: params.size ?? 5,
    orderBy:
      params.orderBy?.type === "alphabetical" ? "key" : Math.max(0, measureIds.indexOf(params.orderBy?.columnId ?? "")),
    descending: params.orderDirection !== "asc",
    other: params.otherBucket === true ? "Other" : null,
    missing: params.missingBucket === true ? "(missing)" : null,
    interval: params.interval === undefined ? "auto" : String(params.interval),
  };
}
