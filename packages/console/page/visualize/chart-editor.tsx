import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Field } from "../data/fields.ts";
import { Icon } from "../ui/icons.tsx";
import {
  type Bucketing,
  type BucketOperation,
  type ChartSpec,
  COUNT,
  type Metric,
  type MetricOperation,
  termsOn,
} from "../vis/spec.ts";

interface ChartEditorProps {
  readonly spec: ChartSpec;
  readonly fields: readonly Field[];
  readonly timeField: string | null;
  readonly changed: boolean;
  readonly onChange: (spec: ChartSpec) => void;
  readonly onApply: () => void;
  readonly onDiscard: () => void;
}

const METRICS: readonly (readonly [MetricOperation, string])[] = [
  ["count", "Count"],
  ["cardinality", "Unique count"],
  ["sum", "Sum"],
  ["avg", "Average"],
  ["min", "Min"],
  ["max", "Max"],
];

/** What is measured and how it's grouped, and how the chart looks. Nothing is searched for before Apply. */
export function ChartEditor(props: ChartEditorProps): VNode {
  const { spec, changed, onChange, onApply, onDiscard } = props;
  const [tab, setTab] = useState<"data" | "options">("data");
  const submit = (event: Event): void => {
    event.preventDefault();
    onApply();
  };
  return (
    <form class="chart-editor" aria-label="Chart" onSubmit={submit}>
      <div class="tabs">
        <button type="button" aria-pressed={tab === "data"} onClick={() => setTab("data")}>
          Data
        </button>
        <button type="button" aria-pressed={tab === "options"} onClick={() => setTab("options")}>
          Options
        </button>
        <span class="spacer" />
        <button type="button" class="button small" disabled={!changed} onClick={onDiscard}>
          Discard
        </button>
        <button type="submit" class="button primary small" disabled={!changed} title="Apply changes">
          <Icon name="play" /> Apply
        </button>
      </div>
      {tab === "data" ? <DataTab {...props} /> : <OptionsTab spec={spec} onChange={onChange} />}
    </form>
  );
}

function DataTab({ spec, fields, timeField, onChange }: ChartEditorProps): VNode {
  const setMetric = (at: number, metric: Metric): void =>
    onChange({ ...spec, metrics: spec.metrics.map((old, index) => (index === at ? metric : old)) });
  const setBucket = (at: number, bucket: Bucketing | null): void =>
    onChange({
      ...spec,
      buckets: spec.buckets.flatMap((old, index) => (index !== at ? [old] : bucket === null ? [] : [bucket])),
    });
  const isXy = ["bar", "horizontal_bar", "line", "area"].includes(spec.kind);
  const hasGroup = spec.buckets.some(({ role }) => role === "group");
  const add = (role: Bucketing["role"]): void => {
    const field = firstField(fields);
    const fresh = termsOn(field, role);
    onChange({
      ...spec,
      buckets:
        role === "group"
          ? [...spec.buckets, fresh]
          : [
              ...spec.buckets.filter((old) => old.role !== "group"),
              fresh,
              ...spec.buckets.filter((old) => old.role === "group"),
            ],
    });
  };
  return (
    <>
      <h3>Metrics</h3>
      {spec.metrics.map((metric, index) => (
        <MetricForm key={String(index)} metric={metric} fields={fields} onChange={(next) => setMetric(index, next)} />
      ))}
      {(spec.kind === "table" || spec.kind === "metric" || isXy) && (
        <button
          type="button"
          class="button small"
          onClick={() => onChange({ ...spec, metrics: [...spec.metrics, COUNT] })}
        >
          <Icon name="plus" /> Add metric
        </button>
      )}
      <h3>Buckets</h3>
      {spec.buckets.map((bucket, index) => (
        <BucketForm
          key={String(index)}
          bucket={bucket}
          spec={spec}
          fields={fields}
          timeField={timeField}
          onChange={(next) => setBucket(index, next)}
          onRemove={() => setBucket(index, null)}
        />
      ))}
      <div class="menu">
        {(!isXy || !spec.buckets.some(({ role }) => role === "segment")) && (
          <button type="button" class="button small" onClick={() => add("segment")}>
            <Icon name="plus" /> {isXy ? "Add X-axis" : spec.kind === "pie" ? "Split slices" : "Split rows"}
          </button>
        )}
        {isXy && !hasGroup && (
          <button type="button" class="button small" onClick={() => add("group")}>
            <Icon name="plus" /> Split series
          </button>
        )}
      </div>
    </>
  );
}

function firstField(fields: readonly Field[]): string {
  const names = fields.filter(({ groupBy, name }) => groupBy === name).map(({ name }) => name);
  return names.find((name) => name === "priority.keyword") ?? names[0] ?? "";
}

function MetricForm({
  metric,
  fields,
  onChange,
}: {
  readonly metric: Metric;
  readonly fields: readonly Field[];
  readonly onChange: (metric: Metric) => void;
}): VNode {
  const usable = fields.filter(
    (field) =>
      field.groupBy === field.name &&
      (metric.operation === "cardinality" || field.type === "number" || field.type === "date"),
  );
  const choose = (operation: MetricOperation): void => {
    const name = METRICS.find(([key]) => key === operation)?.[1] ?? operation;
    const field =
      operation === "count"
        ? null
        : (metric.field ?? usable[0]?.name ?? fields.find(({ type }) => type === "number")?.name ?? null);
    onChange({ operation, field, label: field === null ? "Count" : `${name} of ${field}` });
  };
  return (
    <fieldset class="form-box">
      <label>
        Aggregation
        <select value={metric.operation} onChange={(event) => choose(event.currentTarget.value as MetricOperation)}>
          {METRICS.map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {metric.operation !== "count" && (
        <FieldChoice
          fields={usable}
          value={metric.field ?? ""}
          onChange={(field) => onChange({ ...metric, field, label: `${metric.operation} of ${field}` })}
        />
      )}
      <label>
        Label
        <input value={metric.label} onInput={(event) => onChange({ ...metric, label: event.currentTarget.value })} />
      </label>
    </fieldset>
  );
}

interface BucketFormProps {
  readonly bucket: Bucketing;
  readonly spec: ChartSpec;
  readonly fields: readonly Field[];
  readonly timeField: string | null;
  readonly onChange: (bucket: Bucketing) => void;
  readonly onRemove: () => void;
}

function BucketForm({ bucket, spec, fields, timeField, onChange, onRemove }: BucketFormProps): VNode {
  const groupable = fields.filter((field) => field.groupBy === field.name);
  const usable = groupable.filter(
    ({ type }) => bucket.operation === "terms" || type === (bucket.operation === "histogram" ? "number" : "date"),
  );
  const chooseOperation = (operation: BucketOperation): void => {
    const field =
      operation === "date_histogram"
        ? (timeField ?? "")
        : operation === "histogram"
          ? (groupable.find(({ type }) => type === "number")?.name ?? "")
          : firstField(fields);
    onChange({
      ...bucket,
      operation,
      field,
      label: operation === "date_histogram" ? "Time" : field,
      interval: operation === "histogram" ? "10" : "auto",
    });
  };
  return (
    <fieldset class="form-box">
      <legend>
        {bucket.role === "group"
          ? "Split series"
          : spec.kind === "pie"
            ? "Slices"
            : spec.kind === "table"
              ? "Rows"
              : "Buckets"}
        <button type="button" class="button ghost small" aria-label="Remove this bucket" onClick={onRemove}>
          ✕
        </button>
      </legend>
      <label>
        Aggregation
        <select
          value={bucket.operation}
          onChange={(event) => chooseOperation(event.currentTarget.value as BucketOperation)}
        >
          <option value="terms">Terms</option>
          <option value="date_histogram">Date histogram</option>
          <option value="histogram">Histogram</option>
        </select>
      </label>
      <FieldChoice
        fields={usable}
        value={bucket.field}
        onChange={(field) =>
          onChange({ ...bucket, field, label: bucket.label === bucket.field ? field : bucket.label })
        }
      />
      {bucket.operation === "terms" ? (
        <TermsForm bucket={bucket} spec={spec} onChange={onChange} />
      ) : (
        <label>
          Interval
          <input
            value={bucket.interval}
            placeholder="auto, 30s, 5m, 1h, 1d"
            onInput={(event) => onChange({ ...bucket, interval: event.currentTarget.value })}
          />
        </label>
      )}
      <label>
        Label
        <input value={bucket.label} onInput={(event) => onChange({ ...bucket, label: event.currentTarget.value })} />
      </label>
    </fieldset>
  );
}

function TermsForm({ bucket, spec, onChange }: Pick<BucketFormProps, "bucket" | "spec" | "onChange">): VNode {
  return (
    <>
      <div class="pair">
        <label class="whole">
          Order by
          <select
            value={String(bucket.orderBy)}
            onChange={(event) =>
              onChange({
                ...bucket,
                orderBy: event.currentTarget.value === "key" ? "key" : Number(event.currentTarget.value),
              })
            }
          >
            {spec.metrics.map(({ label }, index) => (
              <option key={label} value={String(index)}>
                {label}
              </option>
            ))}
            <option value="key">Alphabetical</option>
          </select>
        </label>
        <label>
          Order
          <select
            value={bucket.descending ? "desc" : "asc"}
            onChange={(event) => onChange({ ...bucket, descending: event.currentTarget.value === "desc" })}
          >
            <option value="desc">Descending</option>
            <option value="asc">Ascending</option>
          </select>
        </label>
        <label>
          Size
          <input
            type="number"
            min="1"
            max="1000"
            value={bucket.size}
            onInput={(event) => onChange({ ...bucket, size: Math.max(1, Number(event.currentTarget.value) || 1) })}
          />
        </label>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={bucket.other !== null}
          onChange={(event) => onChange({ ...bucket, other: event.currentTarget.checked ? "Other" : null })}
        />
        Group other values in one bucket
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={bucket.missing !== null}
          onChange={(event) => onChange({ ...bucket, missing: event.currentTarget.checked ? "Missing" : null })}
        />
        Show events without the field
      </label>
    </>
  );
}

function FieldChoice({
  fields,
  value,
  onChange,
}: {
  readonly fields: readonly Field[];
  readonly value: string;
  readonly onChange: (field: string) => void;
}): VNode {
  const known = fields.some(({ name }) => name === value);
  return (
    <label>
      Field
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {!known && value !== "" && <option value={value}>{value}</option>}
        {fields.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function OptionsTab({
  spec,
  onChange,
}: {
  readonly spec: ChartSpec;
  readonly onChange: (spec: ChartSpec) => void;
}): VNode {
  const check = (label: string, key: "donut" | "showLabels" | "showLegend" | "stacked"): VNode => (
    <label class="check" key={key}>
      <input
        type="checkbox"
        checked={spec[key]}
        onChange={(event) => onChange({ ...spec, [key]: event.currentTarget.checked })}
      />
      {label}
    </label>
  );
  const pie = spec.kind === "pie";
  const xy = !pie && spec.kind !== "table" && spec.kind !== "metric";
  return (
    <>
      <h3>{pie ? "Pie settings" : "Settings"}</h3>
      {pie && check("Donut", "donut")}
      {pie && check("Show labels", "showLabels")}
      {(pie || xy) && check("Show legend", "showLegend")}
      {xy && check("Stacked", "stacked")}
      {!pie && !xy && <p class="hint">This kind of chart has no options.</p>}
    </>
  );
}
